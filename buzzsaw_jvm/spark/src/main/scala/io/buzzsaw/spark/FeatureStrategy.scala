package io.buzzsaw.spark

import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.classic.SparkSession
import org.apache.spark.sql.execution.{SparkPlan, SparkStrategy}

/** Plans [[FeaturePlan]] as [[FeatureExec]]. */
private[spark] object FeatureStrategy extends SparkStrategy {

  override def apply(plan: LogicalPlan): Seq[SparkPlan] = plan match {
    case FeaturePlan(settings, inputs, group, kept, partitions, output, child) =>
      Seq(FeatureExec(settings, inputs, group, kept, partitions, output, planLater(child)))
    case _ => Nil
  }

  /** Whether a session plans with this strategy. */
  def isInstalled(session: SparkSession): Boolean = session.sessionState.planner.strategies.contains(this)
}
