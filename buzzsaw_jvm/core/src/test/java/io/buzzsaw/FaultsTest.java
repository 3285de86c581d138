package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in native code ends as an exception that says what and where, and the JVM goes on. */
class FaultsTest {
  private static final String PLANTED =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: planted",
          "inputs:",
          "  x: {type: float64, side: document}",
          "steps:",
          "  item: {transform: planted_panic, input: x}",
          "features: [item]");

  @TempDir Path folder;

  /** Each fault in turn, with a good batch after each; run with a library that has the transform that panics. */
  public static final class Faults {
    private static void good(Pipeline pipeline, Batch batch) {
      batch.clear();
      batch.setDouble("x", 1);
      batch.endRow();
      System.out.println("good " + pipeline.transform(batch).get(0, 0));
    }

    private static void fault(String name, Runnable work) {
      try {
        work.run();
        System.out.println(name + ": no exception");
      } catch (BuzzsawException e) {
        String trace = e.rustBacktrace();
        boolean named = trace != null && trace.contains("planted_panic");
        System.out.println(name + ": " + e.code() + " at " + e.place() + (named ? " with its backtrace" : "") + ": " + e);
      }
    }

    /** Runs them. */
    public static void main(String[] arguments) {
      try (Pipeline pipeline = Pipeline.compile(PLANTED);
          Batch batch = pipeline.newBatch()) {
        good(pipeline, batch);
        batch.setDouble("x", 0.1);
        batch.endRow();
        fault("panic", () -> pipeline.transform(batch));
        fault("explained", () -> pipeline.explain(batch, 0));
        good(pipeline, batch);
        fault("type", () -> batch.setString("x", "1"));
        good(pipeline, batch);
        byte[] artifact = pipeline.toBytes();
        fault("truncated", () -> Pipeline.load(Arrays.copyOf(artifact, artifact.length - 9)).close());
        good(pipeline, batch);
      }
      System.out.println("lives");
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "faults.library", matches = ".+", disabledReason = "make builds it")
  void theJvmOutlivesAPanicAndSaysWhereItBegan() throws IOException, InterruptedException {
    String library = System.getProperty("faults.library");
    assertTrue(Files.exists(Path.of(library)), library);
    Forked ran = Forked.run(folder, List.of("-Dbuzzsaw.native.path=" + library), Faults.class);
    assertEquals(0, ran.exit, ran.output);
    assertEquals(4, ran.output.lines().filter("good 20.0"::equals).count(), ran.output);
    for (String name : new String[] {"panic", "explained"}) {
      String line = line(ran, name);
      assertTrue(line.contains("BZ_INTERNAL at steps.item with its backtrace"), line);
      assertTrue(line.contains("index out of bounds") && line.contains("planted_panic.rs:"), line);
    }
    assertTrue(line(ran, "type").contains("BZ_TYPE_MISMATCH at inputs.x"), ran.output);
    assertTrue(line(ran, "truncated").contains("BZ_CORRUPT_ARTIFACT at zip directory: "), ran.output);
    assertTrue(ran.output.endsWith("lives\n"), ran.output);
  }

  private static String line(Forked ran, String name) {
    return ran.output.lines().filter(line -> line.startsWith(name + ": ")).findFirst().orElseThrow();
  }

  @Test
  void theShippedLibraryHasNoPlantedFault() {
    try {
      Pipeline.compile(PLANTED).close();
      throw new AssertionError("the transform that panics is in the jar");
    } catch (UnknownTransformException e) {
      assertEquals("steps.item.transform", e.place());
    }
  }

  /** Batches past the limits of their memory. */
  public static final class Memory {
    /** 26 words, so that a row's features take four times what its text does. */
    private static final byte[] WORDS = "a b c d e f g h i j k l m n o p q r s t u v w x y z".getBytes(StandardCharsets.US_ASCII);

    private static final int ROWS = 10_000;

    private static void past(String name, Runnable work) {
      try {
        work.run();
        System.out.println(name + ": no exception");
      } catch (ResourceLimitException e) {
        System.out.println(name + ": " + e.code() + " at " + e.place() + ": " + e.getMessage());
      }
    }

    /** Runs them in a JVM with 32 MiB of direct memory. */
    public static void main(String[] arguments) {
      try (Pipeline pipeline = Pipeline.compile(Specs.TEXT)) {
        try (Batch batch = pipeline.newBatch()) {
          past("direct", () -> fill(batch, 100 * ROWS));
          batch.clear();
          fill(batch, ROWS);
          System.out.println("good " + pipeline.transform(batch).rows());
        }
        try (Batch batch = pipeline.newBatch(3 << 19)) {
          fill(batch, ROWS);
          past("features", () -> pipeline.transform(batch));
          batch.clear();
          fill(batch, ROWS / 100);
          System.out.println("good " + pipeline.transform(batch).rows());
        }
      }
      System.out.println("lives");
    }

    private static void fill(Batch batch, int rows) {
      for (int i = 0; i < rows; i++) {
        batch.setUtf8("title", WORDS, 0, WORDS.length);
        batch.endRow();
      }
    }
  }

  @Test
  void theJvmOutlivesTheLimitsOfMemory() throws IOException, InterruptedException {
    Forked ran = Forked.run(folder, List.of("-XX:MaxDirectMemorySize=32m", "-Xmx64m"), Memory.class);
    assertEquals(0, ran.exit, ran.output);
    assertTrue(ran.output.contains("good 10000\n") && ran.output.contains("good 100\n"), ran.output);
    assertTrue(line(ran, "direct").contains("BZ_RESOURCE_LIMIT at batch: "), ran.output);
    assertTrue(line(ran, "direct").contains("MaxDirectMemorySize"), ran.output);
    assertTrue(line(ran, "features").contains("BZ_RESOURCE_LIMIT at batch: "), ran.output);
    assertTrue(line(ran, "features").contains("features of the first"), ran.output);
    assertTrue(ran.output.endsWith("lives\n"), ran.output);
  }
}
