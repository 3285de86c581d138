package io.buzzsaw;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program of the tests in a JVM of its own, so that its end shows what it left and its options bind no other test. */
final class Forked {
  /** The exit code. */
  final int exit;

  /** What it wrote, to either stream. */
  final String output;

  private Forked(int exit, String output) {
    this.exit = exit;
    this.output = output;
  }

  /** Runs {@code main} with the class path of the tests. */
  static Forked run(Path folder, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return run(folder, Map.of(), options, main, arguments);
  }

  /** The same with further variables of the environment. */
  static Forked run(
      Path folder, Map<String, String> variables, List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Path written = Files.createTempFile(folder, "output", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      // Which warns of native libraries otherwise, and some tests look at all that is written.
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(variables);
    Process process = builder.redirectErrorStream(true).redirectOutput(written.toFile()).start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    String output = new String(Files.readAllBytes(written), StandardCharsets.UTF_8);
    return new Forked(ended ? process.exitValue() : -1, output);
  }
}
