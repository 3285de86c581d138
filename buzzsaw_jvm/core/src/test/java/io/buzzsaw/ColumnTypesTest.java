package io.buzzsaw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ColumnTypesTest {
  private static final int MISSING = 0x7fc00000;

  private static int bits(FeatureMatrix matrix, int row, String feature) {
    return Float.floatToRawIntBits(matrix.get(row, feature));
  }

  private static int bits(double value) {
    return Float.floatToRawIntBits((float) value);
  }

  @Test
  void numbersComeBackRoundedOnce() {
    long[] larges = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1};
    double[] reals = {0.1, -5e-324, 1e300, Double.NEGATIVE_INFINITY, 1e-46, 16777217.0};
    String[] prices = {"19.99", "-0.000001", "1E+20", "123456789012345678901234567890.12345", "7", "0"};
    try (Pipeline pipeline = Pipeline.compile(Specs.NUMBERS);
        Batch batch = pipeline.newBatch()) {
      for (int i = 0; i < larges.length; i++) {
        batch.setBoolean("flag", i % 2 == 0);
        batch.setInt("small", (int) larges[i]);
        batch.setLong("large", larges[i]);
        batch.setFloat("single", (float) reals[i]);
        batch.setDouble("real", reals[i]);
        if (i % 2 == 0 || prices[i].contains("E") || prices[i].length() > 18) {
          batch.setDecimal("price", new BigDecimal(prices[i]));
        } else {
          BigDecimal price = new BigDecimal(prices[i]);
          batch.setDecimal("price", price.unscaledValue().longValueExact(), price.scale());
        }
        batch.endRow();
      }
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(larges.length, matrix.rows());
      assertEquals(6, matrix.denseFeatureCount());
      for (int i = 0; i < larges.length; i++) {
        assertEquals(bits(i % 2 == 0 ? 1 : 0), bits(matrix, i, "flag"));
        assertEquals(bits((double) (int) larges[i]), bits(matrix, i, "small"));
        assertEquals(bits((double) larges[i]), bits(matrix, i, "large"));
        assertEquals(bits((float) reals[i] + 0.0f), bits(matrix, i, "single"));
        assertEquals(bits((float) reals[i] + 0.0f), bits(matrix, i, "real"));
        assertEquals(bits(Double.parseDouble(prices[i])), bits(matrix, i, "price"), prices[i]);
        assertEquals(matrix.get(i, "real"), matrix.denseBuffer().get(i * 6 + 4));
      }
      assertEquals(larges.length * 6, matrix.denseBuffer().limit());
      assertTrue(matrix.denseBuffer().isReadOnly());
    }
  }

  @Test
  void whatIsNotSetOrNanIsMissing() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NUMBERS);
        Batch batch = pipeline.newBatch()) {
      batch.endRow();
      batch.setDouble("real", 2.5);
      batch.endRow();
      batch.setDouble("real", Double.longBitsToDouble(0xfff8_dead_beef_0001L));
      batch.setFloat("single", Float.NaN);
      batch.setMissing("small");
      batch.setDecimal("price", (BigDecimal) null);
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      for (int row : new int[] {0, 2}) {
        for (String feature : pipeline.featureNames()) {
          assertEquals(MISSING, bits(matrix, row, feature), feature);
        }
      }
      assertEquals(2.5f, matrix.get(1, "real"));
      assertEquals(MISSING, bits(matrix, 1, "large"));
    }
  }

  @Test
  void integersAndFloatsWiden() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NUMBERS);
        Batch batch = pipeline.newBatch()) {
      batch.setInt("large", -3);
      batch.setInt("price", 12);
      batch.setInt("real", 7);
      batch.endRow();
      batch.setLong("price", Long.MAX_VALUE);
      batch.setFloat("real", 0.1f);
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(-3f, matrix.get(0, "large"));
      assertEquals(12f, matrix.get(0, "price"));
      assertEquals(7f, matrix.get(0, "real"));
      assertEquals((float) (double) Long.MAX_VALUE, matrix.get(1, "price"));
      assertEquals(0.1f, matrix.get(1, "real"));
    }
  }

  @Test
  void decimalsOfAnyScaleShareAColumn() {
    String[] values = {"1.5", "100", "1.2345", "1E+2", "-0.00001", "170141183460469231731687303715"};
    try (Pipeline pipeline = Pipeline.compile(Specs.NUMBERS);
        Batch batch = pipeline.newBatch()) {
      for (String value : values) {
        batch.setDecimal("price", new BigDecimal(value));
        batch.endRow();
      }
      FeatureMatrix matrix = pipeline.transform(batch);
      for (int i = 0; i < values.length; i++) {
        assertEquals(bits(Double.parseDouble(values[i])), bits(matrix, i, "price"), values[i]);
      }
      assertThrows(InvalidValueException.class, () -> batch.setDecimal("price", new BigDecimal("1E-30")));
      batch.clear();
      assertThrows(InvalidValueException.class, () -> batch.setDecimal("price", new BigDecimal("1E+200")));
    }
  }

  @Test
  void theFirstDecimalOfAColumnSetsItsScale() {
    String spec =
        "buzzsaw: 1\nname: prices\ninputs: {price: {type: decimal, side: document}}\n"
            + "steps: {logged: {transform: log1p, input: price}}\nfeatures: [logged]";
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch()) {
      for (int scale : new int[] {-128, -38, 2}) {
        BigDecimal finer = BigDecimal.valueOf(5, scale + 1);
        batch.clear();
        batch.endRow();
        batch.setDecimal("price", 3, scale);
        batch.endRow();
        batch.setDecimal("price", finer);
        batch.endRow();
        FeatureMatrix matrix = pipeline.transform(batch);
        assertEquals(MISSING, bits(matrix, 0, "logged"));
        assertEquals(Math.log1p(BigDecimal.valueOf(3, scale).doubleValue()), matrix.get(1, "logged"), 1e-4);
        assertEquals(Math.log1p(finer.doubleValue()), matrix.get(2, "logged"), 1e-4);
      }
      assertThrows(InvalidValueException.class, () -> batch.setDecimal("price", 3, -129));
    }
  }

  @Test
  void wrongTypesNameTheInput() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NUMBERS);
        Batch batch = pipeline.newBatch()) {
      refused(batch, "flag", b -> b.setInt("flag", 1));
      refused(batch, "small", b -> b.setLong("small", 1));
      refused(batch, "large", b -> b.setDouble("large", 1));
      refused(batch, "single", b -> b.setDouble("single", 1));
      refused(batch, "single", b -> b.setInt("single", 1));
      refused(batch, "real", b -> b.setLong("real", 1));
      refused(batch, "real", b -> b.setString("real", "1"));
      refused(batch, "price", b -> b.setDouble("price", 1));
      refused(batch, "large", b -> b.setUtf8("large", new byte[1], 0, 1));
      refused(batch, "large", b -> b.beginList("large"));
      refused(batch, "large", b -> b.beginMap("large"));
      refused(batch, "real", b -> b.setBoolean("real", true));
    }
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      refused(batch, "now", b -> b.setInt("now", 1));
      refused(batch, "day", b -> b.setLong("day", 1));
      refused(batch, "code", b -> b.setString("code", "text is not bytes"));
      refused(batch, "tags", b -> b.beginMap("tags"));
      refused(batch, "title", b -> b.setFloat("title", 1));
      batch.beginMap("sizes");
      batch.key("width");
      TypeMismatchException wrong = assertThrows(TypeMismatchException.class, () -> batch.addString("wide"));
      assertEquals("inputs.sizes.value", wrong.place());
    }
  }

  private static void refused(Batch batch, String input, Consumer<Batch> call) {
    TypeMismatchException wrong = assertThrows(TypeMismatchException.class, () -> call.accept(batch));
    assertEquals("BZ_TYPE_MISMATCH", wrong.code());
    assertEquals("inputs." + input, wrong.place());
    batch.clear();
  }

  @Test
  void timesTextListsAndMapsReachTheirSteps() {
    byte[] usb = "..usb cable..".getBytes(StandardCharsets.UTF_8);
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      batch.setLong("now", 86_400_000_000L * 10 + 43_200_000_000L);
      batch.setInt("day", 9);
      batch.setUtf8("title", usb, 2, 9);
      batch.setUtf8("code", ByteBuffer.wrap(usb, 2, 3));
      batch.beginList("tags");
      batch.addString("red");
      batch.addMissing();
      batch.addUtf8(usb, 6, 5);
      batch.endList();
      batch.beginMap("sizes");
      batch.key("height");
      batch.addDouble(1);
      batch.keyUtf8("width".getBytes(StandardCharsets.UTF_8), 0, 5);
      batch.addFloat(2.5f);
      batch.endMap();
      batch.beginMap("counts");
      batch.key("n");
      batch.addInt(1);
      batch.key("n");
      batch.addInt(-4);
      batch.endMap();
      batch.beginMap("names");
      batch.key("k\uD83D\uDE42");
      batch.addString("dark blue");
      batch.endMap();
      batch.endRow();
      batch.beginList("tags");
      batch.endList();
      batch.beginMap("sizes");
      batch.key("width");
      batch.addMissing();
      batch.endMap();
      batch.setString("title", null);
      batch.endRow();

      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(1.5f, matrix.get(0, "age_days"));
      assertEquals(2.5f, matrix.get(0, "width"));
      assertEquals(-4f, matrix.get(0, "count"), "the last of equal keys");
      assertEquals(2, matrix.sparse("title_terms").count(0));
      assertEquals(2, matrix.sparse("tag_terms").count(0), "a missing item is no token");
      assertEquals(1, matrix.sparse("code_cross").count(0));
      String json = pipeline.explain(batch, 0);
      assertEquals("[\"usb\",\"cable\"]", Explained.value(json, "words"));
      assertEquals("\"dark blue\"", Explained.value(json, "colour"));
      for (String feature : new String[] {"age_days", "width", "count"}) {
        assertEquals(MISSING, bits(matrix, 1, feature), feature);
      }
      for (String feature : pipeline.sparseFeatureNames()) {
        assertEquals(0, matrix.sparse(feature).count(1), feature);
      }
      assertEquals("null", Explained.value(pipeline.explain(batch, 1), "words"));
    }
  }

  @Test
  void nullIsMissingAndNoKey() {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      batch.setUtf8("title", null, 0, 0);
      batch.setUtf8("code", (ByteBuffer) null);
      batch.setInt("day", 1);
      batch.beginList("tags");
      batch.addUtf8(null, 0, 0);
      batch.addUtf8((ByteBuffer) null);
      batch.addString("red");
      batch.endList();
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals("null", Explained.value(pipeline.explain(batch, 0), "words"));
      assertEquals(0, matrix.sparse("code_cross").count(0));
      assertEquals(1, matrix.sparse("tag_terms").count(0));
      for (Consumer<Batch> key :
          List.<Consumer<Batch>>of(b -> b.key(null), b -> b.keyUtf8(null, 0, 0), b -> b.keyUtf8((ByteBuffer) null))) {
        batch.clear();
        batch.beginMap("sizes");
        InvalidValueException refused = assertThrows(InvalidValueException.class, () -> key.accept(batch));
        assertEquals("inputs.sizes.key", refused.place());
        assertTrue(!refused.problems().get(0).hint().isEmpty());
      }
    }
  }

  @Test
  void buffersOfEveryKindAreReadWhereTheyAre() {
    byte[] bytes = "....usb width red..".getBytes(StandardCharsets.UTF_8);
    ByteBuffer heap = ByteBuffer.wrap(bytes).position(2).slice();
    assertEquals(2, heap.arrayOffset());
    ByteBuffer direct = ByteBuffer.allocateDirect(32).put(bytes, 2, bytes.length - 2);
    for (ByteBuffer buffer : List.of(heap, heap.asReadOnlyBuffer(), direct, direct.asReadOnlyBuffer())) {
      checkBuffer(buffer);
    }
  }

  private static void checkBuffer(ByteBuffer bytes) {
    try (Pipeline pipeline = Pipeline.compile(Specs.NESTED);
        Batch batch = pipeline.newBatch()) {
      batch.setUtf8("title", part(bytes, 2, 5));
      batch.beginList("tags");
      batch.addUtf8(part(bytes, 12, 15));
      batch.addUtf8(part(bytes, 2, 2));
      batch.endList();
      batch.beginMap("sizes");
      batch.keyUtf8(part(bytes, 6, 11));
      batch.addDouble(2.5);
      batch.endMap();
      batch.endRow();
      ByteBuffer source = part(bytes, 2, 5);
      batch.setUtf8("title", source);
      assertEquals(2, source.position(), "the position stays");
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      assertEquals(2.5f, matrix.get(0, "width"));
      assertEquals("[\"usb\"]", Explained.value(pipeline.explain(batch, 0), "words"));
      assertEquals(2, matrix.sparse("tag_terms").count(0), "an empty item is a token");
    }
  }

  private static ByteBuffer part(ByteBuffer bytes, int start, int end) {
    return bytes.duplicate().position(start).limit(end);
  }

  @Test
  void decimalsOfAListNeedNoObject() {
    String spec =
        "buzzsaw: 1\nname: prices\ninputs: {prices: {type: list<decimal>, side: document}}\n"
            + "steps: {most: {transform: list_statistic, input: prices, statistic: max}}\nfeatures: [most]";
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch()) {
      batch.beginList("prices");
      batch.addDecimal(1999, 2);
      batch.addDecimal(new BigDecimal("20.5"));
      batch.addDecimal(-3, -2);
      batch.endList();
      batch.endRow();
      assertEquals(20.5f, pipeline.transform(batch).get(0, "most"));
    }
  }

  @Test
  void aListOfFixedLengthIsThatManyDenseColumns() {
    String spec =
        "buzzsaw: 1\nname: vectors\ninputs: {x: {type: float64, side: document}, y: {type: float64, side: document}}\n"
            + "steps: {powers: {transform: polynomial_features, inputs: [x, y], degree: 2, include_bias: false}}\n"
            + "features: [x, powers]";
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch()) {
      List<String> names = List.of("x", "powers_0", "powers_1", "powers_2", "powers_3", "powers_4");
      assertEquals(names, pipeline.denseFeatureNames());
      assertEquals(names, pipeline.featureNames());
      batch.setDouble("x", 2);
      batch.setDouble("y", 3);
      batch.endRow();
      batch.setDouble("x", 5);
      batch.endRow();
      FeatureMatrix matrix = pipeline.transform(batch);
      float[] row = new float[6];
      matrix.denseRow(0).get(row);
      assertArrayEquals(new float[] {2, 2, 3, 4, 6, 9}, row);
      assertEquals(6f, matrix.get(0, "powers_3"));
      assertEquals(6, matrix.denseRow(1).limit());
      assertEquals(5f, matrix.denseRow(1).get(0));
      assertEquals(MISSING, bits(matrix, 1, "powers_1"));
      assertTrue(matrix.denseRow(1).isReadOnly());
      assertThrows(IndexOutOfBoundsException.class, () -> matrix.denseRow(2));
      assertThrows(IndexOutOfBoundsException.class, () -> matrix.denseRow(-1));
      assertEquals(2, matrix.fingerprintBuffer().limit());
      assertEquals(matrix.fingerprint(1), matrix.fingerprintBuffer().get(1));
      assertTrue(matrix.fingerprintBuffer().isReadOnly());
    }
  }

  @Test
  void sparsePartsAreConsistent() {
    try (Pipeline pipeline = Pipeline.compile(Specs.TEXT);
        Batch batch = pipeline.newBatch()) {
      StringBuilder text = new StringBuilder();
      for (int row = 0; row < 300; row++) {
        text.append(" w").append(row);
        batch.setString("title", text);
        batch.endRow();
      }
      FeatureMatrix matrix = pipeline.transform(batch);
      SparsePart terms = matrix.sparse("terms");
      assertEquals(1L << 20, terms.columns());
      assertEquals(301, terms.startBuffer().limit());
      assertEquals(terms.columnBuffer().limit(), terms.valueBuffer().limit());
      assertEquals(terms.startBuffer().get(300), terms.columnBuffer().limit());
      int entries = 0;
      for (int row = 0; row < 300; row++) {
        double sum = 0;
        for (int i = 0; i < terms.count(row); i++) {
          assertEquals(terms.columnBuffer().get(entries), terms.column(row, i));
          assertTrue(i == 0 || terms.column(row, i - 1) < terms.column(row, i), "columns ascend");
          sum += terms.value(row, i);
          entries++;
        }
        assertEquals(row + 1, sum, "every token is counted once, signs apart");
      }
      assertThrows(IndexOutOfBoundsException.class, () -> terms.value(0, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> terms.count(300));
    }
  }
}
