package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Problem;
import io.buzzsaw.ResourceLimitException;
import java.io.Serializable;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.network.util.JavaUtils;
import org.apache.spark.sql.classic.SparkSession;

/**
 * How large the native batch of a task gets, as the session's settings say.
 *
 * @param rows after so many rows a batch ends, with the group that is open then
 * @param bytes after so many bytes of input too
 * @param most what the columns and features of a batch may take; a row or a group that takes more is refused
 */
record BatchLimits(int rows, long bytes, long most) implements Serializable {
  /** The place of what kept columns take, whose hint is their own. */
  private static final String KEEP = "keep";

  /** How Java's buffers and native code say that a batch would pass its limit, or the least that its steps may make. */
  private static final Pattern LIMIT = Pattern.compile("\\blimit of (\\d+)\\b");

  private static final String ROWS_SETTING = "spark.buzzsaw.batchRows";
  private static final String BYTES_SETTING = "spark.buzzsaw.batchBytes";
  private static final String MOST_SETTING = "spark.buzzsaw.maxBatchBytes";
  private static final String DEFAULT_ROWS = "4096";
  private static final String DEFAULT_BYTES = "16m";

  /** Half of what a batch of the jar holds by default: an executor runs several tasks. */
  private static final String DEFAULT_MOST = "512m";

  /** A batch that ends at this share of what it may hold leaves room for features, and for buffers that double. */
  private static final int SHARE_OF_INPUT = 4;

  /** The limits of a session. */
  static BatchLimits of(SparkSession session) {
    long most = size(session, MOST_SETTING, DEFAULT_MOST);
    long bytes = Math.min(size(session, BYTES_SETTING, DEFAULT_BYTES), most / SHARE_OF_INPUT);
    return new BatchLimits(count(session, ROWS_SETTING, DEFAULT_ROWS), bytes, most);
  }

  private static int count(SparkSession session, String setting, String otherwise) {
    String given = session.conf().get(setting, otherwise);
    try {
      int value = Integer.parseInt(given.trim());
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Refused below, as a number below 1 is.
    }
    throw Refusal.invalid("`" + given + "` is no number from 1 to 2^31 - 1", setting, "the default is " + otherwise);
  }

  private static long size(SparkSession session, String setting, String otherwise) {
    String given = session.conf().get(setting, otherwise);
    try {
      long value = JavaUtils.byteStringAsBytes(given);
      if (value > 0) {
        return value;
      }
    } catch (IllegalArgumentException e) {
      // Refused below, as 0 is.
    }
    String hint = "give bytes, or a size such as 64m; the default is " + otherwise;
    throw Refusal.invalid("`" + given + "` is no size of 1 byte or more", setting, hint);
  }

  /** Refuses kept columns that pass the limit together with the inputs beside them. */
  void checkKept(long inputBytes, long keptBytes) {
    if (inputBytes + keptBytes > most) {
      throw Refusal.of(
          "BZ_RESOURCE_LIMIT",
          "the inputs of a batch take " + inputBytes + " bytes and its kept columns " + keptBytes
              + ", together over the limit of " + most,
          KEEP,
          "keep fewer columns, make groups smaller, or raise " + MOST_SETTING + " where executors have the memory");
    }
  }

  /** A failure as users of Spark need it: where a batch would pass its limit, the hint names the setting. */
  BuzzsawException explained(BuzzsawException failure) {
    if (!(failure instanceof ResourceLimitException)) {
      return failure;
    }
    List<Problem> problems = failure.problems().stream().map(this::explained).toList();
    BuzzsawException made = new ResourceLimitException(problems, failure.rustBacktrace());
    made.initCause(failure);
    return made;
  }

  private Problem explained(Problem problem) {
    // Other limits, such as that of direct memory, have their own hints.
    Matcher limit = LIMIT.matcher(problem.message());
    if (problem.place().equals(KEEP) || !limit.find()) {
      return problem;
    }
    // Steps may make 16 MiB in any case, so a setting below changes nothing for them.
    String least = limit.group(1).equals(Long.toString(most)) ? "" : " above 16m, which steps have in any case,";
    String hint = "raise " + MOST_SETTING + least + " where executors have the memory, lower " + ROWS_SETTING
        + ", or make groups and texts smaller";
    return new Problem(problem.code(), problem.message(), problem.place(), hint);
  }
}
