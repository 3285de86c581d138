package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The tests that call native methods, again, in a JVM that checks every use of JNI. */
class CheckJniTest {
  private static final List<Class<?>> TESTS =
      List.of(BatchTest.class, ColumnTypesTest.class, PipelineTest.class, TextTest.class, JavadocExampleTest.class);

  /** Runs the tests of {@link #TESTS} and prints how many passed. */
  public static final class Checked {
    /** Runs them. */
    public static void main(String[] arguments) {
      List<DiscoverySelector> selectors =
          TESTS.stream().map(type -> (DiscoverySelector) selectClass(type)).collect(Collectors.toList());
      SummaryGeneratingListener listener = new SummaryGeneratingListener();
      Launcher launcher = LauncherFactory.create();
      launcher.execute(LauncherDiscoveryRequestBuilder.request().selectors(selectors).build(), listener);
      TestExecutionSummary summary = listener.getSummary();
      summary.printFailuresTo(new PrintWriter(System.out, true));
      System.out.println(summary.getTestsSucceededCount() + " passed, " + summary.getTotalFailureCount() + " failed");
    }
  }

  @Test
  void nothingIsFoundToCheck(@TempDir Path folder) throws IOException, InterruptedException {
    Forked ran = Forked.run(folder, List.of("-Xcheck:jni", "-Xmx1g"), Checked.class);
    assertEquals(0, ran.exit, ran.output);
    Stream<String> tests = TESTS.stream().flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Test.class)).map(Object::toString);
    assertTrue(ran.output.contains(tests.count() + " passed, 0 failed"), ran.output);
    for (String complaint : new String[] {"WARNING", "FATAL ERROR"}) {
      assertTrue(!ran.output.contains(complaint), ran.output);
    }
  }
}
