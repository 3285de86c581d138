package io.buzzsaw.oracles;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the FNV-1a hash of what a tokenizer of {@link Tokenize} makes of every code point in contexts: the UTF-8 of each token
 * and a byte FE, and a byte FF after each text. The first argument names the tokenizer, the others are the contexts, where
 * {@code @} stands for the code point.
 */
public final class Hashes {
    private Hashes() {}

    public static void main(String[] args) throws IOException {
        Tokenize.Splitter splitter = Tokenize.splitter(args[0]);
        List<String> contexts = List.of(args).subList(1, args.length);
        long hash = 0xcbf29ce484222325L;
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            String character = Character.toString(c);
            for (String context : contexts) {
                for (String token : splitter.split(context.replace("@", character))) {
                    for (byte b : token.getBytes(StandardCharsets.UTF_8)) {
                        hash = step(hash, b & 0xFF);
                    }
                    hash = step(hash, 0xFE);
                }
                hash = step(hash, 0xFF);
            }
        }
        System.out.printf("%016x%n", hash);
    }

    private static long step(long hash, int b) {
        return (hash ^ b) * 0x100000001b3L;
    }
}
