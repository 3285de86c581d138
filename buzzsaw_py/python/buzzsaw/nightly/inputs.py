"""Reading products and judgments, and joining them to rows to learn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from delta.tables import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import functions as fn

from buzzsaw.errors import InvalidValueError, IoError, MissingInputError
from buzzsaw.spark import columns, fold_of

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

QUERY, PRODUCT = "query", "product_id"

#: Whether the product of a row is in the table of products.
KNOWN = "known_product"


@dataclass(frozen=True)
class InputTable:
    """A table as this run reads it, pinned to one version where its format has versions."""

    path: str
    format: str
    version: int | None
    rows: DataFrame


def read_table(session: SparkSession, path: str) -> InputTable:
    """Reads a Delta table at its newest version, or Parquet; a folder with a Delta log is Delta.

    Raises:
        IoError: when there is nothing at the path.
        MissingInputError: when Spark runs without Delta's jars.
    """
    try:
        is_delta = DeltaTable.isDeltaTable(session, path)
    except TypeError as error:  # what py4j makes of a class that is not there
        raise MissingInputError.of(
            "Delta Lake's jars are not on Spark's class path",
            place="spark.jars",
            hint="start the job as docs/nightly.md says, with the jars of Delta for this Spark",
        ) from error
    if not is_delta:
        try:
            return InputTable(path, "parquet", None, session.read.parquet(path))
        except AnalysisException as error:
            raise IoError.of(
                f"cannot read the table: {error.getCondition()}",
                place=path,
                hint="give a Parquet file or folder, or a Delta table",
            ) from error
    version = newest_version(session, path)
    rows = session.read.format("delta").option("versionAsOf", version).load(path)
    return InputTable(path, "delta", version, rows)


def newest_version(session: SparkSession, path: str) -> int:
    """The newest version of a Delta table."""
    quoted = path.replace("`", "``")
    return int(session.sql(f"DESCRIBE HISTORY delta.`{quoted}` LIMIT 1").collect()[0]["version"])


def qid_of(query: Column) -> Column:
    """The normalised query: runs of Unicode white space are one space, none at the ends, lower case.

    It names the query in tables and decides the fold. No feature value is computed from it, so Spark's own case
    mapping does no harm here; features read the query as it was typed.
    """
    return fn.lower(fn.trim(fn.regexp_replace(query, r"(?U)\s+", " ")))


def join(products: DataFrame, judgments: DataFrame, now: datetime, folds: int) -> DataFrame:
    """One row a judgment with its product's columns, and `qid`, `group_id`, `fold`, `now` and `known_product`.

    A group is what the judgments' own `group_id` says, such as one request; without that column, the candidates of one
    query as it was typed. Several groups can share a qid. A judgment of an unknown product
    stays, with missing product columns.

    Raises:
        MissingInputError: when a key column is absent.
        InvalidValueError: for judgments without query or product, and for a product that is listed twice.
    """
    columns.select(products, [PRODUCT], "the table of products")
    columns.select(judgments, [QUERY, PRODUCT], "the table of judgments")
    _check_keys(products, judgments)
    judged = {name.lower() for name in judgments.columns} - {PRODUCT}
    described = products.select([columns.column(name) for name in products.columns if name.lower() not in judged])
    query = fn.col(QUERY)
    return (
        judgments.join(described.withColumn(KNOWN, fn.lit(True)), PRODUCT, "left")
        .withColumn(KNOWN, fn.col(KNOWN).isNotNull())
        .withColumn("qid", qid_of(query))
        .withColumn("group_id", fn.col("group_id").cast("string") if "group_id" in judged else query)
        .withColumn("now", fn.lit(now))
        .withColumn("fold", fold_of(fn.col("qid"), folds))
    )


def _check_keys(products: DataFrame, judgments: DataFrame) -> None:
    missing = judgments.where(fn.col(QUERY).isNull() | fn.col(PRODUCT).isNull()).count()
    if missing:
        raise InvalidValueError.of(
            f"{missing} judgments have no query or no product_id",
            place="judgments",
            hint="mend or remove them",
        )
    twice = products.groupBy(PRODUCT).count().where("count > 1").orderBy(PRODUCT).limit(3).collect()
    if twice:
        names = ", ".join(repr(row[PRODUCT]) for row in twice)
        raise InvalidValueError.of(
            f"products are listed twice, among them {names}",
            place="products",
            hint="keep one row a product: a join would multiply its judgments",
        )
