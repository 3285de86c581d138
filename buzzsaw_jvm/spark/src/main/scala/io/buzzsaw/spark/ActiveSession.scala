package io.buzzsaw.spark

import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.classic.SparkSession

/** The session of the thread, else the application's first one. */
private[spark] object ActiveSession {

  /** Its Hadoop settings, with what was set in it since it started; `otherwise` without a session. */
  def hadoopSettings(otherwise: Configuration): Configuration =
    SparkSession.getActiveSession
      .orElse(SparkSession.getDefaultSession)
      .map(_.sessionState.newHadoopConf())
      .getOrElse(otherwise)
}
