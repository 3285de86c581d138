package io.buzzsaw.spark;

import io.buzzsaw.Batch;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The open pipelines of a JVM, by content hash: loaded once, shared by tasks, closed when unused.
 *
 * <p>A pipeline without a lease stays open for a while, for the next stage or query; the longest unused goes when there
 * are too many.
 */
final class PipelineCache {
  /** The cache of this JVM. */
  static final PipelineCache SHARED = new PipelineCache(8, Duration.ofMinutes(10));

  /** Batches with more memory are closed, and their memory goes with the next collection. */
  private static final long KEPT_BYTES = 64L << 20;

  private final int mostIdle;
  private final long idleNanos;

  /** By content hash, the longest unused first. */
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Batches that no task uses, the longest unused first; their memory is warm. There are as many as cores, at most. */
  private final List<Idle> batches = new ArrayList<>();

  private ScheduledExecutorService sweeper;
  private boolean sweeping;

  private static final class Entry {
    private Pipeline pipeline;
    private int leases;
    private long idleSince;
  }

  /** A batch without rows. */
  private record Idle(Entry entry, Batch batch, Mode mode, long most) {}

  PipelineCache(int mostIdle, Duration idle) {
    this.mostIdle = mostIdle;
    idleNanos = idle.toNanos();
  }

  /** A pipeline in use; closing it twice does nothing. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private final Map<Batch, Idle> lent = new IdentityHashMap<>();
    private boolean closed;

    private Lease(Entry entry) {
      this.entry = entry;
    }

    Pipeline pipeline() {
      return entry.pipeline;
    }

    /**
     * A batch for rows of a table, used before if there is one, so that tasks leave no memory to the collector.
     *
     * @param mode how rows see folds
     * @param most what it may hold, in bytes
     * @return an empty batch, to be given back
     */
    Batch batch(Mode mode, long most) {
      synchronized (batches) {
        for (Iterator<Idle> all = batches.iterator(); all.hasNext(); ) {
          Idle idle = all.next();
          if (idle.entry == entry && idle.mode == mode && idle.most == most) {
            all.remove();
            lent.put(idle.batch, idle);
            return idle.batch;
          }
        }
      }
      Batch made = entry.pipeline.newTableBatch(mode, most);
      lent.put(made, new Idle(entry, made, mode, most));
      return made;
    }

    /**
     * Gives back a batch of this lease.
     *
     * @param batch the batch
     * @param whole whether all went well with it; else it is closed
     */
    void giveBack(Batch batch, boolean whole) {
      Idle idle = lent.remove(batch);
      if (!whole || batch.directBytes() > KEPT_BYTES) {
        batch.close();
        return;
      }
      batch.clear();
      Idle oldest = null;
      synchronized (batches) {
        batches.add(idle);
        if (batches.size() > Runtime.getRuntime().availableProcessors()) {
          // Perhaps of a kind that no task asks for any more.
          oldest = batches.remove(0);
        }
      }
      if (oldest != null) {
        oldest.batch.close();
      }
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(entry);
      }
    }
  }

  /**
   * The pipeline of an artifact.
   *
   * @param contentHash the artifact's content hash
   * @param artifact its bytes, asked for when the pipeline is not open
   * @return a lease, to be closed
   */
  Lease lease(String contentHash, Supplier<byte[]> artifact) {
    Entry entry;
    synchronized (this) {
      entry = entries.remove(contentHash);
      if (entry == null) {
        entry = new Entry();
      }
      entries.put(contentHash, entry);
      entry.leases++;
    }
    // Two tasks that start together load it once; others do not wait for them.
    synchronized (entry) {
      if (entry.pipeline == null) {
        try {
          entry.pipeline = Pipeline.load(artifact.get());
        } finally {
          if (entry.pipeline == null) {
            release(entry);
          }
        }
      }
    }
    return new Lease(entry);
  }

  private void release(Entry entry) {
    List<Entry> unused;
    synchronized (this) {
      entry.leases--;
      if (entry.leases > 0) {
        return;
      }
      entry.idleSince = System.nanoTime();
      unused = removeIdle();
      sweepLater();
    }
    unused.forEach(this::close);
  }

  /** Closes a pipeline that nobody leases any more, and its batches. */
  private void close(Entry entry) {
    List<Idle> own;
    synchronized (batches) {
      own = batches.stream().filter(idle -> idle.entry == entry).toList();
      batches.removeAll(own);
    }
    own.forEach(idle -> idle.batch.close());
    if (entry.pipeline != null) {
      entry.pipeline.close();
    }
  }

  /** Closes what is idle for too long. The thread ends with the last pipeline; the next one starts another. */
  private void sweep() {
    List<Entry> unused;
    synchronized (this) {
      sweeping = false;
      unused = removeIdle();
      sweepLater();
      if (entries.isEmpty()) {
        sweeper.shutdown();
        sweeper = null;
      }
    }
    unused.forEach(this::close);
  }

  /** At most one sweep waits, however many tasks end. */
  private void sweepLater() {
    if (sweeping || entries.isEmpty()) {
      return;
    }
    if (sweeper == null) {
      sweeper = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "buzzsaw-pipeline-cache");
        thread.setDaemon(true);
        return thread;
      });
    }
    sweeping = true;
    sweeper.schedule(this::sweep, idleNanos, TimeUnit.NANOSECONDS);
  }

  /** Takes out what is idle for too long, what was never loaded, and the longest idle past the limit. */
  private List<Entry> removeIdle() {
    long now = System.nanoTime();
    long idle = entries.values().stream().filter(entry -> entry.leases == 0).count();
    List<Entry> removed = new ArrayList<>();
    for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.leases > 0) {
        continue;
      }
      if (entry.pipeline == null || idle > mostIdle || now - entry.idleSince >= idleNanos) {
        all.remove();
        idle--;
        removed.add(entry);
      }
    }
    return removed;
  }

  /** The number of pipelines that are open. */
  synchronized int open() {
    return entries.size();
  }
}
