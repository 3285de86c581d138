package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Java's text against its definition: a valid string's own UTF-8, after one U+FFFD for each unpaired surrogate. */
class TextTest {
  private static String repaired(String text) {
    StringBuilder valid = new StringBuilder();
    text.codePoints().forEach(point -> valid.appendCodePoint(point >= 0xD800 && point <= 0xDFFF ? 0xFFFD : point));
    return valid.toString();
  }

  private static long[] fingerprints(Pipeline pipeline, String text) {
    byte[] reference = repaired(text).getBytes(StandardCharsets.UTF_8);
    try (Batch batch = pipeline.newBatch()) {
      batch.setString("title", text);
      batch.endRow();
      batch.setUtf8("title", reference, 0, reference.length);
      batch.endRow();
      batch.setString("title", new StringBuilder(text));
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      return new long[] {matrix.fingerprint(0), matrix.fingerprint(1), matrix.fingerprint(2)};
    }
  }

  @Test
  void unpairedSurrogatesBecomeOneReplacementEach() {
    String[] texts = {
      "a\uD800b", "a\uDC00b", "\uD800", "\uDFFF\uD800", "\uD83D\uD83D\uDE42\uDE42", "x\uDBFF", "\uD800\uD800\uDC00"
    };
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      for (String text : texts) {
        long[] found = fingerprints(pipeline, text);
        assertEquals(found[1], found[0], repaired(text));
        batch.clear();
        batch.setString("title", text);
        batch.endRow();
        String words = Explained.value(pipeline.explain(batch, 0), "words");
        assertEquals(repaired(text), Explained.unquoted(words.substring(1, words.length() - 1)));
        byte[] marked = text.getBytes(StandardCharsets.UTF_8);
        batch.clear();
        batch.setUtf8("title", marked, 0, marked.length);
        batch.endRow();
        assertNotEquals(found[0], pipeline.transform(batch).fingerprint(0), "getBytes gives another character");
      }
    }
  }

  @Test
  void textOfEveryPlaneAndLengthIsTheSameBytes() {
    Random random = new Random(7);
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
      for (int round = 0; round < 300; round++) {
        StringBuilder text = new StringBuilder();
        int length = round < 200 ? random.nextInt(60) : 3000 + random.nextInt(9000);
        for (int i = 0; i < length; i++) {
          switch (random.nextInt(6)) {
            case 0:
              text.append((char) random.nextInt(0x80));
              break;
            case 1:
              text.append((char) random.nextInt(0x800));
              break;
            case 2:
              text.append((char) (0xD800 + random.nextInt(0x800)));
              break;
            case 3:
              text.appendCodePoint(0x10000 + random.nextInt(0x100000));
              break;
            default:
              text.append((char) random.nextInt(0x10000));
              break;
          }
        }
        long[] found = fingerprints(pipeline, text.toString());
        assertEquals(found[1], found[0], "round " + round);
        assertEquals(found[1], found[2], "round " + round);
      }
    }
  }

  /** As text of a caller's own kind, which another thread may shorten meanwhile. */
  private static final class Broken implements CharSequence {
    @Override
    public int length() {
      return 10_000;
    }

    @Override
    public char charAt(int index) {
      if (index > 6_000) {
        throw new IllegalStateException("no more");
      }
      return 'x';
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void textThatThrowsLeavesNothingOfItself() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      assertThrows(IllegalStateException.class, () -> batch.setString("title", new Broken()));
      batch.setString("title", "usb cable");
      batch.endRow();
      String words = Explained.value(pipeline.explain(batch, 0), "words");
      assertEquals("[\"usb\",\"cable\"]", words);
    }
  }

  @Test
  void nulIsACharacterAndEmptyIsNotMissing() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      batch.setString("title", "a\0b");
      batch.endRow();
      batch.setString("title", "");
      batch.endRow();
      batch.endRow();
      String words = Explained.value(pipeline.explain(batch, 0), "words");
      assertEquals("a\0b", Explained.unquoted(words.substring(1, words.length() - 1)));
      assertEquals("[]", Explained.value(pipeline.explain(batch, 1), "words"));
      assertEquals("null", Explained.value(pipeline.explain(batch, 2), "words"));
    }
  }
}
