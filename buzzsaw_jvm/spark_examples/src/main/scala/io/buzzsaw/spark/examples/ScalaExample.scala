package io.buzzsaw.spark.examples

import io.buzzsaw.Mode
import io.buzzsaw.spark.FeatureTransform
import org.apache.spark.sql.SparkSession

/** Features of a Parquet table, for `spark-submit`. */
object ScalaExample {

  /** Reads `pairs.parquet` and writes `features.parquet`, in the folder where it is started. */
  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().getOrCreate()
    val pairs = spark.read.parquet("pairs.parquet")
    val features =
      FeatureTransform.load("shop_search.buzzsaw").mode(Mode.TRAIN).keep("qid", "label").transform(pairs)
    features.write.parquet("features.parquet")
    spark.stop()
  }
}
