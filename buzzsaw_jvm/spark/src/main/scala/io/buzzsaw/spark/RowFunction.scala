package io.buzzsaw.spark

import io.buzzsaw.{BuzzsawException, Mode}
import org.apache.spark.sql.SparkSessionExtensions
import org.apache.spark.sql.catalyst.FunctionIdentifier
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{CreateNamedStruct, Expression, ExpressionInfo, Literal}
import org.apache.spark.sql.catalyst.expressions.{NamedExpression, UnaryExpression}
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.classic.SparkSession
import org.apache.spark.sql.types.{DataType, StringType, StructType}

/** The features of one row, a batch of one: a convenience that costs a native call a row.
  *
  * @param row a struct with the inputs
  * @param features the evaluator
  */
private[spark] case class RowFunction(row: Expression, features: RowFeatures) extends UnaryExpression with CodegenFallback {

  override def child: Expression = row

  override def prettyName: String = RowFunction.Name

  override def dataType: DataType = features.made

  override def nullable: Boolean = false

  override def eval(input: InternalRow): Any = features.of(row.eval(input).asInstanceOf[InternalRow])

  override protected def withNewChildInternal(newChild: Expression): RowFunction = copy(row = newChild)
}

private[spark] object RowFunction {
  final val Name = "buzzsaw_transform"

  private val usage =
    """_FUNC_(path, inputs...) - The features of a row by the artifact at `path`, as a struct. The inputs are columns
      |under the names of the spec, or one struct of them. For whole tables FeatureTransform is many times faster.
      |""".stripMargin

  private val examples =
    """
    Examples:
      > SELECT _FUNC_('/models/shop.buzzsaw', query, title).title_bm25 FROM pairs;
      > SELECT f.* FROM (SELECT _FUNC_('/models/shop.buzzsaw', named_struct('query', q, 'title', t)) AS f FROM shown);
  """

  /** What a session registers. */
  val description: SparkSessionExtensions#FunctionDescription = (
    FunctionIdentifier(Name),
    new ExpressionInfo(
      classOf[RowFunction].getName, null, Name, usage, "", examples, "", "misc_funcs", "0.1.0", "", "scala_udf"),
    build)

  private def build(arguments: Seq[Expression]): Expression =
    try {
      arguments match {
        case Literal(path, _: StringType) +: inputs if path != null && inputs.nonEmpty => of(path.toString, inputs)
        case _ =>
          throw Refusal.invalid(
            s"$Name takes the artifact's path, as a literal, and the inputs", Name,
            s"write $Name('/models/shop.buzzsaw', query, title)")
      }
    } catch {
      case failure: BuzzsawException => throw new CarriedException(failure)
    }

  private def of(path: String, inputs: Seq[Expression]): Expression = {
    val row = inputs match {
      case Seq(struct) if struct.dataType.isInstanceOf[StructType] => struct
      case columns =>
        CreateNamedStruct(columns.flatMap {
          case named: NamedExpression => Seq(Literal(named.name), named)
          case other =>
            throw Refusal.invalid(
              s"`${other.sql}` has no name", Name, s"pass named_struct('input', ${other.sql}) instead of columns")
        })
    }
    val session = SparkSession.active
    val inputTypes = row.dataType.asInstanceOf[StructType]
    RowFunction(row, ClassicTransform.forRows(FeatureTransform.load(path), session, Mode.SERVE, inputTypes))
  }
}
