package io.buzzsaw.spark

import java.util.{List => JavaList}

import scala.jdk.CollectionConverters._

import org.apache.spark.sql.catalyst.analysis.MultiInstanceRelation
import org.apache.spark.sql.catalyst.expressions.{Attribute, AttributeReference, AttributeSet}
import org.apache.spark.sql.catalyst.plans.logical.{LogicalPlan, UnaryNode}
import org.apache.spark.sql.catalyst.types.DataTypeUtils

/** The rows of `child` with their features.
  *
  * Every output column is a new one, kept ones too, so that a plan can be joined with itself. The optimiser knows
  * nothing of this node and moves no filter below it, which would change values within a group.
  *
  * @param settings what is done to the rows
  * @param inputs the child's columns, in the order of the pipeline's inputs
  * @param group the child's column with the group's id, for specs with steps within a group
  * @param kept the child's columns that come before the features
  * @param partitions how many tasks a shuffle by group makes; 0 is Spark's own setting
  * @param output kept columns, features, fingerprints
  */
private[spark] case class FeaturePlan(
    settings: FeatureSettings,
    inputs: Seq[Attribute],
    group: Option[Attribute],
    kept: Seq[Attribute],
    partitions: Int,
    output: Seq[Attribute],
    child: LogicalPlan)
    extends UnaryNode
    with MultiInstanceRelation {

  override def producedAttributes: AttributeSet = AttributeSet(output)

  override def maxRows: Option[Long] = child.maxRows

  override def newInstance(): LogicalPlan = copy(output = output.map(_.newInstance()))

  override protected def withNewChildInternal(newChild: LogicalPlan): FeaturePlan = copy(child = newChild)
}

private[spark] object FeaturePlan {

  /** A plan over columns that are named, each once in `child`; `group` may be null. */
  def over(
      child: LogicalPlan,
      settings: FeatureSettings,
      inputs: JavaList[String],
      group: String,
      kept: JavaList[String],
      partitions: Int): FeaturePlan = {
    val byName = child.output.map(attribute => attribute.name -> attribute).toMap
    val keptColumns = kept.asScala.toSeq.map(byName)
    val output = keptColumns.map { column =>
      AttributeReference(column.name, column.dataType, column.nullable, column.metadata)()
    } ++ DataTypeUtils.toAttributes(settings.made)
    FeaturePlan(
      settings,
      inputs.asScala.toSeq.map(byName),
      Option(group).map(byName),
      keptColumns,
      partitions,
      output,
      child)
  }
}
