package io.buzzsaw.spark;

import io.buzzsaw.Batch;
import io.buzzsaw.BuzzsawException;
import io.buzzsaw.Mode;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/** Features row by row. Copies of an expression share one object, on the driver also from several threads. */
final class RowFeatures implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Artifact artifact;
  private final ColumnWriter[] writers;
  private final int[] inputs;
  private final StructType made;
  private final BatchLimits limits;

  private transient PipelineCache.Lease lease;
  private transient Batch batch;
  private transient FeatureWriter writer;

  RowFeatures(Artifact artifact, ColumnWriter[] writers, int[] inputs, StructType made, BatchLimits limits) {
    this.artifact = artifact;
    this.writers = writers;
    this.inputs = inputs;
    this.made = made;
    this.limits = limits;
  }

  StructType made() {
    return made;
  }

  /** The features of a row; null is a row whose inputs are all missing. */
  synchronized InternalRow of(InternalRow row) {
    TaskContext context = TaskContext.get();
    try {
      if (batch == null) {
        if (context != null) {
          context.addTaskCompletionListener((TaskCompletionListener) ended -> close());
        }
        open();
      }
      batch.clear();
      for (int i = 0; i < writers.length; i++) {
        if (row == null) {
          batch.setMissing(i);
        } else {
          writers[i].set(row, inputs[i], batch, i);
        }
      }
      batch.endRow();
      writer.show(lease.pipeline().transform(batch));
      return writer.write(0).copy();
    } catch (BuzzsawException failure) {
      throw new CarriedException(limits.explained(failure));
    } finally {
      // The driver folds constants outside of any task, and nothing would tell when the last one is done.
      if (context == null) {
        close();
      }
    }
  }

  private void open() {
    if (lease == null) {
      lease = artifact.lease();
    }
    batch = lease.batch(Mode.SERVE, limits.most());
    writer = new FeatureWriter(made, false);
  }

  private synchronized void close() {
    if (batch != null) {
      lease.giveBack(true);
      batch = null;
      writer = null;
    }
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowFeatures same
        && same.artifact.equals(artifact)
        && same.limits.equals(limits)
        && Arrays.equals(same.inputs, inputs)
        && Arrays.equals(same.writers, writers);
  }

  @Override
  public int hashCode() {
    return 31 * artifact.hashCode() + Arrays.hashCode(inputs);
  }

  @Override
  public String toString() {
    return artifact.toString();
  }
}
