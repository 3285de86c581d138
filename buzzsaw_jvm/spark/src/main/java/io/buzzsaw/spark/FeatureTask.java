package io.buzzsaw.spark;

import io.buzzsaw.Mode;
import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One transform as its tasks see it.
 *
 * @param artifact the pipeline
 * @param mode how rows see folds
 * @param writers one a column of the batch
 * @param inputs where each of those columns is in the child's rows
 * @param kept the kept columns
 * @param made the columns that are made
 * @param served whether the last of these is the fingerprint as served
 * @param limits how large a batch gets
 */
record FeatureTask(
    Artifact artifact,
    Mode mode,
    ColumnWriter[] writers,
    int[] inputs,
    StructType kept,
    StructType made,
    boolean served,
    BatchLimits limits)
    implements Serializable {

  /** The rows of a partition with their features; what it holds is freed with the task. */
  FeatureIterator run(
      scala.collection.Iterator<InternalRow> rows,
      RowProjections projections,
      FeatureMetrics metrics,
      TaskContext context) {
    FeatureIterator made = new FeatureIterator(this, rows, projections, metrics, context);
    context.addTaskCompletionListener((TaskCompletionListener) ended -> made.close());
    return made;
  }
}
