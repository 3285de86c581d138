package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;

/**
 * A {@link BuzzsawException} on its way through Spark, which carries text only: its message, the backtrace of a panic
 * of the native library, and last the problems as JSON after a mark. {@code buzzsaw.spark.error_of} reads them back; so
 * does {@link FeatureTransform#problemsOf}.
 */
public final class CarriedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What stands before the problems. */
  static final String MARK = "buzzsaw-problems:";

  CarriedException(BuzzsawException failure) {
    super(failure.getMessage() + backtrace(failure) + "\n" + MARK + failure.problemsJson(), failure);
  }

  private static String backtrace(BuzzsawException failure) {
    String backtrace = failure.rustBacktrace();
    return backtrace == null ? "" : "\nRust backtrace:\n" + backtrace.stripTrailing();
  }
}
