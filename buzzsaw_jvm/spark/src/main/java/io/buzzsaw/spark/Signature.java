package io.buzzsaw.spark;

import io.buzzsaw.Input;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a pipeline reads and makes, without the pipeline. */
final class Signature implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The columns of fingerprints in tables, under the names that the Python runtime gives them. */
  private static final String FINGERPRINT = "fingerprint";

  private static final String FINGERPRINT_SERVED = "fingerprint_served";

  /** A sparse part: ascending column indices and their values; an absent entry is 0.0. */
  static final StructType SPARSE =
      new StructType(
          new StructField[] {
            field("indices", ArrayType.apply(DataTypes.IntegerType, false)),
            field("values", ArrayType.apply(DataTypes.FloatType, false))
          });

  final String contentHash;
  final boolean needsGroups;
  final boolean hasFolds;

  /** The input with {@code role: group}, or empty. */
  final String groupInput;

  private final ArrayList<String> features;
  private final ArrayList<String> sparse;
  private final ArrayList<String> names = new ArrayList<>();
  private final ArrayList<String> types = new ArrayList<>();
  private final int served;

  Signature(Pipeline pipeline) {
    contentHash = pipeline.contentHash();
    needsGroups = pipeline.needsGroups();
    hasFolds = pipeline.hasFolds();
    groupInput = pipeline.groupInput();
    features = new ArrayList<>(pipeline.featureNames());
    sparse = new ArrayList<>(pipeline.sparseFeatureNames());
    // The inputs of serving come first in training.
    for (Input input : pipeline.inputs(Mode.TRAIN)) {
      names.add(input.name());
      types.add(input.type());
    }
    served = pipeline.inputs().size();
  }

  /** The names of the inputs, in the order of the batch's columns. */
  List<String> inputs(Mode mode) {
    return mode == Mode.TRAIN ? names : names.subList(0, served);
  }

  /** Their types, as a spec writes them. */
  List<String> types(Mode mode) {
    return mode == Mode.TRAIN ? types : types.subList(0, served);
  }

  /** Whether rows get the fingerprint that they have as served besides. */
  boolean showsServed(Mode mode) {
    return mode == Mode.TRAIN && hasFolds;
  }

  /** The columns that a transform makes: features in the order of the spec, then fingerprints. */
  StructType made(Mode mode) {
    List<StructField> fields = new ArrayList<>();
    for (String feature : features) {
      fields.add(field(feature, sparse.contains(feature) ? SPARSE : DataTypes.FloatType));
    }
    fields.add(field(FINGERPRINT, DataTypes.LongType));
    if (showsServed(mode)) {
      fields.add(field(FINGERPRINT_SERVED, DataTypes.LongType));
    }
    return new StructType(fields.toArray(new StructField[0]));
  }

  private static StructField field(String name, DataType type) {
    return new StructField(name, type, true, Metadata.empty());
  }
}
