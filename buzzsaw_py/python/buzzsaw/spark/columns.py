"""Which columns of a DataFrame cross to the worker, and what comes back."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as fn
from pyspark.sql.types import (
    ArrayType,
    DataType,
    FloatType,
    IntegerType,
    LongType,
    StructField,
    StructType,
)

from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.spark.versions import arrow_schema

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: A sparse part: ascending column indices and their values; an absent entry is 0.0.
SPARSE_TYPE = StructType(
    [
        StructField("indices", ArrayType(IntegerType(), containsNull=False)),
        StructField("values", ArrayType(FloatType(), containsNull=False)),
    ]
)


def column(name: str) -> Column:
    """The column of exactly this name, dots and all."""
    return fn.col("`" + name.replace("`", "``") + "`").alias(name)


def select(frame: DataFrame, names: Iterable[str], what: str = "the DataFrame") -> DataFrame:
    """The columns `names` of `frame`, each once, in order.

    Raises:
        MissingInputError: every absent column at once, each with the nearest name.
    """
    wanted = list(dict.fromkeys(names))
    known = _by_lower_name(frame)
    problems = []
    for name in wanted:
        if name.lower() not in known:
            near = difflib.get_close_matches(name, frame.columns, n=1)
            problems.append(
                {
                    "code": MissingInputError.CODE,
                    "message": f"{what} has no column `{name}`",
                    "place": f"inputs.{name}",
                    "hint": f"did you mean `{near[0]}`?" if near else "it has " + ", ".join(frame.columns[:20]),
                }
            )
    if problems:
        raise MissingInputError(problems)
    return named(frame, wanted)


def named(frame: DataFrame, names: Iterable[str]) -> DataFrame:
    """Those of the columns `names` that `frame` has, under just these names; Spark's own may be of any case."""
    known, exact = _by_lower_name(frame), set(frame.columns)
    found = [(name, name if name in exact else known.get(name.lower())) for name in dict.fromkeys(names)]
    return frame.select([column(own).alias(name) for name, own in found if own is not None])


def _by_lower_name(frame: DataFrame) -> dict[str, str]:
    return {name.lower(): name for name in frame.columns}


def empty_batch(frame: DataFrame) -> pa.RecordBatch:
    """No rows of the types that a worker would see, to check types on the driver before a job starts."""
    return pa.RecordBatch.from_pylist([], schema=arrow_schema(frame.schema))


def output_fields(dense: Iterable[str], sparse: Iterable[str], order: Sequence[str]) -> list[StructField]:
    """The fields of the features, in the order of the spec."""
    types: dict[str, DataType] = dict.fromkeys(sparse, SPARSE_TYPE) | dict.fromkeys(dense, FloatType())
    return [StructField(name, types[name]) for name in order]


def fingerprint_fields(names: Iterable[str]) -> list[StructField]:
    """The fields of the fingerprints."""
    return [StructField(name, LongType()) for name in names]


def check_partitions(partitions: int | None) -> None:
    """Refuses what is no number of tasks.

    Raises:
        InvalidValueError: for anything but a whole number from 1 to 2^31 - 1.
    """
    if partitions is None:
        return
    if isinstance(partitions, bool) or not isinstance(partitions, int) or not 1 <= partitions < 1 << 31:
        raise InvalidValueError.of(
            f"there cannot be {partitions!r} tasks", place="partitions", hint="give a whole number from 1 on"
        )


def check_added(features: Sequence[str], added: Sequence[str]) -> None:
    """Refuses features that are called as a column that comes with them.

    Raises:
        InvalidValueError: names the first.
    """
    if clashes := _clashes(features, added):
        raise InvalidValueError.of(
            f"a feature has the name `{clashes[0]}` of a column that the transform adds",
            place="features",
            hint="rename it with `name:` in the spec",
        )


def check_distinct(kept: Sequence[str], made: Sequence[str]) -> None:
    """Refuses an output with two columns of one name; Spark compares names without case.

    Raises:
        InvalidValueError: names every clash.
    """
    if clashes := _clashes(kept, made):
        raise InvalidValueError.of(
            f"kept columns and features share the names {', '.join(clashes)}",
            place="keep",
            hint="name the columns to keep with keep=[...], or rename the features with `name:` in the spec",
        )


def _clashes(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Those of the names that Spark takes for one that is taken."""
    lower = {name.lower() for name in taken}
    return [name for name in names if name.lower() in lower]
