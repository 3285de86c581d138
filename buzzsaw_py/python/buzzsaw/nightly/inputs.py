"""Reading products and judgments, and joining them to rows to learn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from delta.tables import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import functions as fn
from pyspark.sql.types import TimestampType

from buzzsaw.errors import InvalidValueError, IoError, MissingInputError, TypeMismatchError
from buzzsaw.nightly import delta, manifest
from buzzsaw.nightly.runs import table_of
from buzzsaw.nightly.storage import local_folder
from buzzsaw.spark import columns, fold_of
from buzzsaw.spark.versions import condition

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
                f"cannot read the table: {condition(error)}",
                place=path,
                hint="give a Parquet file or folder, or a Delta table",
            ) from error
    version = delta.newest_version(session, path)
    rows = session.read.format("delta").option("versionAsOf", version).load(path)
    return InputTable(path, "delta", version, rows)


def read_labels(session: SparkSession, output: str, day: date) -> InputTable:
    """The labels of a date: the version and the columns that the label job's manifest names.

    Raises:
        InvalidValueError: when the label run of the date has not ended, or the folder is another job's.
        CorruptArtifactError: when its manifest cannot be read.
    """
    root = local_folder(output)
    named = table_of(root, day, "labels", manifest.LABELS)
    path = str(root / named["path"])
    rows = delta.read_columns(session, path, named["version"], day, named["columns"])
    return InputTable(path, "delta", named["version"], rows)


def of_date(table: InputTable, column: str | None, day: date) -> InputTable:
    """The rows of one date, by a column of dates or times (UTC) or their ISO text; all rows without a column.

    Raises:
        MissingInputError: when the column is absent.
        InvalidValueError: when the date has no row.
    """
    if column is None:
        return table
    columns.select(table.rows, [column], table.path)
    value = columns.column(column)
    if isinstance(table.rows.select(value).schema[0].dataType, TimestampType):
        # Not a cast: it would take the session's time zone.
        first = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        chosen = (value >= fn.lit(first)) & (value < fn.lit(first + timedelta(days=1)))
    else:
        chosen = value.cast("date") == fn.lit(day)
    rows = table.rows.where(chosen)
    if rows.isEmpty():
        raise InvalidValueError.of(f"there are no rows of {day}", place=f"{table.path}, column {column}")
    return replace(table, rows=rows)


def qid_of(query: Column) -> Column:
    """The normalised query: runs of Unicode white space are one space, none at the ends, lower case.

    It names the query in tables and decides the fold. No feature value is computed from it, so Spark's own case
    mapping does no harm here; features read the query as it was typed.
    """
    return fn.lower(fn.trim(fn.regexp_replace(query, r"(?U)\s+", " ")))


def join(products: DataFrame, judgments: DataFrame, now: datetime, folds: int) -> DataFrame:
    """One row a judgment with its product's columns, and `qid`, `group_id`, `fold`, `now` and `known_product`.

    Every judgment has a query and a product, and every product is listed once: `checking` has seen to it.
    A group is what the judgments' own `group_id` says, such as one request; without that column, the candidates of one
    query as it was typed. Several groups can share a qid. A judgment of an unknown product
    stays, with missing product columns.

    Raises:
        MissingInputError: when a key column is absent.
        TypeMismatchError: when the tables have keys of different types.
    """
    columns.select(products, [PRODUCT], "the table of products")
    columns.select(judgments, [QUERY, PRODUCT], "the table of judgments")
    ours, theirs = (table.select(PRODUCT).schema[0].dataType.simpleString() for table in (products, judgments))
    if ours != theirs:
        raise TypeMismatchError.of(
            f"product_id is {ours} in the products and {theirs} in the judgments",
            place=PRODUCT,
            hint="give both one type",
        )
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
