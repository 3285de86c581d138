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
import java.util.function.BiFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class FeatureIteratorTest {
  private static final StructType KEPT = new StructType().add("kept", DataTypes.IntegerType);

  /** Rows over an artifact that is not there, so that a lease would be seen. */
  private static FeatureIterator rows(Iterator<InternalRow> child, RowProjections projections) {
    StructType made = new StructType().add("x", DataTypes.FloatType).add("fingerprint", DataTypes.LongType);
    FeatureTask task =
        new FeatureTask(
            null,
            Mode.SERVE,
            new ColumnWriter[0],
            new int[0],
            KEPT,
            made,
            false,
            new BatchLimits(10, 10, 100));
    return new FeatureIterator(task, CollectionConverters.asScala(child), projections, null, null);
  }

  private static Iterator<InternalRow> two() {
    return List.<InternalRow>of(new GenericInternalRow(0), new GenericInternalRow(0)).iterator();
  }

  @Test
  void aClosedIteratorHasNoRowsAndOpensNothing() {
    FeatureIterator rows = rows(two(), new RowProjections(null, null));
    rows.close();
    assertFalse(rows.hasNext());
    assertThrows(NoSuchElementException.class, rows::next);
  }

  /** The task keeps the iterator itself to its end, and may have thousands of them. */
  @Test
  void anIteratorAtItsEndHoldsNothingOfWhatItRead() {
    assertFreed(
        (child, projections) -> {
          FeatureIterator rows = rows(child, projections);
          rows.close();
          return rows;
        });
    assertFreed(
        (child, projections) -> {
          child.next();
          child.next();
          FeatureIterator rows = rows(child, projections);
          assertFalse(rows.hasNext());
          return rows;
        });
  }

  private static void assertFreed(BiFunction<Iterator<InternalRow>, RowProjections, FeatureIterator> ended) {
    Iterator<InternalRow> child = two();
    RowProjections projections = new RowProjections(null, UnsafeProjection.create(KEPT));
    List<WeakReference<?>> held = List.of(new WeakReference<>(child), new WeakReference<>(projections));
    FeatureIterator rows = ended.apply(child, projections);
    child = null;
    projections = null;
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          while (held.stream().anyMatch(one -> one.get() != null)) {
            System.gc();
            Thread.sleep(10);
          }
        });
    Reference.reachabilityFence(rows);
  }
}
