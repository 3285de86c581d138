package io.buzzsaw.spark;

import io.buzzsaw.Mode;
import io.buzzsaw.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The plans of a {@link FeatureTransform}, of classes that are not in every JVM that has that class. */
final class ClassicTransform {
  /** The columns that a hint names at most. */
  private static final int MOST_SHOWN = 20;

  private ClassicTransform() {}

  /** The features of every row of a DataFrame. */
  static Dataset<Row> over(FeatureTransform transform, Dataset<Row> frame) {
    if (!(frame instanceof org.apache.spark.sql.classic.Dataset<?> classic)) {
      throw Refusal.ofConnect("the DataFrame is one of Spark Connect", "df");
    }
    if (!FeatureStrategy.isInstalled(classic.sparkSession())) {
      throw Refusal.invalid(
          "the session has no operator of Buzzsaw",
          "spark.sql.extensions",
          "start it with spark.sql.extensions=" + BuzzsawExtension.class.getName());
    }
    Signature signature = transform.signature;
    Mode mode = transform.mode;
    StructType made = signature.made(mode);
    List<String> kept = kept(transform, frame);
    checkDistinct(kept, made);
    String group = signature.needsGroups ? groupColumn(transform) : null;
    if (group != null && frame.isStreaming()) {
      throw Refusal.invalid(
          "the spec has steps within a group, and a stream has no whole groups",
          "df",
          "transform each micro-batch in foreachBatch, with whole groups in it");
    }
    List<String> inputs = signature.inputs(mode);
    Map<String, String> places = new LinkedHashMap<>();
    inputs.forEach(input -> places.put(input, "inputs." + input));
    if (group != null) {
      places.putIfAbsent(group, transform.groups == null ? "inputs." + group : "groups");
    }
    kept.forEach(name -> places.putIfAbsent(name, "keep"));
    Dataset<Row> crossing = select(frame, places, nameOrder(classic.sparkSession()));
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
            Artifact.ship(classic.sparkSession().sparkContext(), signature.contentHash, transform.artifact),
            mode,
            Arrays.asList(writers),
            made,
            signature.showsServed(mode),
            BatchLimits.of(selected.sparkSession()));
    FeaturePlan plan = FeaturePlan.over(selected.logicalPlan(), settings, inputs, group, kept, transform.partitions);
    return org.apache.spark.sql.classic.Dataset.ofRows(selected.sparkSession(), plan);
  }

  /** An evaluator for rows of a struct, one by one. */
  static RowFeatures forRows(FeatureTransform transform, SparkSession session, Mode seen, StructType row) {
    Signature signature = transform.signature;
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
        problems.add(missing("the row", input, "inputs." + input, List.of(columns)));
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
    Artifact shipped = Artifact.ship(session.sparkContext(), signature.contentHash, transform.artifact);
    return new RowFeatures(shipped, writers, ordinals, signature.made(seen), BatchLimits.of(session));
  }

  private static List<String> kept(FeatureTransform transform, Dataset<Row> frame) {
    List<String> keep = transform.keep;
    return keep == null ? List.of(frame.columns()) : new ArrayList<>(new LinkedHashSet<>(keep));
  }

  private static String groupColumn(FeatureTransform transform) {
    String column = transform.groups == null ? transform.signature.groupInput : transform.groups;
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

  /** Spark compares names without case, and a session that does not still writes tables that others read. */
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

  /** Columns by name, with the place of a problem of each. */
  private static Dataset<Row> select(Dataset<Row> frame, Map<String, String> places, Comparator<String> order) {
    Map<String, String> known = new TreeMap<>(order);
    for (String column : frame.columns()) {
      known.put(column, column);
    }
    List<Problem> problems = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    places.forEach((name, place) -> {
      if (!known.containsKey(name)) {
        problems.add(missing("the DataFrame", name, place, known.values()));
      }
      columns.add(functions.col("`" + name.replace("`", "``") + "`").alias(name));
    });
    Refusal.check(problems);
    return frame.select(columns.toArray(new Column[0]));
  }

  private static Problem missing(String what, String name, String place, Collection<String> known) {
    String shown = known.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "));
    String hint = nearest(name, known).map(near -> "did you mean `" + near + "`?").orElse("it has " + shown);
    return new Problem("BZ_MISSING_INPUT", what + " has no column `" + name + "`", place, hint);
  }

  /** A name that is a few letters away. */
  private static Optional<String> nearest(String name, Collection<String> known) {
    LevenshteinDistance distance = new LevenshteinDistance(Math.max(1, name.length() / 3));
    ToIntFunction<String> letters = column -> distance.apply(column, name);
    return known.stream().filter(column -> letters.applyAsInt(column) >= 0).min(Comparator.comparingInt(letters));
  }
}
