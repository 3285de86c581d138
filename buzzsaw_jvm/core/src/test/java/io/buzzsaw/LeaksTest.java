package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is closed gives its memory back; what is not is closed by the cleaner, with a warning. */
class LeaksTest {
  private static final int LOADS = 1_000;
  private static final int EDGES = 10_000;

  /** A pipeline with some state, so that a thousand that leaked would be seen. */
  private static String large() {
    String edges = IntStream.range(0, EDGES).mapToObj(i -> i + ".25").collect(Collectors.joining(", "));
    return String.join(
        "\n",
        "buzzsaw: 1",
        "name: large",
        "inputs:",
        "  x: {type: float64, side: document}",
        "steps:",
        "  bucket: {transform: bucketize, input: x, edges: [" + edges + "]}",
        "features: [bucket]");
  }

  /** Loads, uses and closes a pipeline again and again, and prints how much memory the process has grown by. */
  public static final class Loads {
    private static long residentKibibytes() throws IOException {
      String status = Files.readString(Path.of("/proc/self/status"));
      String line = status.lines().filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static void load(byte[] artifact) {
      try (Pipeline pipeline = Pipeline.load(artifact);
          Batch batch = pipeline.newBatch()) {
        batch.setDouble(0, 7);
        batch.endRow();
        if (pipeline.transform(batch).get(0, 0) != 7) {
          throw new AssertionError("the bucket is another");
        }
      }
    }

    /** Runs; the artifact is the argument. */
    public static void main(String[] arguments) throws IOException {
      byte[] artifact = Files.readAllBytes(Path.of(arguments[0]));
      for (int i = 0; i < LOADS / 5; i++) {
        load(artifact);
      }
      System.gc();
      long before = residentKibibytes();
      for (int i = 0; i < LOADS; i++) {
        load(artifact);
      }
      System.gc();
      System.out.println("grown by " + (residentKibibytes() - before) + " KiB");
    }
  }

  @Test
  void aThousandLoadsAndClosesKeepMemoryFlat(@TempDir Path folder) throws IOException, InterruptedException {
    Path file = folder.resolve("large.bz");
    try (Pipeline pipeline = Pipeline.compile(large())) {
      Files.write(file, pipeline.toBytes());
    }
    assertTrue(Files.size(file) > 50_000, "the artifact is large enough for a leak to show: " + Files.size(file));
    List<String> options = List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
    Forked ran = Forked.run(folder, options, Loads.class, file.toString());
    assertEquals(0, ran.exit, ran.output);
    long grown = Long.parseLong(ran.output.replaceAll("(?s).*grown by (-?\\d+) KiB.*", "$1"));
    assertTrue(grown < 24 << 10, ran.output);
  }

  /** Keeps what is logged. */
  private static final class Kept extends Handler {
    private final StringBuffer messages = new StringBuffer();

    @Override
    public void publish(LogRecord logged) {
      if (logged.getLevel() == Level.WARNING) {
        messages.append(logged.getMessage()).append('\n');
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private static void leak() {
    Batch batch = Pipeline.compile(Specs.TEXT).newBatch();
    batch.setString("title", "never closed");
    batch.endRow();
  }

  private static void closeInTime() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      batch.endRow();
      assertThrows(ResourceLimitException.class, () -> pipeline.newBatch(1));
    }
  }

  @Test
  void whatIsNeverClosedIsWarnedOf() throws InterruptedException {
    Logger logger = Logger.getLogger("io.buzzsaw");
    Kept kept = new Kept();
    logger.addHandler(kept);
    logger.setUseParentHandlers(false);
    try {
      closeInTime();
      for (int i = 0; i < 20; i++) {
        System.gc();
        Thread.sleep(10);
      }
      assertEquals("", kept.messages.toString(), "neither what was closed is warned of, nor what was never opened");
      leak();
      for (int i = 0; i < 200 && kept.messages.toString().lines().count() < 2; i++) {
        System.gc();
        Thread.sleep(20);
      }
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(kept);
    }
    assertEquals(
        List.of("a batch was never closed; use try-with-resources", "a pipeline was never closed; use try-with-resources"),
        kept.messages.toString().lines().sorted().collect(Collectors.toList()));
  }
}
