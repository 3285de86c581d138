package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.buzzsaw.Mode;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class FeatureIteratorTest {
  /** Rows over an artifact that is not there, so that a lease would be seen. */
  private static FeatureIterator rows() {
    StructType made = new StructType().add("x", DataTypes.FloatType).add("fingerprint", DataTypes.LongType);
    FeatureTask task =
        new FeatureTask(
            null,
            Mode.SERVE,
            new ColumnWriter[0],
            new int[0],
            new StructType(),
            made,
            false,
            new BatchLimits(10, 10, 100));
    List<InternalRow> child = List.of(new GenericInternalRow(0), new GenericInternalRow(0));
    return new FeatureIterator(
        task, CollectionConverters.asScala(child.iterator()), new RowProjections(null, null), null, null);
  }

  @Test
  void aClosedIteratorHasNoRowsAndOpensNothing() {
    FeatureIterator rows = rows();
    rows.close();
    assertFalse(rows.hasNext());
    assertThrows(NoSuchElementException.class, rows::next);
  }
}
