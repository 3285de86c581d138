package io.buzzsaw;

import java.io.Serializable;
import java.util.Objects;

/** One thing that is wrong, with its place and a hint how to mend it. */
public final class Problem implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The stable code. */
  private final String code;

  /** What is wrong. */
  private final String message;

  /** Where, or empty. */
  private final String place;

  /** How to mend it, or empty. */
  private final String hint;

  /**
   * A problem.
   *
   * @param code the stable code, such as {@code BZ_MISSING_INPUT}
   * @param message what is wrong, one sentence without the place
   * @param place where, as a path such as {@code steps.title_bm25.inputs[1]}; empty when there is no narrower place
   * @param hint how to mend it; empty when there is nothing to add
   */
  public Problem(String code, String message, String place, String hint) {
    this.code = Objects.requireNonNull(code);
    this.message = Objects.requireNonNull(message);
    this.place = Objects.requireNonNull(place);
    this.hint = Objects.requireNonNull(hint);
  }

  /**
   * The stable code.
   *
   * @return such as {@code BZ_MISSING_INPUT}
   */
  public String code() {
    return code;
  }

  /**
   * What is wrong.
   *
   * @return one sentence without the place
   */
  public String message() {
    return message;
  }

  /**
   * Where it is wrong.
   *
   * @return a path such as {@code steps.title_bm25.inputs[1]}, or empty
   */
  public String place() {
    return place;
  }

  /**
   * How to mend it.
   *
   * @return a hint, or empty
   */
  public String hint() {
    return hint;
  }

  /** {@code BZ_CODE: place: message (hint)}, as every runtime writes it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(code).append(": ");
    if (!place.isEmpty()) {
      text.append(place).append(": ");
    }
    text.append(message);
    if (!hint.isEmpty()) {
      text.append(" (").append(hint).append(')');
    }
    return text.toString();
  }

  void appendJson(StringBuilder json) {
    json.append("{\"code\":");
    appendQuoted(json, code);
    json.append(",\"message\":");
    appendQuoted(json, message);
    json.append(",\"place\":");
    appendQuoted(json, place);
    json.append(",\"hint\":");
    appendQuoted(json, hint);
    json.append('}');
  }

  private static void appendQuoted(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int named = "\"\\\b\f\n\r\t".indexOf(c);
      if (named >= 0) {
        json.append('\\').append("\"\\bfnrt".charAt(named));
      } else if (c < 0x20) {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
