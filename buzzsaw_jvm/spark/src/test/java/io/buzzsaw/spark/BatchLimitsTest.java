package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.buzzsaw.Batch;
import io.buzzsaw.BuzzsawException;
import io.buzzsaw.InvalidValueException;
import io.buzzsaw.Pipeline;
import io.buzzsaw.Problem;
import io.buzzsaw.ResourceLimitException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchLimitsTest {
  private static final BatchLimits LIMITS = new BatchLimits(10, 1 << 10, 4 << 10);

  @Test
  void whatTheBatchRefusesNamesTheSettingAndKeepsTheRest() {
    String spec = "buzzsaw: 1\nname: t\ninputs: {x: {type: binary, side: document}}\nsteps: {n: {transform: "
        + "hash_bucket, input: x, buckets: 7}}\nfeatures: [n]";
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch(LIMITS.most())) {
      BuzzsawException found =
          assertThrows(ResourceLimitException.class, () -> batch.setUtf8(0, new byte[5 << 10], 0, 5 << 10));
      BuzzsawException told = LIMITS.explained(found);
      assertInstanceOf(ResourceLimitException.class, told);
      assertSame(found, told.getCause());
      assertEquals(found.place(), told.place());
      assertEquals(found.problems().get(0).message(), told.problems().get(0).message());
      assertTrue(told.problems().get(0).hint().contains("spark.buzzsaw.maxBatchBytes"), told.getMessage());
    }
  }

  @Test
  void whatStepsMakeInAnyCaseIsSaidWhereTheSettingIsLower() {
    String spec = "buzzsaw: 1\nname: t\ninputs: {x: {type: string, side: document}}\nsteps: {w: {transform: tokenize, "
        + "input: x}, n: {transform: hashed_terms, input: w, bits: 20}}\nfeatures: [n]";
    BatchLimits limits = new BatchLimits(10, 1 << 20, 8 << 20);
    byte[] text = "a ".repeat(2 << 20).getBytes(StandardCharsets.US_ASCII);
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch(limits.most())) {
      batch.setUtf8(0, text, 0, text.length);
      batch.endRow();
      BuzzsawException found = assertThrows(ResourceLimitException.class, () -> pipeline.transform(batch));
      assertTrue(found.getMessage().contains("over the limit of " + (16 << 20)), found.getMessage());
      String hint = limits.explained(found).problems().get(0).hint();
      assertTrue(hint.startsWith("raise spark.buzzsaw.maxBatchBytes above 16m, which steps have in any case"), hint);
    }
  }

  @Test
  void otherLimitsAndFailuresKeepTheirHints() {
    Problem direct = new Problem("BZ_RESOURCE_LIMIT", "the JVM has no direct memory for 16 bytes", "batch", "raise it");
    BuzzsawException told = LIMITS.explained(new ResourceLimitException(List.of(direct), null));
    assertEquals("raise it", told.problems().get(0).hint());
    BuzzsawException invalid = Refusal.invalid("a limit of 4096", "groups", "give ids");
    assertInstanceOf(InvalidValueException.class, invalid);
    assertSame(invalid, LIMITS.explained(invalid));
  }
}
