package io.buzzsaw.spark;

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

/**
 * The open pipelines of a JVM, by content hash: loaded once, shared by tasks, closed when unused.
 *
 * <p>A pipeline without a lease stays open for a while, for the next stage or query; the longest unused goes when there
 * are too many.
 */
final class PipelineCache {
  /** The cache of this JVM. */
  static final PipelineCache SHARED = new PipelineCache(8, Duration.ofMinutes(10));

  private final int mostIdle;
  private final long idleNanos;

  /** By content hash, the longest unused first. */
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ScheduledExecutorService sweeper;
  private boolean sweeping;

  private static final class Entry {
    private Pipeline pipeline;
    private int leases;
    private long idleSince;
  }

  PipelineCache(int mostIdle, Duration idle) {
    this.mostIdle = mostIdle;
    idleNanos = idle.toNanos();
  }

  /** A pipeline in use; closing it twice does nothing. */
  final class Lease implements AutoCloseable {
    private final Entry entry;
    private boolean closed;

    private Lease(Entry entry) {
      this.entry = entry;
    }

    Pipeline pipeline() {
      return entry.pipeline;
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
    List<Pipeline> unused;
    synchronized (this) {
      entry.leases--;
      if (entry.leases > 0) {
        return;
      }
      entry.idleSince = System.nanoTime();
      unused = removeIdle();
      sweepLater();
    }
    unused.forEach(Pipeline::close);
  }

  /** Closes what is idle for too long. The thread ends with the last pipeline; the next one starts another. */
  private void sweep() {
    List<Pipeline> unused;
    synchronized (this) {
      sweeping = false;
      unused = removeIdle();
      sweepLater();
      if (entries.isEmpty()) {
        sweeper.shutdown();
        sweeper = null;
      }
    }
    unused.forEach(Pipeline::close);
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
  private List<Pipeline> removeIdle() {
    long now = System.nanoTime();
    long idle = entries.values().stream().filter(entry -> entry.leases == 0).count();
    List<Pipeline> removed = new ArrayList<>();
    for (Iterator<Entry> all = entries.values().iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.leases > 0) {
        continue;
      }
      if (entry.pipeline == null || idle > mostIdle || now - entry.idleSince >= idleNanos) {
        all.remove();
        idle--;
        if (entry.pipeline != null) {
          removed.add(entry.pipeline);
        }
      }
    }
    return removed;
  }

  /** The number of pipelines that are open. */
  synchronized int open() {
    return entries.size();
  }
}
