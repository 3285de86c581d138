package io.buzzsaw.internal;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Java's UTF-16 as UTF-8, with an unpaired surrogate as the three bytes that UTF-8 would have for it.
 *
 * <p>The core repairs those to one U+FFFD; {@link String#getBytes} would make a question mark of them, which is another
 * character and other bits. Without a question mark in its bytes it made none, and they are right; it is several times
 * as fast as the loop here.
 */
public final class Utf8Encoder {
  private static final int LONGEST = 4;
  private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long QUESTION_MARKS = '?' * ONES;

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
    if (text instanceof String) {
      byte[] bytes = ((String) text).getBytes(StandardCharsets.UTF_8);
      if (!hasQuestionMark(bytes)) {
        out.putBytes(bytes, 0, bytes.length);
        return;
      }
    }
    int before = out.size();
    next = 0;
    try {
      while (next < text.length()) {
        out.putBytes(scratch, 0, fill(text));
      }
    } catch (RuntimeException | Error e) {
      // Text of the caller's own kind may throw; the next value must not begin with what there was of it.
      out.truncate(before);
      throw e;
    }
  }

  /** Looks at eight bytes at once: of those that equal the mark, the difference has a zero byte, which borrows. */
  private static boolean hasQuestionMark(byte[] bytes) {
    int at = 0;
    for (; at <= bytes.length - Long.BYTES; at += Long.BYTES) {
      long difference = (long) LONGS.get(bytes, at) ^ QUESTION_MARKS;
      if ((difference - ONES & ~difference & ONES << 7) != 0) {
        return true;
      }
    }
    for (; at < bytes.length; at++) {
      if (bytes[at] == '?') {
        return true;
      }
    }
    return false;
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
