package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {
  private static final int THREADS = 16;

  /** A few seconds here, a minute in {@code make soak}. */
  private static final long SECONDS = Long.getLong("concurrency.seconds", 3);

  private static void fill(Batch batch, int seed) {
    for (int row = 0; row < 40; row++) {
      batch.setString("title", "shared word" + row + " only" + seed);
      batch.endRow();
    }
  }

  private static <T> List<T> inThreads(List<Callable<T>> work) throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : pool.invokeAll(work, 60 + SECONDS, TimeUnit.SECONDS)) {
        results.add(result.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  /** The fingerprints of a batch's rows, or how the last of them came about. */
  private static String computed(Pipeline pipeline, Batch batch, boolean explained) {
    if (explained) {
      return pipeline.explain(batch, batch.rows() - 1);
    }
    FeatureMatrix matrix = pipeline.transform(batch);
    StringBuilder fingerprints = new StringBuilder();
    for (int row = 0; row < matrix.rows(); row++) {
      fingerprints.append(matrix.fingerprint(row)).append(' ');
    }
    return fingerprints.toString();
  }

  /** Computes a thread's batch until the end, and counts how often. */
  private static int rounds(Pipeline pipeline, int thread, String wanted, long end) {
    int rounds = 0;
    try (Batch batch = pipeline.newBatch()) {
      do {
        batch.clear();
        Fitted.fill(batch, thread);
        assertEquals(wanted, computed(pipeline, batch, thread % 4 == 3));
        rounds++;
      } while (System.nanoTime() < end);
    }
    return rounds;
  }

  @Test
  void threadsServeAndExplainWithOneFittedPipeline(@TempDir Path folder)
      throws IOException, InterruptedException, ExecutionException {
    try (Pipeline pipeline = Pipeline.load(Files.write(folder.resolve("fitted.buzzsaw"), Fitted.artifact()))) {
      List<String> wanted = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        try (Batch batch = pipeline.newBatch()) {
          Fitted.fill(batch, thread);
          wanted.add(computed(pipeline, batch, thread % 4 == 3));
        }
      }
      assertEquals(THREADS, wanted.stream().distinct().count(), "the threads compute different things");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      List<Callable<Integer>> work = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int thread = i;
        work.add(() -> rounds(pipeline, thread, wanted.get(thread), end));
      }
      for (int rounds : inThreads(work)) {
        assertTrue(rounds > 0, "every thread had a turn");
      }
    }
  }

  @Test
  void closingWhileOthersTransformEndsThemWithClosed() throws InterruptedException, ExecutionException {
    for (int round = 0; round < 20; round++) {
      Pipeline pipeline = Pipeline.compile(Specs.TEXT);
      CountDownLatch started = new CountDownLatch(THREADS);
      List<Callable<String>> work = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Batch batch = pipeline.newBatch();
        fill(batch, thread);
        work.add(
            () -> {
              try {
                pipeline.transform(batch);
                started.countDown();
                for (int i = 0; i < 1_000_000; i++) {
                  assertEquals(40, pipeline.transform(batch).rows());
                }
                return "never closed";
              } catch (ClosedException e) {
                return e.code();
              } finally {
                batch.close();
              }
            });
      }
      work.add(
          () -> {
            assertTrue(started.await(30, TimeUnit.SECONDS));
            pipeline.close();
            return "BZ_CLOSED";
          });
      for (String outcome : inThreads(work)) {
        assertEquals("BZ_CLOSED", outcome);
      }
    }
  }
}
