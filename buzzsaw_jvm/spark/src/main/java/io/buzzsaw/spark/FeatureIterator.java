package io.buzzsaw.spark;

import io.buzzsaw.Batch;
import io.buzzsaw.BuzzsawException;
import io.buzzsaw.FeatureMatrix;
import io.buzzsaw.Pipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner;
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowJoiner;
import scala.collection.AbstractIterator;

/**
 * The rows of a partition with their features, batch by batch: each batch is one native call.
 *
 * <p>With groups, rows come with those of a group adjacent, and a batch ends between groups.
 */
final class FeatureIterator extends AbstractIterator<InternalRow> implements AutoCloseable {
  private final FeatureTask task;
  private final FeatureMetrics metrics;
  private final TaskContext context;

  /** This and the next two hold rows: {@link #release} lets go of them. */
  private scala.collection.Iterator<InternalRow> child;

  private RowProjections projections;
  private UnsafeRowJoiner joiner;

  /** Of the batch; never one that another thread sees change. */
  private List<UnsafeRow> kept = new ArrayList<>();

  private FeatureWriter writer;
  private PipelineCache.Lease lease;
  private Batch batch;
  private volatile boolean closed;

  /** Of the inputs of the batch. */
  private long inputBytes;

  /** Of the kept columns of the batch, which are on the heap. */
  private long keptBytes;

  /** The child's last row, when it is not in a batch yet. */
  private InternalRow held;

  private int shown;
  private int next;

  FeatureIterator(
      FeatureTask task,
      scala.collection.Iterator<InternalRow> child,
      RowProjections projections,
      FeatureMetrics metrics,
      TaskContext context) {
    this.task = task;
    this.child = child;
    this.projections = projections;
    this.metrics = metrics;
    this.context = context;
    writer = new FeatureWriter(task.made(), task.served());
    joiner = projections.kept() == null ? null : GenerateUnsafeRowJoiner.create(task.kept(), task.made());
  }

  @Override
  public boolean hasNext() {
    while (!closed && next == shown) {
      scala.collection.Iterator<InternalRow> rows = child;
      if (rows == null) {
        return false;
      }
      if (held == null && !rows.hasNext()) {
        // A task may have several of these, one after the other, and ends after the last: what this one holds goes now.
        release(true);
        return false;
      }
      try {
        transformBatch();
      } catch (BuzzsawException failure) {
        throw new CarriedException(task.limits().explained(failure));
      }
    }
    return !closed;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    FeatureWriter current = writer;
    List<UnsafeRow> rows = kept;
    UnsafeRowJoiner joining = joiner;
    if (closed) {
      // Closed by the thread of the task, which asks for nothing any more.
      throw new NoSuchElementException();
    }
    int at = next++;
    metrics.rows.add(1);
    UnsafeRow features = current.write(at);
    return joining == null ? features : joining.join(rows.get(at), features);
  }

  @Override
  public void close() {
    release(false);
  }

  /** Lets go of everything; a batch without a failure may serve another task. Some consumers have a thread of their own. */
  private void release(boolean whole) {
    // Seen by a batch that another thread is filling, which ends for it.
    closed = true;
    synchronized (this) {
      if (batch != null) {
        lease.giveBack(whole);
        batch = null;
      }
      if (lease != null) {
        lease.close();
        lease = null;
      }
      writer = null;
      child = null;
      projections = null;
      joiner = null;
      held = null;
      kept = new ArrayList<>();
    }
  }

  private synchronized void transformBatch() {
    context.killTaskIfInterrupted();
    if (closed) {
      return;
    }
    if (lease == null) {
      lease = task.artifact().lease();
      batch = lease.batch(task.mode(), task.limits().most());
    }
    batch.clear();
    kept = new ArrayList<>(kept.size());
    inputBytes = 0;
    keptBytes = 0;
    next = 0;
    shown = 0;
    if (projections.group() == null) {
      appendRows();
    } else {
      appendGroups();
    }
    if (closed) {
      return;
    }
    Pipeline pipeline = lease.pipeline();
    long before = System.nanoTime();
    FeatureMatrix matrix = pipeline.transform(batch);
    if (matrix.rows() > 0) {
      matrix.fingerprint(0);
      if (task.served()) {
        matrix.servedFingerprint(0);
      }
    }
    metrics.nativeNanos.add(System.nanoTime() - before);
    metrics.batches.add(1);
    metrics.inputBytes.add(inputBytes);
    writer.show(matrix);
    shown = matrix.rows();
  }

  private void appendRows() {
    do {
      append(take());
    } while (!closed && !isFull() && child.hasNext());
  }

  private void appendGroups() {
    UnsafeRow open = null;
    while (!closed && (held != null || child.hasNext())) {
      InternalRow row = take();
      UnsafeRow group = projections.group().apply(row);
      if (group.isNullAt(0)) {
        throw Refusal.invalid("a group id is null", "groups", "give every row the id of its group");
      }
      if (!group.equals(open)) {
        if (open != null) {
          batch.endGroup();
          if (isFull()) {
            // The child is not asked for another row, so this one stays as it is.
            held = row;
            return;
          }
        }
        batch.startGroup();
        open = group.copy();
      }
      append(row);
    }
    if (open != null) {
      batch.endGroup();
    }
  }

  private InternalRow take() {
    InternalRow row = held == null ? child.next() : held;
    held = null;
    return row;
  }

  private void append(InternalRow row) {
    ColumnWriter[] writers = task.writers();
    int[] inputs = task.inputs();
    for (int i = 0; i < writers.length; i++) {
      inputBytes += writers[i].set(row, inputs[i], batch, i);
    }
    batch.endRow();
    if (joiner != null) {
      UnsafeRow copy = projections.kept().apply(row).copy();
      kept.add(copy);
      keptBytes += copy.getSizeInBytes();
      task.limits().checkKept(inputBytes, keptBytes);
    }
  }

  private boolean isFull() {
    return batch.rows() >= task.limits().rows() || inputBytes + keptBytes >= task.limits().bytes();
  }
}
