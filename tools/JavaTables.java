// Writes what the running JDK says about code points and words, as lines for tools/java_tables.py. Run by it.

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.text.BreakIterator;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

public final class JavaTables {
    private static final String SIGMA = "\u03a3";

    private static boolean all(IntPredicate predicate, String name) {
        StringBuilder line = new StringBuilder(name);
        int start = -1;
        for (int c = 0; c <= 0x110000; c++) {
            boolean member = c < 0x110000 && !(c >= 0xD800 && c <= 0xDFFF) && predicate.test(c);
            if (member && start < 0) {
                start = c;
            } else if (!member && start >= 0) {
                line.append(' ').append(start).append('-').append(c - 1);
                start = -1;
            }
        }
        System.out.println(line);
        return true;
    }

    private static Field field(Class<?> of, String name) throws Exception {
        Field field = of.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static void numbers(String name, Object array) {
        StringBuilder line = new StringBuilder(name);
        for (int i = 0; i < java.lang.reflect.Array.getLength(array); i++) {
            Object item = java.lang.reflect.Array.get(array, i);
            line.append(' ').append(item instanceof Boolean b ? (b ? 1 : 0) : ((Number) item).intValue());
        }
        System.out.println(line);
    }

    public static void main(String[] args) throws Exception {
        System.out.println("version " + Runtime.version().feature());
        for (String name : new String[] {"s", "w", "pL", "pN"}) {
            String regex = name.startsWith("p") ? "\\p{" + name.substring(1) + "}" : "\\" + name;
            Pattern pattern = Pattern.compile(regex);
            all(c -> pattern.matcher(Character.toString(c)).matches(), name);
        }
        for (int c = 0x80; c < 0x110000; c++) {
            if (c >= 0xD800 && c <= 0xDFFF) {
                continue;
            }
            String lower = Character.toString(c).toLowerCase(Locale.ROOT);
            if (!lower.equals(Character.toString(c))) {
                StringBuilder line = new StringBuilder("lower " + c);
                lower.codePoints().forEach(point -> line.append(' ').append(point));
                System.out.println(line);
            }
        }
        // What the rule of the final sigma takes for a cased letter, and the automaton of word boundaries that it asks.
        Class<?> casing = Class.forName("java.lang.ConditionalSpecialCasing");
        Method isCased = casing.getDeclaredMethod("isCased", int.class);
        isCased.setAccessible(true);
        all(c -> {
            try {
                return (boolean) isCased.invoke(null, c);
            } catch (ReflectiveOperationException error) {
                throw new IllegalStateException(error);
            }
        }, "cased");
        BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
        Class<?> rules = words.getClass();
        while (!rules.getSimpleName().equals("RuleBasedBreakIterator")) {
            rules = rules.getSuperclass();
        }
        Method category = rules.getDeclaredMethod("lookupCategory", int.class);
        category.setAccessible(true);
        StringBuilder line = new StringBuilder("category");
        for (int c = 0; c < 0x110000; c++) {
            line.append(' ').append((int) category.invoke(words, c));
        }
        System.out.println(line);
        for (String name : new String[] {"stateTable", "backwardsStateTable", "endStates", "lookaheadStates"}) {
            numbers(name, field(rules, name).get(words));
        }
        System.out.println("categories " + field(rules, "numCategories").get(words));
    }
}
