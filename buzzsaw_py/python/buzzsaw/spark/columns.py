"""Which columns of a DataFrame cross to the worker, and what comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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

from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import BY_CODE, InvalidValueError, MissingInputError
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


def quoted(name: str) -> str:
    """A name as Spark reads it, dots and all."""
    return "`" + name.replace("`", "``") + "`"


def column(name: str) -> Column:
    """The column of exactly this name, dots and all."""
    return fn.col(quoted(name)).alias(name)


def select(
    frame: DataFrame,
    names: Iterable[str],
    what: str = "the DataFrame",
    places: Mapping[str, str] | None = None,
) -> DataFrame:
    """The columns `names` of `frame`, each once, in order; `places` says where those that are no inputs are asked for.

    Raises:
        MissingInputError: every absent column at once, each with the nearest name.
        InvalidValueError: for a name that several columns have but for their case, in a session that tells it apart.
    """
    wanted = list(dict.fromkeys(names))
    known, exact = _by_lower_name(frame), set(frame.columns)
    several = Counter(name.lower() for name in exact)
    problems = []
    for name in wanted:
        place = (places or {}).get(name, f"inputs.{name}")
        if name not in exact and several[name.lower()] > 1:
            same = ", ".join(other for other in frame.columns if other.lower() == name.lower())
            message = f"{what} has the columns {same}, and none of them is `{name}`"
            hint = "give one of them just this name"
            problems.append({"code": InvalidValueError.CODE, "message": message, "place": place, "hint": hint})
        if name.lower() not in known:
            problems.append(
                {
                    "code": MissingInputError.CODE,
                    "message": f"{what} has no column `{name}`",
                    "place": place,
                    "hint": did_you_mean(name, frame.columns, "it has " + ", ".join(frame.columns[:20])),
                }
            )
    if problems:
        raise BY_CODE[problems[0]["code"]](problems)
    return named(frame, wanted)


def asked_at(inputs: Iterable[str], groups: str | None, kept: Iterable[str]) -> dict[str, str]:
    """For `select`: where a transform asks for those of its columns that it does not read as inputs."""
    asked = dict.fromkeys(kept, "keep")
    if groups is not None:
        asked[groups] = "groups"
    read = set(inputs)
    return {name: place for name, place in asked.items() if name not in read}


def named(frame: DataFrame, names: Iterable[str]) -> DataFrame:
    """Those of the columns `names` that `frame` has, under just these names; Spark's own may be of any case."""
    found = spelled(frame, names)
    return frame.select([column(own).alias(name) for name, own in found.items() if own is not None])


def spelled(frame: DataFrame, names: Iterable[str]) -> dict[str, str | None]:
    """Each name as `frame` has it, which may be of another case; `None` when it has none."""
    known, exact = _by_lower_name(frame), set(frame.columns)
    return {name: name if name in exact else known.get(name.lower()) for name in names}


def _by_lower_name(frame: DataFrame) -> dict[str, str]:
    return {name.lower(): name for name in frame.columns}


def empty_batch(schema: StructType, names: Iterable[str]) -> pa.RecordBatch:
    """No rows of the types that a worker would see, to check types on the driver before a job starts.

    Args:
        schema: That of the DataFrame.
        names: The columns, each as the schema spells it: one that is kept may differ from an input by case alone.
    """
    return pa.RecordBatch.from_pylist([], schema=arrow_schema(StructType([schema[name] for name in names])))


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


def check_added(features: Sequence[str], added: Sequence[str], by: str = "the transform") -> None:
    """Refuses features that are called as a column that comes with them.

    Raises:
        InvalidValueError: names the first.
    """
    if clashes := _clashes(features, added):
        raise InvalidValueError.of(
            f"a feature has the name `{clashes[0]}` of a column that {by} adds",
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
