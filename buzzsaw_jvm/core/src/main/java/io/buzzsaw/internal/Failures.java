package io.buzzsaw.internal;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Problem;
import java.util.List;

/** The exceptions that Java itself finds reason for. */
public final class Failures {
  private Failures() {}

  /**
   * A value or a call that is out of place.
   *
   * @param place where
   * @param message what is wrong
   * @param hint how to mend it
   * @return {@code BZ_INVALID_VALUE}
   */
  public static BuzzsawException invalid(String place, String message, String hint) {
    return failure("BZ_INVALID_VALUE", place, message, hint);
  }

  /**
   * An object that was closed.
   *
   * @param what the kind of object, which is the place too
   * @return {@code BZ_CLOSED}
   */
  public static BuzzsawException closed(String what) {
    return failure("BZ_CLOSED", what, "the " + what + " is closed", "open it again, and close it after its last use");
  }

  static BuzzsawException mismatch(String place, String type, String given) {
    String message = "the input is " + type + "; " + given + " was given";
    return failure("BZ_TYPE_MISMATCH", place, message, "convert the value, or change the input's type in the spec");
  }

  static BuzzsawException limit(String message, String hint) {
    return failure("BZ_RESOURCE_LIMIT", "batch", message, hint);
  }

  static BuzzsawException failure(String code, String place, String message, String hint) {
    return ErrorTable.exception(code, List.of(new Problem(code, message, place, hint)), null);
  }
}
