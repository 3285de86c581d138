package io.buzzsaw.spark

import org.apache.spark.TaskContext
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{Ascending, Attribute, AttributeSet, Cast, Expression, SortOrder}
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection
import org.apache.spark.sql.catalyst.plans.physical._
import org.apache.spark.sql.catalyst.types.DataTypeUtils
import org.apache.spark.sql.execution.{SparkPlan, UnaryExecNode}
import org.apache.spark.sql.execution.metric.{SQLMetric, SQLMetrics}
import org.apache.spark.sql.types.{BinaryType, StringType}

/** Computes features batch by batch, in the JVM of the task; see [[FeaturePlan]].
  *
  * With groups the child's rows come clustered by the group's id and sorted by it, so that groups are whole and their
  * rows adjacent. Spark brings that about, or uses that it is so.
  */
private[spark] case class FeatureExec(
    settings: FeatureSettings,
    inputs: Seq[Attribute],
    group: Option[Attribute],
    kept: Seq[Attribute],
    partitions: Int,
    output: Seq[Attribute],
    child: SparkPlan)
    extends UnaryExecNode {

  override def nodeName: String = "BuzzsawFeatures"

  override def producedAttributes: AttributeSet = AttributeSet(output)

  override def outputPartitioning: Partitioning = UnknownPartitioning(child.outputPartitioning.numPartitions)

  override def requiredChildDistribution: Seq[Distribution] = groupId match {
    case Some(key) => Seq(ClusteredDistribution(Seq(key), requiredNumPartitions = Some(partitions).filter(_ > 0)))
    case None => Seq(UnspecifiedDistribution)
  }

  override def requiredChildOrdering: Seq[Seq[SortOrder]] = Seq(groupId.toSeq.map(SortOrder(_, Ascending)))

  override lazy val metrics: Map[String, SQLMetric] = Map(
    "numOutputRows" -> SQLMetrics.createMetric(sparkContext, "number of output rows"),
    "numBatches" -> SQLMetrics.createMetric(sparkContext, "number of batches"),
    "nativeTime" -> SQLMetrics.createNanoTimingMetric(sparkContext, "time in native code"),
    "inputBytes" -> SQLMetrics.createSizeMetric(sparkContext, "bytes given to native code"))

  /** Ids are bytes: those that a collation calls equal are different groups. */
  private def groupId: Option[Expression] = group.map { key =>
    key.dataType match {
      case text: StringType if text != StringType => Cast(key, BinaryType)
      case _ => key
    }
  }

  override protected def doExecute(): RDD[InternalRow] = {
    val childOutput = child.output
    val ordinals = inputs.map(input => childOutput.indexWhere(_.exprId == input.exprId)).toArray
    require(ordinals.forall(_ >= 0), "an input of the transform is none of the child's columns")
    val task = settings.task(ordinals, DataTypeUtils.fromAttributes(kept))
    val (ids, keptColumns) = (groupId.toSeq, kept)
    val counted = new FeatureMetrics(
      longMetric("numOutputRows"),
      longMetric("numBatches"),
      longMetric("nativeTime"),
      longMetric("inputBytes"))
    child.execute().mapPartitions { rows =>
      def projection(columns: Seq[Expression]): UnsafeProjection =
        if (columns.isEmpty) null else UnsafeProjection.create(columns, childOutput)
      task.run(rows, new RowProjections(projection(ids), projection(keptColumns)), counted, TaskContext.get())
    }
  }

  override protected def withNewChildInternal(newChild: SparkPlan): FeatureExec = copy(child = newChild)
}
