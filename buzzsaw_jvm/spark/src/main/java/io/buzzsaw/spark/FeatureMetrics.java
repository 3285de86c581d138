package io.buzzsaw.spark;

import java.io.Serializable;
import org.apache.spark.sql.execution.metric.SQLMetric;

/** What the operator counts, for Spark's UI. */
final class FeatureMetrics implements Serializable {
  private static final long serialVersionUID = 1L;

  final SQLMetric rows;
  final SQLMetric batches;
  final SQLMetric nativeNanos;
  final SQLMetric inputBytes;

  FeatureMetrics(SQLMetric rows, SQLMetric batches, SQLMetric nativeNanos, SQLMetric inputBytes) {
    this.rows = rows;
    this.batches = batches;
    this.nativeNanos = nativeNanos;
    this.inputBytes = inputBytes;
  }
}
