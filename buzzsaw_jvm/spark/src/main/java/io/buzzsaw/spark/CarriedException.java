package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;

/**
 * A {@link BuzzsawException} on its way through Spark, which carries text only: its message, the backtrace of a panic
 * of the native library, and last the problems as JSON after a mark. {@code buzzsaw.spark.error_of} reads them back; so
 * do {@link FeatureTransform#problemsOf} and {@link FeatureTransform#backtraceOf}.
 */
public final class CarriedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What stands before the problems. */
  static final String MARK = "buzzsaw-problems:";

  /** What stands before the backtrace. */
  private static final String TRACE = "\nRust backtrace:\n";

  CarriedException(BuzzsawException failure) {
    super(failure.getMessage() + backtrace(failure) + "\n" + MARK + failure.problemsJson(), failure);
  }

  /** The problems in a text with the mark. */
  static String problemsIn(String text) {
    String rest = text.substring(text.indexOf(MARK) + MARK.length());
    int end = rest.indexOf('\n');
    return end < 0 ? rest : rest.substring(0, end);
  }

  /** The backtrace in a text with the mark; null when it has none. */
  static String backtraceIn(String text) {
    String before = text.substring(0, text.indexOf(MARK)).stripTrailing();
    int start = before.lastIndexOf(TRACE);
    return start < 0 ? null : before.substring(start + TRACE.length());
  }

  private static String backtrace(BuzzsawException failure) {
    String backtrace = failure.rustBacktrace();
    return backtrace == null ? "" : TRACE + backtrace.stripTrailing();
  }
}
