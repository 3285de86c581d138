package io.buzzsaw.spark;

import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import io.buzzsaw.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

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
  /** The length of the longest array. */
  private static final int MAX_ARTIFACT = Integer.MAX_VALUE - 8;

  private final byte[] artifact;
  private final Signature signature;
  private final Mode mode;
  private final List<String> keep;
  private final String groups;
  private final int partitions;

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
   * @throws BuzzsawException when it cannot be read, or is no artifact
   */
  public static FeatureTransform load(String path) {
    try {
      Path file = new Path(path);
      FileSystem system = file.getFileSystem(ActiveSession.hadoopSettings(SparkHadoopUtil.get().conf()));
      long length = system.getFileStatus(file).getLen();
      if (length > MAX_ARTIFACT) {
        throw Refusal.of(
            "BZ_RESOURCE_LIMIT",
            "the artifact has " + length + " bytes, and an array of the JVM holds " + MAX_ARTIFACT,
            path,
            "use the runtime `python`, or keep fewer terms");
      }
      try (InputStream stream = system.open(file)) {
        return new FeatureTransform(stream.readAllBytes());
      }
    } catch (IllegalArgumentException e) {
      throw because(
          e,
          Refusal.invalid(
              "`" + path + "` is no path: " + e.getMessage(), "path", "give one such as hdfs:///models/shop.buzzsaw"));
    } catch (IOException e) {
      throw because(e, Refusal.of("BZ_IO", "the artifact cannot be read: " + e, path, ""));
    }
  }

  private static BuzzsawException because(Exception cause, BuzzsawException failure) {
    failure.initCause(cause);
    return failure;
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
   *     with a feature's name; for a session without the extension
   */
  public Dataset<Row> transform(Dataset<Row> frame) {
    if (!(frame instanceof org.apache.spark.sql.classic.Dataset<?> classic)) {
      throw Refusal.invalid(
          "the DataFrame is one of Spark Connect, whose client cannot add operators to a plan",
          "df",
          "use a classic session, or the SQL function buzzsaw_transform where the server has the extension");
    }
    if (!FeatureStrategy.isInstalled(classic.sparkSession())) {
      throw Refusal.invalid(
          "the session has no operator of Buzzsaw",
          "spark.sql.extensions",
          "start it with spark.sql.extensions=" + BuzzsawExtension.class.getName());
    }
    StructType made = signature.made(mode);
    List<String> kept = keep == null ? List.of(frame.columns()) : new ArrayList<>(new LinkedHashSet<>(keep));
    checkDistinct(kept, made);
    String group = signature.needsGroups ? groupColumn() : null;
    if (group != null && frame.isStreaming()) {
      throw Refusal.invalid(
          "the spec has steps within a group, and a stream has no whole groups",
          "df",
          "transform each micro-batch in foreachBatch, with whole groups in it");
    }
    List<String> inputs = signature.inputs(mode);
    Set<String> names = new LinkedHashSet<>(inputs);
    if (group != null) {
      names.add(group);
    }
    names.addAll(kept);
    Dataset<Row> crossing = select(frame, names, nameOrder(classic.sparkSession()));
    StructType given = crossing.schema();
    List<DataType> types = new ArrayList<>();
    for (String input : inputs) {
      types.add(given.apply(input).dataType());
    }
    ColumnWriter[] writers = ColumnWriter.of(types, signature.types(mode), inputs);
    if (group != null) {
      checkGroup(given.apply(group).dataType());
    }
    org.apache.spark.sql.classic.Dataset<Row> selected = (org.apache.spark.sql.classic.Dataset<Row>) crossing;
    FeatureSettings settings =
        new FeatureSettings(
            Artifact.ship(classic.sparkSession().sparkContext(), signature.contentHash, artifact),
            mode,
            Arrays.asList(writers),
            made,
            signature.showsServed(mode),
            BatchLimits.of(selected.sparkSession()));
    FeaturePlan plan =
        FeaturePlan.over(selected.logicalPlan(), settings, inputs, group, kept, partitions);
    return org.apache.spark.sql.classic.Dataset.ofRows(selected.sparkSession(), plan);
  }

  /** An evaluator for rows of a struct, one by one. */
  RowFeatures forRows(SparkSession session, Mode seen, StructType row) {
    if (signature.needsGroups) {
      throw Refusal.invalid(
          "the spec has steps within a group, and a function sees one row at a time",
          RowFunction.Name(),
          "use bz.spark.transform or FeatureTransform, which bring the rows of a group together");
    }
    Comparator<String> order = nameOrder(session);
    String[] columns = row.fieldNames();
    List<String> inputs = signature.inputs(seen);
    List<Problem> problems = new ArrayList<>();
    List<DataType> types = new ArrayList<>();
    int[] ordinals = new int[inputs.size()];
    for (int i = 0; i < ordinals.length; i++) {
      String input = inputs.get(i);
      int[] found = IntStream.range(0, columns.length).filter(at -> order.compare(columns[at], input) == 0).toArray();
      if (found.length == 0) {
        problems.add(missing("the row", input, List.of(columns)));
      } else if (found.length > 1) {
        String message = "the row has two columns `" + input + "`";
        problems.add(new Problem("BZ_INVALID_VALUE", message, "inputs." + input, "name each once"));
      } else {
        ordinals[i] = found[0];
        types.add(row.fields()[found[0]].dataType());
      }
    }
    Refusal.check(problems);
    ColumnWriter[] writers = ColumnWriter.of(types, signature.types(seen), inputs);
    Artifact shipped = Artifact.ship(session.sparkContext(), signature.contentHash, artifact);
    return new RowFeatures(shipped, writers, ordinals, signature.made(seen), BatchLimits.of(session));
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

  private String groupColumn() {
    String column = groups == null ? signature.groupInput : groups;
    if (column.isEmpty()) {
      throw Refusal.of(
          "BZ_MISSING_INPUT",
          "the spec has steps within a group, and no column holds the group",
          "groups",
          "give an input `role: group` in the spec, or name the column: .groups(\"column\")");
    }
    return column;
  }

  /** Floating-point and nested ids cannot be compared, which the Python runtime refuses too, nor what has no order. */
  private static void checkGroup(DataType type) {
    boolean comparable =
        switch (type.typeName()) {
          case "float", "double", "array", "map", "struct", "variant" -> false;
          default -> RowOrdering.isOrderable(type);
        };
    if (!comparable) {
      throw Refusal.of(
          "BZ_TYPE_MISMATCH",
          "group ids of type " + type.simpleString() + " cannot be compared",
          "groups",
          "give whole numbers or text");
    }
  }

  /** Spark compares names without case. */
  private static void checkDistinct(List<String> kept, StructType made) {
    Set<String> taken = new LinkedHashSet<>();
    for (String name : made.fieldNames()) {
      if (!taken.add(name.toLowerCase(Locale.ROOT))) {
        throw Refusal.invalid(
            "a feature has the name `" + name + "` of a column that the transform adds",
            "features",
            "rename it with `name:` in the spec");
      }
    }
    List<String> clashes = new ArrayList<>(kept);
    clashes.removeIf(name -> !taken.contains(name.toLowerCase(Locale.ROOT)));
    if (!clashes.isEmpty()) {
      throw Refusal.invalid(
          "kept columns and features share the names " + String.join(", ", clashes),
          "keep",
          "name the columns to keep with keep(...), or rename the features with `name:` in the spec");
    }
  }

  /** How a session compares names of columns. */
  private static Comparator<String> nameOrder(SparkSession session) {
    boolean exact = Boolean.parseBoolean(session.conf().get("spark.sql.caseSensitive", "false"));
    return exact ? Comparator.naturalOrder() : String.CASE_INSENSITIVE_ORDER;
  }

  private static Dataset<Row> select(Dataset<Row> frame, Set<String> names, Comparator<String> order) {
    Map<String, String> known = new TreeMap<>(order);
    for (String column : frame.columns()) {
      known.put(column, column);
    }
    List<Problem> problems = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (String name : names) {
      if (!known.containsKey(name)) {
        problems.add(missing("the DataFrame", name, known.values()));
      }
      columns.add(functions.col("`" + name.replace("`", "``") + "`").alias(name));
    }
    Refusal.check(problems);
    return frame.select(columns.toArray(new Column[0]));
  }

  private static Problem missing(String what, String name, Collection<String> known) {
    return new Problem(
        "BZ_MISSING_INPUT",
        what + " has no column `" + name + "`",
        "inputs." + name,
        "it has " + String.join(", ", known));
  }
}
