"""The most frequent values of inputs and columns of sparse features, counted exactly by Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as fn

from buzzsaw.jobs.caching import cached
from buzzsaw.nightly.report_contents import HeavyColumn, HeavyColumns, HeavyInput, HeavyValue
from buzzsaw.spark import columns
from buzzsaw.spec import Input

if TYPE_CHECKING:
    from pyspark.sql import Column, Row

#: The types of inputs whose values are counted.
_COUNTED = ("string", "int32", "int64", "bool")

#: Characters of a value that are kept.
_SHOWN = 200


def heavy_inputs(rows: DataFrame, inputs: Sequence[Input], top: int) -> list[HeavyInput]:
    """The `top` values of each text, whole number and bool among `inputs`, over `rows`.

    Null is missing, and is no value. Among equally frequent values the smaller one comes first: numbers by their size,
    texts by their UTF-8 bytes. The driver holds `top` values of each input, each of at most 200 characters.
    """
    counted = [one for one in inputs if one.type in _COUNTED]
    if not counted:
        return []
    values = fn.array(*(_value(i, one) for i, one in enumerate(counted)))
    counts = rows.select(fn.explode(values).alias("one")).groupBy("one.part", "one.text", "one.number").count()
    whole = counts.groupBy("part").agg(
        fn.count("text").alias("distinct"), fn.sum(fn.when(fn.col("text").isNull(), fn.col("count"))).alias("missing")
    )
    # One more than asked for: null is among them.
    first = _top(counts, top + 1, "number", "text").withColumn("text", fn.substring("text", 1, _SHOWN))
    with cached(counts):
        rows_of = _by_part(whole, first)
    found = []
    for i, one in enumerate(counted):
        about, kept = rows_of.get(i, (None, []))
        missing, distinct = (about["missing"] or 0, about["distinct"]) if about else (0, 0)
        heavy = [HeavyValue(row["text"], row["count"]) for row in kept if row["text"] is not None]
        found.append(HeavyInput(one.name, one.side, missing, distinct, heavy[:top]))
    return found


def heavy_columns(
    table: DataFrame,
    features: Mapping[str, str],
    top: int,
    named: Mapping[str, Mapping[int, Sequence[str]]],
    reference: Mapping[str, Sequence[int]],
) -> list[HeavyColumns]:
    """The `top` columns of each sparse feature, over the rows of a table of features.

    Args:
        table: The table.
        features: Its sparse features, each with what the numbers of its columns mean.
        top: How many columns.
        named: Values that have a column, by feature and column.
        reference: Columns whose rows are counted in any case, by feature.
    """
    if not features:
        return []
    # Each feature is read by itself, and of Parquet its column alone: Spark explodes it by compiled code, where it
    # would interpret the functions that put a list of all of them together.
    entries = reduce(
        DataFrame.union,
        (
            table.select(fn.lit(part).alias("part"), fn.explode(columns.column(name)["indices"]).alias("column"))
            for part, name in enumerate(features)
        ),
    )
    counts = entries.groupBy("part", "column").count()
    asked = [(part, reference[name]) for part, name in enumerate(features) if reference.get(name)]
    whole = counts.groupBy("part").agg(fn.count("*").alias("used"), fn.sum("count").alias("entries"))
    with cached(counts):
        rows_of = _by_part(whole, _top(counts, top, "column"))
        count_of = _counts_of(counts, asked)
    found = []
    for part, (name, numbering) in enumerate(features.items()):
        about, kept = rows_of.get(part, (None, []))
        heavy = [
            HeavyColumn(row["column"], row["count"], list(named.get(name, {}).get(row["column"], ()))) for row in kept
        ]
        compared = [count_of.get((part, column), 0) for column in reference.get(name, ())]
        if compared:
            compared.append((about["entries"] if about else 0) - sum(compared))
        found.append(HeavyColumns(name, numbering, about["used"] if about else 0, heavy, compared))
    return found


def _counts_of(counts: DataFrame, asked: Sequence[tuple[int, Sequence[int]]]) -> dict[tuple[int, int], int]:
    """The counts of columns of parts; a column without an entry is not there."""
    if not asked:
        return {}
    wanted = reduce(or_, ((fn.col("part") == part) & fn.col("column").isin(list(of)) for part, of in asked))
    return {(row["part"], row["column"]): row["count"] for row in counts.where(wanted).collect()}


def _value(part: int, one: Input) -> Column:
    value = columns.column(one.name)
    number = value.cast("long") if one.type.startswith("int") else fn.lit(None).cast("long")
    return fn.struct(fn.lit(part).alias("part"), value.cast("string").alias("text"), number.alias("number"))


def _top(counts: DataFrame, top: int, *ties: str) -> DataFrame:
    """The most frequent of each part, with their rank; Spark drops the others before it shuffles."""
    order = [fn.col("count").desc(), *(fn.col(name).asc() for name in ties)]
    rank = fn.row_number().over(Window.partitionBy("part").orderBy(*order))
    return counts.withColumn("rank", rank).where(fn.col("rank") <= top)


def _by_part(whole: DataFrame, first: DataFrame) -> dict[int, tuple[Row | None, list[Row]]]:
    """The row of `whole` and the rows of `first` of each part, in the order of their rank; in one job."""
    rows = whole.unionByName(first, allowMissingColumns=True).collect()
    found: dict[int, tuple[Row | None, list[Row]]] = {row["part"]: (row, []) for row in rows if row["rank"] is None}
    for row in sorted((row for row in rows if row["rank"] is not None), key=lambda row: row["rank"]):
        found[row["part"]][1].append(row)
    return found
