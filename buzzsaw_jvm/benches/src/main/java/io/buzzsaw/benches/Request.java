package io.buzzsaw.benches;

import java.nio.charset.StandardCharsets;

/** One query with its candidates, made by the formula of the Rust example {@code jni_peer}. */
final class Request {
  static final long NOW = 1_760_000_000_000_000L;

  private static final long HOUR = 3_600_000_000L;
  private static final String[] SYLLABLES = {
    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy"
  };

  final Text query;
  final Candidate[] candidates;

  /** The requests differ by their numbers; {@code utf8} says how their texts are held. */
  Request(int request, int count, boolean utf8) {
    long first = (long) request * count;
    query = new Text(words(first, 2), utf8);
    candidates = new Candidate[count];
    for (int i = 0; i < count; i++) {
      candidates[i] = new Candidate(first + i, utf8);
    }
  }

  /** A text in one of two forms; the other is null. */
  static final class Text {
    final String string;
    final byte[] utf8;

    private Text(String text, boolean encoded) {
      string = encoded ? null : text;
      utf8 = encoded ? text.getBytes(StandardCharsets.UTF_8) : null;
    }
  }

  static final class Candidate {
    final Text title;
    final boolean priced;
    final double price;
    final long releasedAt;

    private Candidate(long row, boolean utf8) {
      long cents = number(row, 29);
      title = new Text(words(row, 8 + row % 5), utf8);
      priced = cents % 17 != 0;
      price = cents % 100_000 / 100.0;
      releasedAt = NOW - number(row, 30) % 100_000 * HOUR;
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
