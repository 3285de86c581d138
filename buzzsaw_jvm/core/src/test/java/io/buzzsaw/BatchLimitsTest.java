package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The memory that a batch may take. */
class BatchLimitsTest {
  /** Text with 26 different words, once it is long enough for them. */
  private static byte[] words(int length) {
    byte[] text = new byte[length];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i % 8 == 7 ? ' ' : 'a' + i / 8 % 26);
    }
    return text;
  }

  @Test
  void oneRowMayBeVeryLong() {
    byte[] text = words(64 << 20);
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      batch.setUtf8("title", text, 0, text.length);
      batch.endRow();
      assertEquals(26, pipeline.transform(batch).sparse("terms").count(0));
    }
  }

  @Test
  void aBatchPastItsLimitIsRefusedAndGoesOnWhenCleared() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch(100_000)) {
      byte[] text = new byte[60_000];
      batch.setUtf8("title", text, 0, text.length);
      batch.endRow();
      ResourceLimitException limit =
          assertThrows(ResourceLimitException.class, () -> batch.setUtf8("title", text, 0, text.length));
      assertEquals("BZ_RESOURCE_LIMIT", limit.code());
      assertTrue(limit.getMessage().contains("100000"), limit.getMessage());
      batch.clear();
      batch.setString("title", "short");
      batch.endRow();
      assertEquals(1, pipeline.transform(batch).sparse("terms").count(0));
    }
  }

  @Test
  void aBatchPastItsLimitRefusesAllElseUntilItIsCleared() {
    // Appended in parts, of which the first ones have room.
    CharSequence text = new StringBuilder(" x".repeat(100_000));
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch(100_000)) {
      List<Consumer<Batch>> past =
          List.of(
              b -> b.setString("title", text),
              b -> {
                b.beginList("tags");
                b.addString(text);
              },
              b -> {
                b.beginMap("names");
                b.key(text);
              });
      List<Consumer<Batch>> calls =
          List.of(
              // Without memory before, and with room.
              b -> b.setUtf8("code", new byte[8], 0, 8),
              b -> b.setInt("day", 1),
              b -> b.setString("title", "short"),
              b -> b.setMissing("title"),
              b -> b.beginList("tags"),
              b -> b.addString("t"),
              b -> b.key("k"),
              Batch::endRow,
              Batch::endList,
              Batch::endMap,
              Batch::startGroup,
              Batch::endGroup,
              pipeline::transform,
              b -> pipeline.explain(b, 0));
      for (Consumer<Batch> value : past) {
        batch.setString("title", "kept");
        batch.endRow();
        assertThrows(ResourceLimitException.class, () -> value.accept(batch));
        for (Consumer<Batch> call : calls) {
          assertThrows(InvalidValueException.class, () -> call.accept(batch));
        }
        InvalidValueException refused = assertThrows(InvalidValueException.class, batch::endRow);
        assertTrue(refused.getMessage().contains("(clear() the batch)"), refused.getMessage());
        batch.clear();
        batch.setString("title", "a b c");
        batch.endRow();
        assertEquals(3, pipeline.transform(batch).sparse("title_terms").count(0));
        batch.clear();
      }
    }
  }

  @Test
  void aTransformPastTheLimitLeavesTheRows() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch(100_000)) {
      String terms = IntStream.range(100_000, 108_000).mapToObj(Integer::toString).collect(Collectors.joining(" "));
      byte[] text = terms.getBytes(StandardCharsets.UTF_8);
      batch.setUtf8("title", text, 0, text.length);
      batch.endRow();
      assertThrows(ResourceLimitException.class, () -> pipeline.transform(batch));
      assertEquals(1, batch.rows());
      batch.setString("title", "x");
      batch.endRow();
      assertEquals(2, batch.rows());
    }
  }

  @Test
  void aBatchNearItsLimitIsEvaluatedAndGoesOnWhenCleared() {
    byte[] text = words(30_000);
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch(100_000)) {
      for (int row = 0; row < 3; row++) {
        batch.setUtf8("title", text, 0, text.length);
        batch.endRow();
      }
      FeatureMatrix matrix = pipeline.transform(batch);
      SparsePart terms = matrix.sparse("terms");
      int[] columns = new int[3 * 26];
      terms.columnBuffer().get(columns);
      batch.clear();
      batch.setString("title", "short");
      batch.endRow();
      for (int i = 0; i < columns.length; i++) {
        assertEquals(columns[i], terms.column(i / 26, i % 26), "clearing the input leaves the output");
      }
      assertEquals(1, pipeline.transform(batch).rows());
      assertEquals(1, terms.count(0));
    }
  }

  @Test
  void aClearedBatchGivesItsMemoryToOtherInputs() {
    byte[] bytes = words(45_000);
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch(100_000)) {
      batch.setUtf8("title", bytes, 0, bytes.length);
      batch.endRow();
      batch.clear();
      batch.setUtf8("code", bytes, 0, bytes.length);
      batch.setInt("day", 1);
      batch.endRow();
      assertEquals(1, pipeline.transform(batch).sparse("code_cross").count(0));
    }
  }

  @Test
  void theLimitOfABatchHoldsWhenARowIsExplained() {
    byte[] text = "a b c d e f g h i j k l m n o p q r s t u v w x y z".getBytes(StandardCharsets.US_ASCII);
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch(100_000)) {
      for (int row = 0; row < 700; row++) {
        batch.setUtf8("title", text, 0, text.length);
        batch.endRow();
      }
      ResourceLimitException limit = assertThrows(ResourceLimitException.class, () -> pipeline.explain(batch, 0));
      assertTrue(limit.getMessage().contains("features of the first"), limit.getMessage());
      batch.clear();
      batch.setString("title", "short");
      batch.endRow();
      assertEquals("[\"short\"]", Explained.value(pipeline.explain(batch, 0), "words"));
    }
  }
}
