package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second thread at a batch, which belongs to one at a time: what it breaks is never the JVM. */
class MisuseTest {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  /** A row whose transform takes long enough to be met. */
  private static void fill(Batch batch) {
    byte[] text = new byte[64 << 20];
    Arrays.fill(text, (byte) 'a');
    for (int i = 7; i < text.length; i += 8) {
      text[i] = ' ';
    }
    batch.setUtf8("title", text, 0, text.length);
    batch.endRow();
  }

  private static boolean isInNativeCode(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getMethodName().equals("transform");
  }

  /** Calls while another thread is in the batch's transform, sees the call wait, and returns how many rows that had. */
  private static int duringTransform(Pipeline pipeline, Batch batch, Consumer<Batch> call)
      throws InterruptedException, ExecutionException {
    FutureTask<Integer> transform = new FutureTask<>(() -> pipeline.transform(batch).rows());
    Thread transforming = new Thread(transform);
    FutureTask<Boolean> called =
        new FutureTask<>(
            () -> {
              while (!isInNativeCode(transforming)) {
                Thread.onSpinWait();
              }
              call.accept(batch);
              return !isInNativeCode(transforming);
            });
    Thread calling = new Thread(called);
    calling.start();
    transforming.start();
    long end = System.nanoTime() + PATIENCE;
    boolean waited = false;
    while (!waited && calling.isAlive() && System.nanoTime() < end) {
      waited = calling.getState() == Thread.State.BLOCKED;
    }
    assertTrue(waited, "the call waits for the transform");
    assertTrue(called.get(), "the call ends after the transform");
    return transform.get();
  }

  @Test
  void closingWaitsForTheTransformOfAnotherThread() throws InterruptedException, ExecutionException {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
      Batch batch = pipeline.newBatch();
      fill(batch);
      assertEquals(1, duringTransform(pipeline, batch, Batch::close));
      assertEquals(0, batch.directBytes());
      assertThrows(ClosedException.class, () -> pipeline.transform(batch));
    }
  }

  @Test
  void clearingWaitsForTheTransformOfAnotherThread() throws InterruptedException, ExecutionException {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      fill(batch);
      assertEquals(1, duringTransform(pipeline, batch, Batch::clear));
      assertEquals(0, batch.rows());
      batch.setString("title", "short");
      batch.endRow();
      assertEquals(1, pipeline.transform(batch).sparse("terms").count(0));
    }
  }

  /** One thread transforms a batch while another fills and clears it; what either is refused is not looked at. */
  public static final class TwoThreads {
    private static final byte[] TEXT = "some words of a title ".repeat(20_000).getBytes();
    private static final long SECONDS = 3;

    private final Pipeline pipeline = Pipeline.compile(Specs.TEXT);
    // Clearing gives memory back soon, and a batch that was cleared grows anew.
    private final Batch batch = pipeline.newBatch(16 << 20);
    private final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    private long transforms;

    private void transform() {
      while (System.nanoTime() < end) {
        try {
          transforms += pipeline.transform(batch).rows() > 0 ? 1 : 0;
        } catch (BuzzsawException | IndexOutOfBoundsException | IllegalArgumentException e) {
          Thread.onSpinWait();
        }
      }
    }

    private void fill() {
      while (System.nanoTime() < end) {
        try {
          for (int row = 0; row < 20; row++) {
            batch.setUtf8(0, TEXT, 0, TEXT.length);
            batch.endRow();
            System.gc();
          }
          batch.clear();
        } catch (BuzzsawException | IndexOutOfBoundsException | IllegalArgumentException e) {
          batch.clear();
        }
      }
    }

    /** Runs, and prints whether the batch is good in the end. */
    public static void main(String[] arguments) throws InterruptedException {
      TwoThreads threads = new TwoThreads();
      Thread filling = new Thread(threads::fill);
      filling.start();
      threads.transform();
      filling.join();
      threads.batch.clear();
      threads.batch.setString("title", "a short title");
      threads.batch.endRow();
      int terms = threads.pipeline.transform(threads.batch).sparse("terms").count(0);
      System.out.println((threads.transforms > 0) + " " + terms);
      threads.batch.close();
      threads.pipeline.close();
    }
  }

  @Test
  void twoThreadsAtABatchDoNotEndTheJvm(@TempDir Path folder) throws IOException, InterruptedException {
    List<String> options = List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:ErrorFile=" + folder.resolve("crash.log"));
    Forked ran = Forked.run(folder, options, TwoThreads.class);
    assertEquals("true 3\n", ran.output);
    assertEquals(0, ran.exit);
  }
}
