package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.internal.NativeHandle;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is not closed is closed by the cleaner, with a warning. */
class LeakWarningTest {
  private final Logger logger = Logger.getLogger("io.buzzsaw");
  private final Kept kept = new Kept();

  /** Keeps what is logged. */
  private static final class Kept extends Handler {
    private final List<LogRecord> warnings = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord logged) {
      if (logged.getLevel() == Level.WARNING) {
        warnings.add(logged);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() throws InterruptedException {
    logger.setUseParentHandlers(false);
    collect(5, 1); // what other tests left
    logger.addHandler(kept);
  }

  @AfterEach
  void stop() {
    System.clearProperty(NativeHandle.TRACE_PROPERTY);
    logger.setUseParentHandlers(true);
    logger.removeHandler(kept);
  }

  /** Collects garbage, at most so often, until there are so many warnings. */
  private void collect(int times, int warnings) throws InterruptedException {
    for (int i = 0; i < times && kept.warnings.size() < warnings; i++) {
      System.gc();
      Thread.sleep(10);
    }
  }

  /** The warnings of {@link #leak}, in the order of their messages. */
  private List<LogRecord> leaked() throws InterruptedException {
    String hash = leak();
    collect(3_000, 2);
    List<LogRecord> found =
        kept.warnings.stream().sorted(Comparator.comparing(LogRecord::getMessage)).collect(Collectors.toList());
    assertEquals(2, found.size());
    assertTrue(found.get(0).getMessage().startsWith("a batch of the pipeline `text` was never closed; "));
    assertTrue(found.get(1).getMessage().startsWith("a pipeline `text` (" + hash + ") was never closed; "));
    return found;
  }

  private static String leak() {
    Pipeline pipeline = Pipeline.compile(Specs.TEXT);
    Batch batch = pipeline.newBatch();
    batch.setString("title", "never closed");
    batch.endRow();
    return pipeline.contentHash();
  }

  private static void closeInTime() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      batch.endRow();
      assertThrows(ResourceLimitException.class, () -> pipeline.newBatch(1));
    }
  }

  @Test
  void whatIsClosedInTimeOrWasNeverOpenedIsNotWarnedOf() throws InterruptedException {
    closeInTime();
    collect(20, 1);
    assertEquals(List.of(), kept.warnings);
  }

  @Test
  void aWarningSaysWhatWasNeverClosedAndHowToSeeWhereItWasOpened() throws InterruptedException {
    for (LogRecord warning : leaked()) {
      String message = warning.getMessage();
      assertTrue(message.contains("try-with-resources, and -Dbuzzsaw.leaks.trace=true to see where"), message);
      assertNull(warning.getThrown());
    }
  }

  @Test
  void aWarningHasTheStackWhereItIsAskedFor() throws InterruptedException {
    System.setProperty(NativeHandle.TRACE_PROPERTY, "true");
    for (LogRecord warning : leaked()) {
      assertTrue(warning.getMessage().endsWith("; use try-with-resources"), warning.getMessage());
      Throwable opened = warning.getThrown();
      assertNotNull(opened);
      Stream<String> methods = Stream.of(opened.getStackTrace()).map(StackTraceElement::getMethodName);
      assertTrue(methods.anyMatch("leak"::equals), opened::toString);
    }
  }
}
