package io.buzzsaw.oracles;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.apache.lucene.util.Version;

/** Writes the automaton of Lucene's StandardTokenizer, as lines for {@code tools/lucene_tables.py}. Run by it. */
public final class StandardTokenizerTables {
    private StandardTokenizerTables() {}

    public static void main(String[] args) throws ReflectiveOperationException {
        Class<?> scanner = Class.forName("org.apache.lucene.analysis.standard.StandardTokenizerImpl");
        System.out.println("version " + Version.LATEST);
        Method classOf = scanner.getDeclaredMethod("zzCMap", int.class);
        classOf.setAccessible(true);
        StringBuilder classes = new StringBuilder("class");
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            classes.append(' ').append((int) classOf.invoke(null, c));
        }
        System.out.println(classes);
        for (String name : new String[] {"LEXSTATE", "ACTION", "ROWMAP", "TRANS", "ATTRIBUTE"}) {
            Field field = scanner.getDeclaredField("ZZ_" + name);
            field.setAccessible(true);
            StringBuilder line = new StringBuilder(name);
            for (int number : (int[]) field.get(null)) {
                line.append(' ').append(number);
            }
            System.out.println(line);
        }
    }
}
