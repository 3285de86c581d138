package io.buzzsaw.spark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.buzzsaw.Mode;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class FeatureIteratorTest {
  /** Rows over an artifact that is not there, so that a lease would be seen. */
  private static FeatureIterator rows(Iterator<InternalRow> child) {
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
    return new FeatureIterator(task, CollectionConverters.asScala(child), new RowProjections(null, null), null, null);
  }

  private static Iterator<InternalRow> two() {
    return List.<InternalRow>of(new GenericInternalRow(0), new GenericInternalRow(0)).iterator();
  }

  @Test
  void aClosedIteratorHasNoRowsAndOpensNothing() {
    FeatureIterator rows = rows(two());
    rows.close();
    assertFalse(rows.hasNext());
    assertThrows(NoSuchElementException.class, rows::next);
  }

  /** The task keeps the iterator itself to its end, and may have thousands of them. */
  @Test
  void anIteratorAtItsEndHoldsNothingOfWhatItRead() {
    assertFreed(
        child -> {
          FeatureIterator rows = rows(child);
          rows.close();
          return rows;
        });
    assertFreed(
        child -> {
          child.next();
          child.next();
          FeatureIterator rows = rows(child);
          assertFalse(rows.hasNext());
          return rows;
        });
  }

  private static void assertFreed(Function<Iterator<InternalRow>, FeatureIterator> ended) {
    Iterator<InternalRow> child = two();
    WeakReference<Iterator<InternalRow>> held = new WeakReference<>(child);
    FeatureIterator rows = ended.apply(child);
    child = null;
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          while (held.get() != null) {
            System.gc();
            Thread.sleep(10);
          }
        });
    Reference.reachabilityFence(rows);
  }
}
