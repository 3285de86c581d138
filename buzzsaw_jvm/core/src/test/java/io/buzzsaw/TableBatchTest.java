package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Batches of a table's rows: every input in every row, and in training the fold of its qid. */
class TableBatchTest {
  private static Pipeline pipeline;

  @BeforeAll
  static void load() {
    pipeline = Pipeline.load(Fitted.artifact());
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  /** Appends a group of two rows of one qid, with prices of 1 and 3. */
  private static void group(Batch batch, Mode mode, String qid) {
    batch.startGroup();
    for (double price : new double[] {1, 3}) {
      batch.setString("query", qid);
      batch.setString("title", "Red running shoes");
      batch.setString("supplier", "north");
      batch.setDouble("price", price);
      if (mode == Mode.TRAIN) {
        batch.setString(pipeline.inputs().size(), qid);
      }
      batch.endRow();
    }
    batch.endGroup();
  }

  private static Batch filled(Mode mode) {
    Batch batch = pipeline.newTableBatch(mode, Pipeline.DEFAULT_BATCH_BYTES);
    for (String qid : Fitted.QIDS) {
      group(batch, mode, qid);
    }
    return batch;
  }

  @Test
  void trainingNeedsTheQidAfterTheInputsOfServing() {
    List<Input> training = pipeline.inputs(Mode.TRAIN);
    List<String> names = training.stream().map(Input::name).collect(Collectors.toList());
    assertEquals(List.of("query", "title", "supplier", "price", "qid"), names);
    assertEquals(pipeline.inputs(), pipeline.inputs(Mode.SERVE));
    assertEquals(4, pipeline.inputs().size());
    assertTrue(pipeline.hasFolds());
    assertEquals("request", pipeline.groupInput());
  }

  @Test
  void aRowInTrainingSeesNoLabelOfItsOwnFold() {
    try (Batch training = filled(Mode.TRAIN);
        Batch serving = filled(Mode.SERVE)) {
      FeatureMatrix trained = pipeline.transform(training);
      FeatureMatrix served = pipeline.transform(serving);
      for (int row = 0; row < 4; row++) {
        assertEquals(row < 2 ? 0f : 1f, trained.get(row, "supplier_rate"), "the clicks of the other qid, row " + row);
        assertEquals(0.5f, served.get(row, "supplier_rate"), "half of all rows were clicked, row " + row);
        assertEquals(row % 2 == 0 ? -1f : 1f, trained.get(row, "price_scaled"), "row " + row);
        assertEquals(row % 2 == 0 ? -1f : 1f, trained.get(row, "price_in_group"), "row " + row);
        assertEquals(0, trained.sparse("supplier_is").column(row, 0), "row " + row);
        assertEquals(row < 2, trained.get(row, "title_bm25") > 0, "row " + row);
      }
    }
  }

  @Test
  void theFingerprintAsServedIsThatOfServing() {
    try (Batch training = filled(Mode.TRAIN);
        Batch serving = filled(Mode.SERVE)) {
      FeatureMatrix trained = pipeline.transform(training);
      FeatureMatrix served = pipeline.transform(serving);
      for (int row = 0; row < 4; row++) {
        assertEquals(served.fingerprint(row), trained.servedFingerprint(row), "row " + row);
        assertNotEquals(trained.fingerprint(row), trained.servedFingerprint(row), "row " + row);
      }
    }
  }

  @Test
  void aQueryThatChangesWithinAGroupIsRefused() {
    try (Batch batch = pipeline.newTableBatch(Mode.SERVE, Pipeline.DEFAULT_BATCH_BYTES)) {
      batch.startGroup();
      for (String query : Fitted.QIDS) {
        batch.setString("query", query);
        batch.endRow();
      }
      batch.endGroup();
      InvalidValueException changed = assertThrows(InvalidValueException.class, () -> pipeline.transform(batch));
      assertEquals("inputs.query[1]", changed.place());
    }
  }
}
