package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The features of every row of a DataFrame, computed in Spark's own JVMs: the same bits as in every other runtime.
 *
 * <pre>{@code
 * Dataset<Row> features =
 *     FeatureTransform.load("shop_search.buzzsaw").mode(Mode.TRAIN).keep("qid", "label").transform(pairs);
 * }</pre>
 *
 * <p>The session needs the extension: {@code spark.sql.extensions=io.buzzsaw.spark.BuzzsawExtension}. The artifact is
 * sent once to each executor. With a spec that has steps within a group, Spark brings the rows of each group together.
 *
 * <p>The result has the kept columns; a float for each dense feature, NaN (not null) where missing; a {@code
 * struct<indices: array<int>, values: array<float>>} for each sparse one, in the order of the spec; {@code fingerprint};
 * and in {@link Mode#TRAIN}, where folds change values, {@code fingerprint_served}.
 *
 * <p>Objects are immutable and may be shared and reused.
 */
public final class FeatureTransform {
  final byte[] artifact;
  final Signature signature;
  final Mode mode;

  /** Null is all columns. */
  final List<String> keep;

  /** Null is the input with {@code role: group}. */
  final String groups;

  /** 0 is Spark's own setting. */
  final int partitions;

  private FeatureTransform(
      byte[] artifact, Signature signature, Mode mode, List<String> keep, String groups, int partitions) {
    this.artifact = artifact;
    this.signature = signature;
    this.mode = mode;
    this.keep = keep;
    this.groups = groups;
    this.partitions = partitions;
  }

  /**
   * Loads an artifact on the driver.
   *
   * @param path a file of any file system that Spark knows, by the Hadoop settings of the session
   * @return a transform in {@link Mode#SERVE} that keeps all columns
   * @throws BuzzsawException when it cannot be read, or is no artifact; and where there are no classic sessions, as with
   *     the client of Spark Connect
   */
  public static FeatureTransform load(String path) {
    checkClassic("session");
    return new FeatureTransform(ArtifactFile.read(path));
  }

  /** This class loads without classes of classic sessions, which the client of Spark Connect does not have. */
  private static void checkClassic(String place) {
    try {
      Class.forName("org.apache.spark.sql.classic.SparkSession", false, FeatureTransform.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw Refusal.because(e, Refusal.ofConnect("this JVM has no classic sessions of Spark 4", place));
    }
  }

  /**
   * Takes an artifact from memory.
   *
   * @param artifact the file's bytes
   * @return a transform in {@link Mode#SERVE} that keeps all columns
   * @throws BuzzsawException when it is no artifact
   */
  public static FeatureTransform of(byte[] artifact) {
    return new FeatureTransform(artifact.clone());
  }

  private FeatureTransform(byte[] artifact) {
    this(artifact, signatureOf(artifact), Mode.SERVE, null, null, 0);
  }

  private static Signature signatureOf(byte[] artifact) {
    try (Pipeline pipeline = Pipeline.load(artifact)) {
      return new Signature(pipeline);
    }
  }

  /**
   * How rows see folds.
   *
   * @param newMode the mode
   * @return a changed copy
   */
  public FeatureTransform mode(Mode newMode) {
    return new FeatureTransform(artifact, signature, newMode, keep, groups, partitions);
  }

  /**
   * Columns to keep, in front of the features.
   *
   * @param names their names; none of them keeps no column
   * @return a changed copy
   */
  public FeatureTransform keep(String... names) {
    return keep(List.of(names));
  }

  /**
   * Columns to keep, in front of the features.
   *
   * @param names their names; none of them keeps no column
   * @return a changed copy
   */
  public FeatureTransform keep(List<String> names) {
    return new FeatureTransform(artifact, signature, mode, List.copyOf(names), groups, partitions);
  }

  /**
   * The column with the group's id.
   *
   * @param column its name; by default the input with {@code role: group}
   * @return a changed copy
   */
  public FeatureTransform groups(String column) {
    return new FeatureTransform(artifact, signature, mode, keep, column, partitions);
  }

  /**
   * How many tasks a shuffle by group makes.
   *
   * @param count the number, 1 or more; by default Spark's own setting
   * @return a changed copy
   * @throws BuzzsawException for a number below 1
   */
  public FeatureTransform partitions(int count) {
    if (count < 1) {
      throw Refusal.invalid("there cannot be " + count + " tasks", "partitions", "give a whole number from 1 on");
    }
    return new FeatureTransform(artifact, signature, mode, keep, groups, count);
  }

  /**
   * The artifact's content hash.
   *
   * @return {@code sha256:} and hex digits
   */
  public String contentHash() {
    return signature.contentHash;
  }

  /**
   * The features of every row.
   *
   * @param frame the input columns, under the names of the spec; of a classic session
   * @return kept columns and features; lazy, so errors in values come from the action that runs it, see {@link
   *     #problemsOf}
   * @throws BuzzsawException for absent columns and types that the spec does not take, all at once; for a kept column
   *     with a feature's name; for a session without the extension; for a DataFrame of Spark Connect
   */
  public Dataset<Row> transform(Dataset<Row> frame) {
    checkClassic("df");
    return ClassicTransform.over(this, frame);
  }

  /**
   * The problems behind an exception of an action.
   *
   * @param failure what Spark threw
   * @return the problems as the JSON array that every runtime writes; null when Buzzsaw did not cause it
   */
  public static String problemsOf(Throwable failure) {
    return behind(failure, BuzzsawException::problemsJson, CarriedException::problemsIn);
  }

  /**
   * The backtrace of a panic of the native library behind an exception of an action.
   *
   * @param failure what Spark threw
   * @return the backtrace; null when there was no panic
   */
  public static String backtraceOf(Throwable failure) {
    return behind(failure, BuzzsawException::rustBacktrace, CarriedException::backtraceIn);
  }

  private static String behind(
      Throwable failure, Function<BuzzsawException, String> own, UnaryOperator<String> carried) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BuzzsawException found) {
        return own.apply(found);
      }
      String message = String.valueOf(cause.getMessage());
      if (message.contains(CarriedException.MARK)) {
        return carried.apply(message);
      }
    }
    return null;
  }
}
