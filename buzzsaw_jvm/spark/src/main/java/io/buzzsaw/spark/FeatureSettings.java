package io.buzzsaw.spark;

import io.buzzsaw.Mode;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * What a transform does to rows, apart from which columns they are; equal settings over equal rows give equal rows.
 *
 * @param artifact the pipeline
 * @param mode how rows see folds
 * @param writers one an input
 * @param made the columns that are made
 * @param served whether the last of these is the fingerprint as served
 * @param limits how large a batch gets
 */
record FeatureSettings(
    Artifact artifact,
    Mode mode,
    List<ColumnWriter> writers,
    StructType made,
    boolean served,
    BatchLimits limits)
    implements Serializable {

  /** A task over a child's rows. */
  FeatureTask task(int[] inputs, StructType kept) {
    ColumnWriter[] columns = writers.toArray(new ColumnWriter[0]);
    return new FeatureTask(artifact, mode, columns, inputs, kept, made, served, limits);
  }

  /** What a plan shows. */
  @Override
  public String toString() {
    return artifact + ", " + mode + ", " + writers.size() + " inputs";
  }
}
