package io.buzzsaw.spark.examples;

import io.buzzsaw.Mode;
import io.buzzsaw.spark.FeatureTransform;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Features of a Parquet table, for {@code spark-submit}. */
public final class JavaExample {
  private JavaExample() {}

  /**
   * Reads {@code pairs.parquet} and writes {@code features.parquet}, in the folder where it is started.
   *
   * @param args none
   */
  public static void main(String[] args) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    Dataset<Row> pairs = spark.read().parquet("pairs.parquet");
    Dataset<Row> features =
        FeatureTransform.load("shop_search.buzzsaw").mode(Mode.TRAIN).keep("qid", "label").transform(pairs);
    features.write().parquet("features.parquet");
    spark.stop();
  }
}
