package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the examples of the Javadoc, word for word but for the file's place and what is shown of it. */
class JavadocExampleTest extends ExampleContext {
  private static final Path SOURCES = Path.of(System.getProperty("basedir", "."), "src/main/java/io/buzzsaw");
  private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\n(.*?)\\}</pre>", Pattern.DOTALL);

  @TempDir Path folder;

  @BeforeEach
  void open() throws IOException {
    pipeline = Pipeline.compile(SPEC);
    batch = pipeline.newBatch();
    artifact = Files.write(folder.resolve("shop_search.buzzsaw"), pipeline.toBytes());
    transformTwoRows();
    scores.clear();
    fingerprints.clear();
    totals.clear();
    log.clear();
  }

  @AfterEach
  void close() {
    batch.close();
    pipeline.close();
  }

  /** The one example of a class's Javadoc. */
  private static String example(String type) throws IOException {
    Matcher found = EXAMPLE.matcher(Files.readString(SOURCES.resolve(type + ".java")));
    assertTrue(found.find(), type);
    String example = found.group(1).lines().map(line -> line.replaceFirst("^ \\* ?", "")).collect(Collectors.joining("\n"));
    assertTrue(!found.find(), "a second example of " + type + " is not run");
    return example;
  }

  private void run(String example) throws IOException, URISyntaxException, ReflectiveOperationException {
    String program =
        String.join(
            "\n",
            "import io.buzzsaw.*;",
            "import java.nio.*;",
            "import java.nio.file.Path;",
            "import java.util.*;",
            "public class Example extends ExampleContext {",
            "  public static void run() {",
            example,
            "  }",
            "}");
    Path file = Files.writeString(folder.resolve("Example.java"), program);
    Path library = Path.of(Pipeline.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path tests = Path.of(ExampleContext.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String path = library + java.io.File.pathSeparator + tests;
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assumeTrue(compiler != null, "a run time alone has no compiler");
    int outcome =
        compiler.run(null, null, null, "--release", "11", "-Xlint:all", "-Werror", "-cp", path, file.toString());
    assertEquals(0, outcome, program);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      loader.loadClass("Example").getMethod("run").invoke(null);
    }
  }

  @Test
  void everyExampleIsRunHere() throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).collect(Collectors.toList())) {
        if (Files.readString(file).contains("{@code\n")) {
          found.add(file.getFileName().toString().replace(".java", ""));
        }
      }
    }
    assertEquals(Set.of("Pipeline", "Batch", "FeatureMatrix", "SparsePart", "BuzzsawException"), found);
  }

  @Test
  void pipeline() throws IOException, URISyntaxException, ReflectiveOperationException {
    String example = example("Pipeline");
    assertTrue(example.contains("Path.of(\"shop_search.buzzsaw\")") && example.contains("float first = "), example);
    run(example.replace("shop_search.buzzsaw", artifact.toString()).replace("float first = ", "first = "));
    assertEquals(Math.log1p(1999), first, 1e-6);
  }

  @Test
  void batch() throws IOException, URISyntaxException, ReflectiveOperationException {
    run(example("Batch"));
    assertEquals(2, scores.size());
    assertEquals(Math.log1p(1999), scores.get(0).doubleValue(), 1e-6);
    assertEquals(Math.log1p(999), scores.get(1).doubleValue(), 1e-6);
  }

  @Test
  void featureMatrix() throws IOException, URISyntaxException, ReflectiveOperationException {
    SparsePart crossed = features.sparse("query_x_title");
    assertTrue(crossed.count(0) > 2, "the example has terms to add");
    for (int i = 0; i < crossed.count(0); i++) {
      termWeights[crossed.column(0, i)] = 3;
    }
    double sum = 0;
    for (int i = 0; i < crossed.count(0); i++) {
      sum += 3 * crossed.value(0, i);
    }
    run(example("FeatureMatrix"));
    assertEquals(0.5 + 2 * features.get(0, 0) + sum, scores.get(0).doubleValue(), 1e-6);
    assertEquals(2, fingerprints.size());
    assertEquals(features.fingerprint(1), fingerprints.get(1));
  }

  @Test
  void sparsePart() throws IOException, URISyntaxException, ReflectiveOperationException {
    run(example("SparsePart"));
    SparsePart crossed = features.sparse("query_x_title");
    double sum = 0;
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < crossed.count(row); i++) {
        sum += crossed.value(row, i);
      }
    }
    assertEquals(sum, totals.values().stream().mapToDouble(Float::doubleValue).sum(), 1e-6);
    assertTrue(totals.size() > 4);
  }

  @Test
  void exception() throws IOException, URISyntaxException, ReflectiveOperationException {
    run(example("BuzzsawException"));
    assertEquals("serves shop_search", log.get(0));
    Files.write(artifact, new byte[] {1, 2, 3});
    run(example("BuzzsawException"));
    assertTrue(log.get(1).startsWith("fetch it again: BZ_CORRUPT_ARTIFACT"), log.get(1));
    Files.delete(artifact);
    run(example("BuzzsawException"));
    assertTrue(log.get(2).startsWith("BZ_IO at "), log.get(2));
  }
}
