/**
 * Features of Spark's DataFrames, computed in Spark's own JVMs: {@link io.buzzsaw.spark.FeatureTransform} from Java and
 * Scala, and the extension {@code io.buzzsaw.spark.BuzzsawExtension} for {@code spark.sql.extensions}.
 */
package io.buzzsaw.spark;
