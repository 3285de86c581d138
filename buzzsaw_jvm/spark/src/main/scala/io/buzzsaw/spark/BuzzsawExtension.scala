package io.buzzsaw.spark

import org.apache.spark.sql.SparkSessionExtensions

/** What a session needs: `spark.sql.extensions=io.buzzsaw.spark.BuzzsawExtension`.
  *
  * Installs the operator behind [[FeatureTransform]] and the SQL function `buzzsaw_transform`.
  */
class BuzzsawExtension extends (SparkSessionExtensions => Unit) {

  override def apply(extensions: SparkSessionExtensions): Unit = {
    extensions.injectPlannerStrategy(_ => FeatureStrategy)
    extensions.injectFunction(RowFunction.description)
  }
}
