package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.buzzsaw.InternalException;
import io.buzzsaw.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class CarriedExceptionTest {
  private static final Problem PROBLEM = new Problem("BZ_INTERNAL", "index out of bounds", "steps.item", "");

  private static CarriedException carried(String backtrace) {
    return new CarriedException(new InternalException(List.of(PROBLEM), backtrace));
  }

  @Test
  void theBacktraceStandsBetweenTheMessageAndTheProblems() {
    String problems = carried(null).getCause() instanceof InternalException own ? own.problemsJson() : "";
    assertEquals(PROBLEM + "\nbuzzsaw-problems:" + problems, carried(null).getMessage());
    String message = carried("  0: buzzsaw_core::step\n  1: [..]\n").getMessage();
    assertEquals(
        PROBLEM + "\nRust backtrace:\n  0: buzzsaw_core::step\n  1: [..]\nbuzzsaw-problems:" + problems, message);
    assertEquals(problems, FeatureTransform.problemsOf(new RuntimeException("Job aborted: " + message + "\n\tat x")));
  }

  @Test
  void theBacktraceIsFoundInTheTextAndInTheExceptionItself() {
    String backtrace = "  0: buzzsaw_core::step\n  1: [..]";
    CarriedException carried = carried(backtrace + "\n");
    Throwable aborted = new RuntimeException("Job aborted: " + carried.getMessage() + "\n\tat x");
    assertEquals(backtrace, FeatureTransform.backtraceOf(new RuntimeException("query", aborted)));
    assertEquals(backtrace + "\n", FeatureTransform.backtraceOf(carried.getCause()));
    assertNull(FeatureTransform.backtraceOf(carried(null)));
    assertNull(FeatureTransform.backtraceOf(carried(null).getCause()));
    assertNull(FeatureTransform.backtraceOf(new RuntimeException("disk full")));
  }
}
