"""What differs between PySpark 3.5 and 4: each difference once, told apart by what is there and not by a number."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as fn
from pyspark.sql.pandas.types import to_arrow_schema

if TYPE_CHECKING:
    from pyspark.errors import PySparkException
    from pyspark.sql import Column
    from pyspark.sql.types import StructType

#: The Spark of the operator of `runtime="jvm"`: it plugs into physical plans, which change with each release.
OPERATOR_SPARK = "4.2"

#: What sessions of the jobs set, for 3.5 to do as 4 does by itself: a value that cannot be cast fails, and is not null.
ANSI: dict[str, Any] = {"spark.sql.ansi.enabled": "true"}

# PySpark's own annotations are those of one version.
_functions: Any = fn
_zone: dict[str, Any] = {"timezone": "UTC"} if "timezone" in inspect.signature(to_arrow_schema).parameters else {}


def has_operator(spark: str) -> bool:
    """Whether the operator of `runtime="jvm"` is for this version of Spark, such as `4.2.0`."""
    return spark.split(".")[:2] == OPERATOR_SPARK.split(".")


def arrow_schema(schema: StructType) -> pa.Schema:
    """The types that a Python worker sees; timestamps are in UTC."""
    return to_arrow_schema(schema, **_zone)


def to_arrow(frame: DataFrame) -> pa.Table:
    """All rows of a DataFrame, on the driver."""
    rows: Any = frame
    # Asked of the class: a DataFrame has its columns as attributes.
    if hasattr(DataFrame, "toArrow"):
        return rows.toArrow()
    # What 3.5 makes its pandas frames of, which would lose the types of lists.
    return pa.Table.from_batches(rows._collect_as_arrow(), schema=arrow_schema(frame.schema))


def condition(error: PySparkException) -> str | None:
    """Spark's name for an error, such as `PATH_NOT_FOUND`; `None` when it has none."""
    name: str | None = (getattr(error, "getCondition", None) or error.getErrorClass)()
    return name


def integer_udf(run: Callable[[pa.Array], pa.Array], of: Column) -> Column:
    """The column of int that `run` makes of the bytes of a column of text, batch by batch in Python workers.

    PySpark 4.1 and later gives workers Arrow arrays. Before, they come and go through pandas, which workers need then.
    """
    # Text may be no UTF-8, which pandas does not take.
    held = of.cast("binary")
    if hasattr(fn, "arrow_udf"):
        made: Column = _functions.arrow_udf(run, "int")(held)
        return made
    import pandas as pd  # noqa: PLC0415  only here: workers of a newer PySpark have none

    def with_pandas(texts: Any) -> Any:
        return run(pa.array(texts, pa.binary())).to_pandas()

    with_pandas.__annotations__ = {"texts": pd.Series, "return": pd.Series}
    of_texts: Column = _functions.pandas_udf(with_pandas, "int")(held)
    return of_texts
