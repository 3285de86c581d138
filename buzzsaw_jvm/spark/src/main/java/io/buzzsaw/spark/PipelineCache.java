package io.buzzsaw.spark;

import io.buzzsaw.Batch;
import io.buzzsaw.Mode;
import io.buzzsaw.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/**
 * The open pipelines of a JVM, by content hash: loaded once, shared by tasks, closed when unused.
 *
 * <p>A pipeline without a lease stays open for a while, for the next stage or query; the longest unused goes when there
 * are too many.
 */
final class PipelineCache {
  /** The cache of this JVM. */
  static final PipelineCache SHARED =
      new PipelineCache(8, Duration.ofMinutes(10), keptTogether(SparkEnv.get() == null ? null : SparkEnv.get().conf()));

  /** Batches with more memory are closed, and their memory goes with the next collection. */
  private static final long KEPT_BYTES = 64L << 20;

  /** What idle batches keep together where the application does not say how many tasks an executor runs at once. */
  private static final long KEPT_TOGETHER = 4 * KEPT_BYTES;

  private static final String CORES = "spark.executor.cores";

  private final int mostIdle;
  private final long idleNanos;
  private final long mostBytes;

  /** By content hash; of those without a lease, the longest unused first. */
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Batches that no task uses, the longest unused first; their memory is warm. There are as many as cores, at most. */
  private final List<Idle> batches = new ArrayList<>();

  private ScheduledExecutorService sweeper;
  private boolean sweeping;

  private static final class Entry {
    private final String contentHash;
    private Pipeline pipeline;
    private int leases;
    private long idleSince;

    private Entry(String contentHash) {
      this.contentHash = contentHash;
    }
  }

  /** A batch without rows. */
  private record Idle(Entry entry, Batch batch, Mode mode, long most) {}

  /**
   * A cache.
   *
   * @param mostIdle how many pipelines stay open without a lease
   * @param idle for how long
   * @param mostBytes the direct memory that idle batches keep together
   */
  PipelineCache(int mostIdle, Duration idle, long mostBytes) {
    this.mostIdle = mostIdle;
    this.mostBytes = mostBytes;
    idleNanos = idle.toNanos();
  }

  /** What idle batches keep together: one of the largest for each core of an executor, which may have few of a host's. */
  static long keptTogether(SparkConf conf) {
    return conf == null || !conf.contains(CORES) ? KEPT_TOGETHER : conf.getInt(CORES, 1) * KEPT_BYTES;
  }

  /** A pipeline in use, with a batch at most; closing it twice does nothing. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private Idle lent;
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
     * @return an empty batch, to be given back before another is asked for
     */
    Batch batch(Mode mode, long most) {
      lent = idle(entry, mode, most);
      if (lent == null) {
        lent = new Idle(entry, entry.pipeline.newTableBatch(mode, most), mode, most);
      }
      return lent.batch;
    }

    /**
     * Gives back the batch.
     *
     * @param whole whether all went well with it; else it is closed
     */
    void giveBack(boolean whole) {
      Idle idle = lent;
      lent = null;
      if (!whole || idle.batch.directBytes() > KEPT_BYTES) {
        idle.batch.close();
        return;
      }
      idle.batch.clear();
      keep(idle).forEach(oldest -> oldest.batch.close());
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
      entry = entries.computeIfAbsent(contentHash, Entry::new);
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

  /** Takes out a batch of a kind; null when there is none. */
  private Idle idle(Entry entry, Mode mode, long most) {
    synchronized (batches) {
      for (Iterator<Idle> all = batches.iterator(); all.hasNext(); ) {
        Idle idle = all.next();
        if (idle.entry == entry && idle.mode == mode && idle.most == most) {
          all.remove();
          return idle;
        }
      }
    }
    return null;
  }

  /** Adds a batch, and takes out the oldest past the limits, perhaps of a kind that no task asks for any more. */
  private List<Idle> keep(Idle added) {
    List<Idle> oldest = new ArrayList<>();
    synchronized (batches) {
      batches.add(added);
      long bytes = batches.stream().mapToLong(idle -> idle.batch.directBytes()).sum();
      while (batches.size() > Runtime.getRuntime().availableProcessors() || bytes > mostBytes) {
        Idle removed = batches.remove(0);
        bytes -= removed.batch.directBytes();
        oldest.add(removed);
      }
    }
    return oldest;
  }

  private void release(Entry entry) {
    List<Entry> unused;
    synchronized (this) {
      entry.leases--;
      if (entry.leases > 0) {
        return;
      }
      entry.idleSince = System.nanoTime();
      entries.remove(entry.contentHash);
      entries.put(entry.contentHash, entry);
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
