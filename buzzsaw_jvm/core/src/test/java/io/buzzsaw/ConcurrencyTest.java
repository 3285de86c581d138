package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  private static List<Long> fingerprints(Pipeline pipeline, Batch batch) {
    FeatureMatrix matrix = pipeline.transform(batch);
    List<Long> found = new ArrayList<>();
    for (int row = 0; row < matrix.rows(); row++) {
      found.add(matrix.fingerprint(row));
    }
    return found;
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

  @Test
  void threadsShareAPipeline() throws InterruptedException, ExecutionException {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
      List<List<Long>> wanted = new ArrayList<>();
      for (int seed = 0; seed < THREADS; seed++) {
        try (Batch batch = pipeline.newBatch()) {
          fill(batch, seed);
          wanted.add(fingerprints(pipeline, batch));
        }
      }
      assertEquals(THREADS, wanted.stream().distinct().count(), "the threads compute different things");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      List<Callable<Integer>> work = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int seed = thread;
        work.add(
            () -> {
              int rounds = 0;
              try (Batch batch = pipeline.newBatch()) {
                for (; System.nanoTime() < end; rounds++) {
                  batch.clear();
                  fill(batch, seed);
                  assertEquals(wanted.get(seed), fingerprints(pipeline, batch));
                }
              }
              return rounds;
            });
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
