package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the example of {@link Pipeline}'s Javadoc, word for word but for the file's place. */
class JavadocExampleTest {
  private static final String SPEC =
      String.join(
          "\n",
          "buzzsaw: 1",
          "name: shop_search",
          "inputs:",
          "  query: {type: string, side: query}",
          "  title: {type: string, side: document}",
          "  price_cents: {type: int64, side: document}",
          "steps:",
          "  query_words: {transform: tokenize, input: query, analyzer: english}",
          "  title_words: {transform: tokenize, input: title, analyzer: english}",
          "  query_x_title: {transform: hashed_cross, inputs: [query_words, title_words], bits: 18}",
          "  log_price: {transform: log1p, input: price_cents}",
          "features: [query_x_title, log_price]");

  @Test
  void theExampleOfPipelineRuns(@TempDir Path folder)
      throws IOException, URISyntaxException, ReflectiveOperationException {
    Path artifact = folder.resolve("a.bz");
    try (Pipeline pipeline = Pipeline.compile(SPEC)) {
      Files.write(artifact, pipeline.toBytes());
    }
    Path source = Path.of(System.getProperty("basedir", "."), "src/main/java/io/buzzsaw/Pipeline.java");
    String text = Files.readString(source);
    String example = text.substring(text.indexOf("<pre>{@code") + "<pre>{@code".length(), text.indexOf("}</pre>"));
    example = example.lines().map(line -> line.replaceFirst("^ \\* ?", "")).collect(Collectors.joining("\n"));
    assertTrue(example.contains("Path.of(\"shop_search.bz\")") && example.contains("float first = "), example);
    String program =
        "import io.buzzsaw.*;\nimport java.nio.file.Path;\npublic class Example {\n"
            + "  public static float first;\n  public static void run() {\n"
            + example.replace("shop_search.bz", artifact.toString()).replace("float first = ", "first = ")
            + "\n  }\n}\n";
    Path file = Files.writeString(folder.resolve("Example.java"), program);
    URL classes = Pipeline.class.getProtectionDomain().getCodeSource().getLocation();
    int outcome =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-Xlint:all", "-Werror", "-cp", Path.of(classes.toURI()).toString(), file.toString());
    assertEquals(0, outcome, program);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      Class<?> compiled = loader.loadClass("Example");
      compiled.getMethod("run").invoke(null);
      assertEquals(Math.log1p(1999), compiled.getField("first").getFloat(null), 1e-6);
    }
  }
}
