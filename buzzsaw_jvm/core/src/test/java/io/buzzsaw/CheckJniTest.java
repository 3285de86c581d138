package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** The tests that call native methods, again, in JVMs that check every use of JNI. */
class CheckJniTest {
  private static final List<Class<?>> TESTS =
      List.of(
          BatchLimitsTest.class,
          BatchTest.class,
          ColumnTypesTest.class,
          ConcurrencyTest.class,
          JavadocExampleTest.class,
          LeakWarningTest.class,
          PipelineTest.class,
          TableBatchTest.class,
          TextTest.class);

  @TempDir Path folder;

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
      // Some end early, and pass, on a run time without a compiler, and there alone.
      boolean whole = ToolProvider.getSystemJavaCompiler() != null;
      long ended = summary.getTestsSucceededCount() + (whole ? 0 : summary.getTestsAbortedCount());
      System.out.println(ended + " passed, " + summary.getTotalFailureCount() + " failed");
    }
  }

  private Forked checked(Class<?> main, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-Xcheck:jni", "-Xmx1g"));
    all.addAll(options);
    Forked ran = Forked.run(folder, all, main, arguments);
    assertEquals(0, ran.exit, ran.output);
    for (String complaint : new String[] {"WARNING", "FATAL ERROR"}) {
      assertTrue(!ran.output.contains(complaint), ran.output);
    }
    return ran;
  }

  @Test
  void nothingIsFoundInTheTests() throws IOException, InterruptedException {
    Forked ran = checked(Checked.class, List.of("-Dconcurrency.seconds=1"));
    Stream<String> tests = TESTS.stream().flatMap(type -> Stream.of(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Test.class)).map(Object::toString);
    assertTrue(("\n" + ran.output).endsWith("\n" + tests.count() + " passed, 0 failed\n"), ran.output);
  }

  @Test
  void nothingIsFoundInClassLoadersThatComeAndGo() throws IOException, InterruptedException {
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    Forked ran =
        checked(ReloadTest.Reloads.class, List.of("-Djava.io.tmpdir=" + unpacked), unpacked.toString(), "true", "0");
    assertTrue(ran.output.contains("0 class loaders, 0 libraries"), ran.output);
    Path two = Files.createDirectory(folder.resolve("two"));
    ran = checked(NativeLoaderTest.Unpacks.class, List.of("-Djava.io.tmpdir=" + two, "-XX:-UsePerfData"), two.toString());
    assertTrue(ran.output.endsWith("rwx------1\nrwx------1\n"), ran.output);
  }

  @Test
  @EnabledIfSystemProperty(named = "faults.library", matches = ".+", disabledReason = "make builds it")
  void nothingIsFoundInThePathOfAPanic() throws IOException, InterruptedException {
    Forked ran = checked(FaultsTest.Faults.class, List.of("-Dbuzzsaw.native.path=" + System.getProperty("faults.library")));
    assertTrue(ran.output.contains("panic: BZ_INTERNAL at steps.item with its backtrace"), ran.output);
    assertTrue(ran.output.endsWith("lives\n"), ran.output);
  }
}
