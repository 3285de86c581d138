package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.buzzsaw.Batch;
import io.buzzsaw.Pipeline;
import io.buzzsaw.Problem;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class ColumnWriterTest {
  private static final UTF8String TEXT = UTF8String.fromString("usb cable");
  private static final DataType TEXTS = DataTypes.createArrayType(DataTypes.StringType);
  private static final DataType NUMBERS = DataTypes.createMapType(DataTypes.StringType, DataTypes.DoubleType);

  /** What a writer says that the batch takes for a value, which may be null. */
  private static long size(Object value, DataType given, String wanted) {
    String spec = "buzzsaw: 1\nname: t\ninputs: {x: {type: " + wanted + ", side: document}}\n"
        + "steps: {n: {transform: missing_indicator, input: x}}\nfeatures: [n]";
    List<Problem> problems = new ArrayList<>();
    ColumnWriter writer = ColumnWriter.of(given, wanted, "inputs.x", problems);
    assertEquals(List.of(), problems);
    try (Pipeline pipeline = Pipeline.compile(spec);
        Batch batch = pipeline.newBatch()) {
      return writer.set(new GenericInternalRow(new Object[] {value}), 0, batch, 0);
    }
  }

  @Test
  void aMissingValueTakesItsWidthOrItsOffsetAndItsValidity() {
    Map<String, Long> taken =
        Map.of("bool", 2L, "int32", 5L, "date", 5L, "int64", 9L, "float64", 9L, "decimal", 17L, "string", 5L, "list<string>", 5L);
    taken.forEach((wanted, bytes) -> assertEquals(bytes, size(null, DataTypes.NullType, wanted), wanted));
    assertEquals(17, size(null, DataTypes.createDecimalType(20, 2), "decimal"));
  }

  @Test
  void aValueTakesThatAndWhatItHolds() {
    assertEquals(9, size(1L, DataTypes.LongType, "int64"));
    assertEquals(9, size(1, DataTypes.IntegerType, "int64"));
    assertEquals(17, size(Decimal.apply(new BigDecimal("1.50")), DataTypes.createDecimalType(10, 2), "decimal"));
    assertEquals(5 + 9, size(TEXT, DataTypes.StringType, "string"));
    assertEquals(5, size(new GenericArrayData(new Object[0]), TEXTS, "list<string>"));
    assertEquals(5 + 2 * 5 + 9, size(new GenericArrayData(new Object[] {TEXT, null}), TEXTS, "list<string>"));
    ArrayBasedMapData map =
        new ArrayBasedMapData(new GenericArrayData(new Object[] {TEXT}), new GenericArrayData(new Object[] {2.5}));
    assertEquals(5 + 4 + 9 + 9, size(map, NUMBERS, "map<float64>"));
  }
}
