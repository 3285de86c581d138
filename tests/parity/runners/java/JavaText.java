/** Bytes as Java strings, where that keeps what the core will make of them, and how often it did. */
final class JavaText {
  /** How many texts there were. */
  long texts;

  /** How many of them were strings. */
  long strings;

  /** How many of the strings had an unpaired surrogate. */
  long unpaired;

  /**
   * The string of valid UTF-8, in which a surrogate encoded by itself becomes an unpaired one.
   *
   * @return null for other invalid bytes, and for two surrogates that would make a pair
   */
  String of(byte[] bytes) {
    texts++;
    boolean alone = false;
    StringBuilder text = new StringBuilder(bytes.length);
    for (int at = 0; at < bytes.length; ) {
      int lead = bytes[at] & 0xFF;
      int length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
      if (length == 0 || at + length > bytes.length) {
        return null;
      }
      int point = length == 1 ? lead : lead & (0x7F >> length);
      for (int i = 1; i < length; i++) {
        if ((bytes[at + i] & 0xC0) != 0x80) {
          return null;
        }
        point = point << 6 | bytes[at + i] & 0x3F;
      }
      int least = length == 3 ? 0x800 : length == 4 ? 0x10000 : 0;
      if (point < least || point > 0x10FFFF) {
        return null;
      }
      int before = text.length() - 1;
      if (point >= 0xDC00 && point <= 0xDFFF && before >= 0 && Character.isHighSurrogate(text.charAt(before))) {
        return null;
      }
      alone |= point >= 0xD800 && point <= 0xDFFF;
      text.appendCodePoint(point);
      at += length;
    }
    strings++;
    unpaired += alone ? 1 : 0;
    return text.toString();
  }
}
