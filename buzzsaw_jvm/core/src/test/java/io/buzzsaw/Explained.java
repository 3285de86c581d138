package io.buzzsaw;

/** Reads values out of explain's JSON, whose layout the core fixes. */
final class Explained {
  private Explained() {}

  /** The value of a step, as JSON text. */
  static String value(String json, String step) {
    int at = json.indexOf("\"" + step + "\":{\"transform\"");
    if (at < 0) {
      throw new AssertionError("no step " + step + " in " + json);
    }
    int start = json.indexOf("\"value\":", at) + "\"value\":".length();
    int depth = 0;
    boolean quoted = false;
    for (int i = start; i < json.length(); i++) {
      char c = json.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' || c == '{') {
        depth++;
      } else if (depth == 0 && (c == '}' || c == ',')) {
        return json.substring(start, i);
      } else if (c == ']' || c == '}') {
        depth--;
      }
    }
    throw new AssertionError("cut short: " + json);
  }

  /** The text behind a JSON string. */
  static String unquoted(String json) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < json.length() - 1; i++) {
      char c = json.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escaped = json.charAt(++i);
      int named = "bfnrt".indexOf(escaped);
      if (escaped == 'u') {
        text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        text.append(named < 0 ? escaped : "\b\f\n\r\t".charAt(named));
      }
    }
    return text.toString();
  }
}
