package io.buzzsaw.benches;

/** One query with its candidates, made by the formula of the Rust example {@code jni_peer}. */
final class Request {
  static final long NOW = 1_760_000_000_000_000L;

  private static final long HOUR = 3_600_000_000L;
  private static final String[] SYLLABLES = {
    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy"
  };

  final String query;
  final Candidate[] candidates;

  Request(int request, int count) {
    long first = (long) request * count;
    query = words(first, 2);
    candidates = new Candidate[count];
    for (int i = 0; i < count; i++) {
      candidates[i] = new Candidate(first + i);
    }
  }

  static final class Candidate {
    final String title;
    final boolean priced;
    final double price;
    final long releasedAt;

    Candidate(long row) {
      long cents = number(row, 29);
      title = words(row, 8 + row % 5);
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
