package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final int MISSING = 0x7fc00000;

  private static void group(Batch batch, double boost, double... prices) {
    batch.startGroup();
    batch.setDouble("boost", boost);
    for (double price : prices) {
      batch.setDouble("price", price);
      batch.endRow();
    }
    batch.endGroup();
  }

  /** The definition: distance from the mean in standard deviations, ddof 0. */
  private static double zscore(double value, double... group) {
    double mean = 0;
    for (double other : group) {
      mean += other / group.length;
    }
    double squares = 0;
    for (double other : group) {
      squares += (other - mean) * (other - mean) / group.length;
    }
    return squares == 0 ? 0 : (value - mean) / Math.sqrt(squares);
  }

  @Test
  void groupsShareTheirQueryAndKeepApart() {
    double[][] prices = {{10, 20, 30, 70}, {5}, {1, 100}};
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      assertTrue(pipeline.needsGroups());
      for (int round = 0; round < 3; round++) {
        for (int g = 0; g < prices.length; g++) {
          group(batch, g + 1, prices[g]);
          group(batch, 99);
        }
        FeatureMatrix matrix = pipeline.transform(batch);
        assertEquals(7, matrix.rows(), "groups without rows leave no trace");
        int row = 0;
        for (int g = 0; g < prices.length; g++) {
          for (double price : prices[g]) {
            assertEquals(g + 1, matrix.get(row, "boost"));
            assertEquals((float) price, matrix.get(row, "price"));
            assertEquals(zscore(price, prices[g]), matrix.get(row, "price_z"), 1e-6);
            row++;
          }
        }
        batch.clear();
      }
    }
  }

  @Test
  void aQueryThatIsNotSetIsMissingForItsGroup() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      batch.startGroup();
      batch.setDouble("price", 1);
      batch.endRow();
      batch.endGroup();
      group(batch, 4, 1, 2);
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(MISSING, Float.floatToRawIntBits(matrix.get(0, "boost")));
      assertEquals(4f, matrix.get(2, "boost"));
    }
  }

  @Test
  void aSpecWithGroupStepsRefusesABatchWithoutGroups() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      batch.setDouble("price", 1);
      batch.endRow();
      MissingInputException missing =
          assertThrows(MissingInputException.class, () -> pipeline.transform(batch));
      assertEquals("BZ_MISSING_INPUT", missing.code());
      assertEquals("groups", missing.place());
      assertTrue(missing.problemsJson().startsWith("[{\"code\":\"BZ_MISSING_INPUT\",\"message\":\""));
      assertThrows(MissingInputException.class, () -> pipeline.explain(batch, 0));
      batch.clear();
      group(batch, 1, 2, 3);
      assertEquals(2, pipeline.transform(batch).rows(), "the batch goes on after an error");
    }
  }

  @Test
  void anEmptyBatchHasNoRows() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(0, matrix.rows());
      assertEquals(0, matrix.denseBuffer().limit());
      assertEquals(0, matrix.fingerprintBuffer().limit());
      assertEquals(0, matrix.sparse("title_terms").columnBuffer().limit());
      assertThrows(IndexOutOfBoundsException.class, () -> matrix.get(0, 0));
      assertThrows(IndexOutOfBoundsException.class, () -> matrix.fingerprint(0));
      assertThrows(InvalidValueException.class, () -> matrix.get(0, "widht"));
      assertThrows(InvalidValueException.class, () -> matrix.sparse("width"));
    }
  }

  @Test
  void callsOutOfPlaceAreRefused() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED)) {
      refused(pipeline, b -> b.setInt(99, 1));
      refused(pipeline, b -> b.setInt(-1, 1));
      refused(pipeline, b -> b.setInt("dya", 1));
      refused(
          pipeline,
          b -> {
            b.setInt("day", 1);
            b.setInt("day", 2);
          });
      refused(
          pipeline,
          b -> {
            b.setInt("day", 1);
            b.startGroup();
          });
      refused(
          pipeline,
          b -> {
            b.setInt("day", 1);
            pipeline.transform(b);
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            b.setInt("day", 1);
            b.endGroup();
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            b.startGroup();
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            pipeline.transform(b);
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            b.setLong("now", 1);
            b.endRow();
            b.setLong("now", 2);
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            b.endRow();
            b.endGroup();
            b.endRow();
          });
      refused(
          pipeline,
          b -> {
            b.startGroup();
            b.endGroup();
            b.setLong("now", 1);
          });
      refused(pipeline, Batch::endGroup);
      refused(pipeline, Batch::endList);
      refused(pipeline, b -> b.addInt(1));
      refused(pipeline, b -> b.key("k"));
      refused(
          pipeline,
          b -> {
            b.beginList("tags");
            b.endRow();
          });
      refused(
          pipeline,
          b -> {
            b.beginList("tags");
            b.endMap();
          });
      refused(
          pipeline,
          b -> {
            b.beginList("tags");
            b.key("k");
          });
      refused(
          pipeline,
          b -> {
            b.beginMap("sizes");
            b.addDouble(1);
          });
      refused(
          pipeline,
          b -> {
            b.beginMap("sizes");
            b.key("k");
            b.key("l");
          });
      refused(
          pipeline,
          b -> {
            b.beginMap("sizes");
            b.key("k");
            b.endMap();
          });
      refused(pipeline, b -> pipeline.explain(b, 0));
      try (Pipeline other = Pipeline.compile(Specs.NESTED)) {
        refused(pipeline, other::transform);
      }
    }
  }

  @Test
  void aRowIsNotBegunByAValueThatIsRefused() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      batch.startGroup();
      assertThrows(TypeMismatchException.class, () -> batch.setString("price", "7"));
      assertThrows(TypeMismatchException.class, () -> batch.beginList("price"));
      batch.endGroup();
      group(batch, 1, 2, 3);
      assertEquals(2, pipeline.transform(batch).rows());
      batch.clear();
      assertThrows(TypeMismatchException.class, () -> batch.setString("price", "7"));
      group(batch, 1, 2);
      assertEquals(1, pipeline.transform(batch).rows());
    }
  }

  private static void refused(Pipeline pipeline, Consumer<Batch> calls) {
    try (Batch batch = pipeline.newBatch()) {
      InvalidValueException refused = assertThrows(InvalidValueException.class, () -> calls.accept(batch));
      assertEquals("BZ_INVALID_VALUE", refused.code());
      assertFalse(refused.place().isEmpty(), refused.getMessage());
      assertFalse(refused.problems().get(0).hint().isEmpty(), refused.getMessage());
      batch.clear();
      batch.setInt("day", 1);
      batch.endRow();
      assertEquals(1, pipeline.transform(batch).rows(), "a cleared batch goes on");
    }
  }

  @Test
  void buffersGrowAndAreReused() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      long[] first = new long[20_000];
      for (int round = 0; round < 2; round++) {
        for (int row = 0; row < first.length; row++) {
          batch.setLong("now", row * 86_400_000_000L);
          if (row % 3 != 0) {
            batch.setInt("day", row - 1);
          }
          batch.setString("title", "word" + row + " word" + row % 7 + " common");
          batch.beginMap("sizes");
          batch.key("width");
          batch.addDouble(row);
          batch.endMap();
          batch.endRow();
        }
        FeatureMatrix matrix = pipeline.transform(batch);
        assertEquals(first.length, matrix.rows());
        for (int row = 0; row < first.length; row++) {
          assertEquals((float) row, matrix.get(row, "width"));
          float age = matrix.get(row, "age_days");
          assertTrue(row % 3 == 0 ? Float.isNaN(age) : age == 1, "row " + row);
          SparsePart terms = matrix.sparse("title_terms");
          float words = 0;
          for (int i = 0; i < terms.count(row); i++) {
            words += terms.value(row, i);
          }
          assertEquals(3f, words, "row " + row);
          long fingerprint = matrix.fingerprint(row);
          assertTrue(round == 0 || first[row] == fingerprint, "row " + row);
          first[row] = fingerprint;
        }
        batch.clear();
      }
    }
  }

  @Test
  void aValueThatIsRefusedLeavesItsKeyWaiting() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      batch.beginMap("sizes");
      batch.key("height");
      assertThrows(TypeMismatchException.class, () -> batch.addString("2 m"));
      assertThrows(InvalidValueException.class, () -> batch.key("width"));
      assertThrows(InvalidValueException.class, batch::endMap);
      batch.addDouble(2.0);
      batch.key("width");
      batch.addDouble(3.0);
      batch.endMap();
      batch.endRow();
      assertEquals(3.0f, pipeline.transform(batch).get(0, "width"));
    }
  }

  @Test
  void theMatrixIsAViewThatTheNextTransformReplaces() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      group(batch, 1, 2, 3);
      FeatureMatrix matrix = pipeline.transform(batch);
      FloatBuffer dense = matrix.denseBuffer();
      assertEquals(3f, dense.get(4));
      batch.clear();
      assertEquals(3f, matrix.get(1, "price"), "clearing the input leaves the output");
      assertThrows(MissingInputException.class, () -> failing(pipeline, batch));
      assertEquals(0, matrix.rows(), "after an error there are no rows");
      batch.clear();
      group(batch, 5, 6);
      assertSame(matrix, pipeline.transform(batch));
      assertEquals(6f, matrix.get(0, "price"));
    }
  }

  private static FloatBuffer copy(FloatBuffer buffer) {
    return FloatBuffer.allocate(buffer.limit()).put(buffer.duplicate()).flip();
  }

  @Test
  void buffersTakenBeforeATransformStayReadableAndAreReusedUnlessItNeedsMore() {
    FloatBuffer dense;
    FloatBuffer values;
    FloatBuffer denseThen;
    FloatBuffer valuesThen;
    try (Pipeline pipeline = Pipeline.load(Fitted.artifact());
        Batch batch = pipeline.newBatch()) {
      Fitted.fill(batch, 0);
      FeatureMatrix matrix = pipeline.transform(batch);
      dense = matrix.denseBuffer();
      denseThen = copy(dense);
      batch.clear();
      Fitted.fill(batch, 7);
      pipeline.transform(batch);
      assertEquals(matrix.denseBuffer(), dense, "as many rows go to the same memory");
      assertNotEquals(denseThen, dense);
      values = matrix.sparse("title_tfidf").valueBuffer();
      denseThen = copy(dense);
      valuesThen = copy(values);
      for (int more = 1; more < 100; more++) {
        Fitted.fill(batch, more);
      }
      assertTrue(pipeline.transform(batch).denseBuffer().limit() > 10 * dense.limit());
      assertEquals(denseThen, dense, "more rows go to other memory");
      assertEquals(valuesThen, values, "more rows go to other memory");
    }
    System.gc();
    try (Pipeline pipeline = Pipeline.load(Fitted.artifact());
        Batch batch = pipeline.newBatch()) {
      Fitted.fill(batch, 3);
      pipeline.transform(batch);
    }
    assertEquals(denseThen, dense, "closing leaves it");
    assertEquals(valuesThen, values, "closing leaves it");
  }

  @Test
  void fingerprintsAsServedAreOfTheRowsThatWereTransformed() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch()) {
      group(batch, 1, 2, 3);
      FeatureMatrix matrix = pipeline.transform(batch);
      batch.clear();
      group(batch, 1, 5, 60);
      InvalidValueException changed = assertThrows(InvalidValueException.class, () -> matrix.servedFingerprint(0));
      assertEquals("batch", changed.place());
      pipeline.transform(batch);
      assertEquals(matrix.fingerprint(0), matrix.servedFingerprint(0));
    }
  }

  private static void failing(Pipeline pipeline, Batch batch) {
    batch.endRow();
    pipeline.transform(batch);
  }

  @Test
  void aClosedBatchHoldsNoMemoryAndItsBuffersStayReadable() {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS)) {
      Batch batch = pipeline.newBatch();
      group(batch, 2, 10, 20);
      FeatureMatrix matrix = pipeline.transform(batch);
      FloatBuffer dense = matrix.denseBuffer();
      float before = matrix.get(1, "price");
      assertTrue(batch.directBytes() > 0);
      batch.close();
      assertEquals(0, batch.directBytes());
      System.gc();
      assertEquals(before, matrix.get(1, "price"));
      assertEquals(2, dense.get(0));
      assertThrows(ClosedException.class, () -> matrix.fingerprint(0));
      assertThrows(ClosedException.class, () -> matrix.servedFingerprint(0));
      assertEquals(0, batch.directBytes(), "what is refused takes no memory");
      assertThrows(ClosedException.class, () -> batch.setDouble("price", 1));
      batch.close();
    }
  }

  @Test
  void threadsMayAskForFingerprintsAtOnce() throws InterruptedException {
    try (Pipeline pipeline = Pipeline.compile(Specs.GROUPS);
        Batch batch = pipeline.newBatch();
        Batch alone = pipeline.newBatch()) {
      for (int round = 1; round <= 100; round++) {
        double[] prices = new double[100 * round];
        for (int i = 0; i < prices.length; i++) {
          prices[i] = i * 0.25;
        }
        batch.clear();
        group(batch, round, prices);
        FeatureMatrix matrix = pipeline.transform(batch);
        LongBuffer[] found = new LongBuffer[4];
        Thread[] threads = new Thread[found.length];
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < threads.length; i++) {
          int at = i;
          threads[i] = new Thread(() -> {
            try {
              start.await();
            } catch (InterruptedException e) {
              return;
            }
            found[at] = matrix.fingerprintBuffer();
          });
          threads[i].start();
        }
        start.countDown();
        for (Thread thread : threads) {
          thread.join();
        }
        alone.clear();
        group(alone, round, prices);
        LongBuffer want = pipeline.transform(alone).fingerprintBuffer();
        assertNotEquals(want.get(0), want.get(1));
        for (LongBuffer fingerprints : found) {
          assertEquals(want, fingerprints);
        }
      }
    }
  }
}
