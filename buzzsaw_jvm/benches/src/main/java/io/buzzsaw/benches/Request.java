package io.buzzsaw.benches;

import java.nio.charset.StandardCharsets;

/**
 * One query with its candidates, made by the formula of the Rust example {@code jni_peer}.
 *
 * <p>On both sides a column is an array, and titles in UTF-8 lie one after another in one, as in an index.
 */
final class Request {
  static final long NOW = 1_760_000_000_000_000L;

  private static final long HOUR = 3_600_000_000L;
  private static final String[] SYLLABLES = {
    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy"
  };

  final Texts query;
  final Texts titles;
  final boolean[] priced;
  final double[] prices;
  final long[] releasedAt;

  /** The requests differ by their numbers; {@code utf8} says how their texts are held. */
  Request(int request, int count, boolean utf8) {
    long first = (long) request * count;
    String[] texts = new String[count];
    priced = new boolean[count];
    prices = new double[count];
    releasedAt = new long[count];
    for (int i = 0; i < count; i++) {
      long row = first + i;
      long cents = number(row, 29);
      texts[i] = words(row, 8 + row % 5);
      priced[i] = cents % 17 != 0;
      prices[i] = cents % 100_000 / 100.0;
      releasedAt[i] = NOW - number(row, 30) % 100_000 * HOUR;
    }
    query = new Texts(utf8, words(first, 2));
    titles = new Texts(utf8, texts);
  }

  int candidates() {
    return priced.length;
  }

  /** Texts in one of two forms; the other is null. */
  static final class Texts {
    final String[] strings;
    final byte[] utf8;
    /** Where each text starts in {@link #utf8}, and where the last ends. */
    final int[] starts;

    private Texts(boolean encoded, String... texts) {
      strings = encoded ? null : texts;
      utf8 = encoded ? String.join("", texts).getBytes(StandardCharsets.UTF_8) : null;
      starts = new int[texts.length + 1];
      for (int i = 0; i < texts.length; i++) {
        starts[i + 1] = starts[i] + texts[i].getBytes(StandardCharsets.UTF_8).length;
      }
    }
  }

  /** A number below 2^24 for a row and one of its 31 uses. */
  private static long number(long row, long usage) {
    return (row * 31 + usage) * 0x9e37_79b9_7f4a_7c15L >>> 40;
  }

  /** One of 4,096 words of three syllables; squaring makes some of them frequent. */
  private static String word(long row, long position) {
    long spread = number(row, position) & 4095;
    int at = (int) (spread * spread >> 12);
    return SYLLABLES[at & 15] + SYLLABLES[at >> 4 & 15] + SYLLABLES[at >> 8];
  }

  private static String words(long row, long count) {
    StringBuilder words = new StringBuilder();
    for (long position = 0; position < count; position++) {
      words.append(position == 0 ? "" : " ").append(word(row, position));
    }
    return words.toString();
  }
}
