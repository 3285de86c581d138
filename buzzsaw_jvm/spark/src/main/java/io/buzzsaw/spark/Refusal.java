package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Problem;
import io.buzzsaw.internal.ErrorTable;
import java.util.List;

/** The exceptions that this module itself finds reason for. */
final class Refusal {
  private Refusal() {}

  /** Throws the problems, if any. */
  static void check(List<Problem> problems) {
    if (!problems.isEmpty()) {
      throw ErrorTable.exception(problems.get(0).code(), problems, null);
    }
  }

  /** An exception of one problem. */
  static BuzzsawException of(String code, String message, String place, String hint) {
    return ErrorTable.exception(code, List.of(new Problem(code, message, place, hint)), null);
  }

  /** {@code BZ_INVALID_VALUE}. */
  static BuzzsawException invalid(String message, String place, String hint) {
    return of("BZ_INVALID_VALUE", message, place, hint);
  }

  /** Of Spark Connect, for what {@code found} says. */
  static BuzzsawException ofConnect(String found, String place) {
    return invalid(
        found + ", and the client of Spark Connect cannot add operators to a plan",
        place,
        "use a classic session, or the SQL function buzzsaw_transform where the server has the extension");
  }

  /** The exception, with its cause. */
  static BuzzsawException because(Exception cause, BuzzsawException failure) {
    failure.initCause(cause);
    return failure;
  }
}
