"""The inputs of a night: labels, the rows of a date, and the join to rows to learn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn
from pyspark.sql.types import TimestampType

from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.jobs import delta
from buzzsaw.jobs.inputs import InputTable, qid_of
from buzzsaw.jobs.runs import table_of
from buzzsaw.jobs.storage import location_of, table_path
from buzzsaw.labels.manifest import FORM as LABEL_FORM
from buzzsaw.labels.manifest import LABELS
from buzzsaw.spark import columns, fold_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

QUERY, PRODUCT = "query", "product_id"

#: Whether the product of a row is in the table of products.
KNOWN = "known_product"


def read_labels(session: SparkSession, output: str, day: date) -> InputTable:
    """The labels of a date: the version and the columns that the label job's manifest names.

    Raises:
        InvalidValueError: when the label run of the date has not ended, or the folder is another job's.
        CorruptArtifactError: when its manifest cannot be read.
    """
    root = location_of(output, session)
    named = table_of(root, day, LABELS, LABEL_FORM)
    path = table_path(root / named["path"], session)
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
