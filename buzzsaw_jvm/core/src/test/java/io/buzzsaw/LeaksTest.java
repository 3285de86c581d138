package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is closed gives everything back: memory, files and maps. */
class LeaksTest {
  /** Loads in each half of a run, after as many to warm up. */
  private static final int HALF = 1_000;

  /**
   * What both halves must have grown by, in KiB, for it to be a leak: 1 KiB a load. In twelve runs without a leak one
   * half always grew by less than 50 KiB; with a leak of 2 KiB a load both grew by 2,000 and more.
   */
  private static final long LIMIT = HALF;

  @TempDir Path folder;

  /** Loads, uses and closes a pipeline again and again, and prints what the process has taken after each half. */
  public static final class Loads {
    private static final List<ByteBuffer> LEAKED = new ArrayList<>();

    /** Memory that no file backs, in KiB. */
    private static long anonymous() throws IOException {
      String status = Files.readString(Path.of("/proc/self/status"));
      String line = status.lines().filter(text -> text.startsWith("RssAnon:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static long files() throws IOException {
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return open.count();
      }
    }

    private static long maps(Path file) throws IOException {
      try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
        return lines.filter(line -> line.endsWith(file.toString())).count();
      }
    }

    private static void use(Pipeline pipeline) {
      try (Batch batch = pipeline.newBatch()) {
        Fitted.fill(batch, 0);
        pipeline.transform(batch).fingerprint(0);
        pipeline.explain(batch, 0);
      }
    }

    /** Half of the loads are from the file and half from its bytes; so many bytes are leaked at each. */
    private static void half(Path file, byte[] bytes, int leak) {
      for (int i = 0; i < HALF; i++) {
        try (Pipeline pipeline = i % 2 == 0 ? Pipeline.load(file) : Pipeline.load(bytes)) {
          use(pipeline);
        }
        if (leak > 0) {
          LEAKED.add(ByteBuffer.allocateDirect(leak));
        }
        if (i % 100 == 99) {
          System.gc();
        }
      }
    }

    /** Runs; the arguments are the artifact and how many bytes to leak at each load. */
    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]);
      byte[] bytes = Files.readAllBytes(file);
      int leak = Integer.parseInt(arguments[1]);
      half(file, bytes, 0);
      long files = files();
      for (int i = 0; i < 2; i++) {
        long before = anonymous();
        half(file, bytes, leak);
        long grown = anonymous() - before;
        System.out.println(grown + " KiB, " + (files() - files) + " files, " + maps(file) + " maps");
      }
      try (Pipeline open = Pipeline.load(file)) {
        System.out.println(open.name() + " is open, " + maps(file) + " maps");
      }
    }
  }

  private String run(int leak) throws IOException, InterruptedException {
    List<String> options = List.of("-Xint", "-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
    Path artifact = Files.write(folder.resolve("fitted.buzzsaw"), Fitted.artifact());
    Forked ran = Forked.run(folder, options, Loads.class, artifact.toString(), Integer.toString(leak));
    assertEquals(0, ran.exit, ran.output);
    return ran.output;
  }

  /** What the half grew by that grew less: a leak grows both. */
  private static long grown(String output) {
    return output.lines().filter(line -> line.contains(" KiB, "))
        .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
        .min().orElseThrow();
  }

  @Test
  void loadsAndClosesKeepMemoryFilesAndMapsFlat() throws IOException, InterruptedException {
    String output = run(0);
    assertTrue(grown(output) < LIMIT, output);
    assertEquals(2, output.lines().filter(line -> line.endsWith(" KiB, 0 files, 0 maps")).count(), output);
    assertTrue(output.endsWith("fitted is open, 1 maps\n"), output);
  }

  @Test
  void aLeakOfTwoKibibytesALoadWouldBeSeen() throws IOException, InterruptedException {
    String output = run(2048);
    assertTrue(grown(output) >= LIMIT, output);
  }
}
