package io.buzzsaw.internal;

import java.io.ByteArrayOutputStream;

/**
 * Java's UTF-16 as UTF-8, with an unpaired surrogate as the three bytes that UTF-8 would have for it.
 *
 * <p>The core repairs those to one U+FFFD; {@link String#getBytes} would make a question mark of them, which is another
 * character and other bits.
 */
public final class Utf8Encoder {
  private static final int LONGEST = 4;

  private final byte[] scratch = new byte[4096];

  /** Where the text goes on after the scratch was filled. */
  private int next;

  /** An encoder with its own memory. */
  public Utf8Encoder() {}

  /**
   * Encodes text to an array of its own.
   *
   * @param text the text
   * @return its bytes
   */
  public static byte[] encode(CharSequence text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    Utf8Encoder encoder = new Utf8Encoder();
    while (encoder.next < text.length()) {
      bytes.write(encoder.scratch, 0, encoder.fill(text));
    }
    return bytes.toByteArray();
  }

  void append(CharSequence text, GrowableBuffer out) {
    next = 0;
    while (next < text.length()) {
      out.putBytes(scratch, 0, fill(text));
    }
  }

  private int fill(CharSequence text) {
    byte[] bytes = scratch;
    int length = text.length();
    int room = bytes.length - LONGEST;
    int at = 0;
    int i = next;
    for (; i < length && at <= room; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes[at++] = (byte) c;
      } else if (c < 0x800) {
        bytes[at++] = (byte) (0xC0 | c >> 6);
        bytes[at++] = (byte) (0x80 | c & 0x3F);
      } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        bytes[at++] = (byte) (0xF0 | point >> 18);
        bytes[at++] = (byte) (0x80 | point >> 12 & 0x3F);
        bytes[at++] = (byte) (0x80 | point >> 6 & 0x3F);
        bytes[at++] = (byte) (0x80 | point & 0x3F);
      } else {
        bytes[at++] = (byte) (0xE0 | c >> 12);
        bytes[at++] = (byte) (0x80 | c >> 6 & 0x3F);
        bytes[at++] = (byte) (0x80 | c & 0x3F);
      }
    }
    next = i;
    return at;
  }
}
