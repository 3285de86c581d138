package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
