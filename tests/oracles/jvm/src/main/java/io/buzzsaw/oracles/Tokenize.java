package io.buzzsaw.oracles;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/**
 * Reads one text a line, as the Base64 of its UTF-8, and writes what the tokenizer named by the first argument makes of it: the
 * tokens of the line, each as the Base64 of its UTF-8, with a space before each.
 *
 * <p>{@code lucene}: Lucene's StandardTokenizer. {@code java_lower}: one token, {@code toLowerCase(Locale.ROOT)}.
 * {@code java_split}: that, split at {@code \s}, as Spark ML's Tokenizer. {@code regex}, {@code lower} or {@code kept}, {@code
 * gaps} or {@code matches}, a pattern and {@code minTokenLength}: as Spark ML's RegexTokenizer.
 */
public final class Tokenize {
    private Tokenize() {}

    interface Splitter {
        List<String> split(String text) throws IOException;
    }

    public static void main(String[] args) throws IOException {
        Splitter splitter = splitter(args);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.US_ASCII);
        Base64.Encoder encoder = Base64.getEncoder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String text = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            StringBuilder row = new StringBuilder();
            for (String token : splitter.split(text)) {
                row.append(' ').append(encoder.encodeToString(token.getBytes(StandardCharsets.UTF_8)));
            }
            out.print(row.append('\n'));
        }
        out.flush();
    }

    static Splitter splitter(String... args) {
        return switch (args[0]) {
            case "lucene" -> lucene();
            case "java_lower" -> text -> List.of(text.toLowerCase(Locale.ROOT));
            case "java_split" -> text -> List.of(text.toLowerCase(Locale.ROOT).split("\\s"));
            case "regex" -> regex(args[1].equals("lower"), args[2].equals("gaps"), Pattern.compile(args[3]), Integer.parseInt(args[4]));
            default -> throw new IllegalArgumentException(args[0]);
        };
    }

    private static Splitter regex(boolean lower, boolean gaps, Pattern pattern, int least) {
        return original -> {
            String text = lower ? original.toLowerCase(Locale.ROOT) : original;
            List<String> found = new ArrayList<>();
            if (gaps) {
                found.addAll(List.of(pattern.split(text)));
            } else {
                for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
                    found.add(matcher.group());
                }
            }
            found.removeIf(token -> token.length() < least);
            return found;
        };
    }

    private static Splitter lucene() {
        Tokenizer tokenizer = new StandardTokenizer();
        CharTermAttribute term = tokenizer.addAttribute(CharTermAttribute.class);
        return text -> {
            List<String> tokens = new ArrayList<>();
            tokenizer.setReader(new StringReader(text));
            tokenizer.reset();
            while (tokenizer.incrementToken()) {
                tokens.add(term.toString());
            }
            tokenizer.end();
            tokenizer.close();
            return tokens;
        };
    }
}
