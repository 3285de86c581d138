"""Groups on Spark: whole on one worker. `buzzsaw.groups.whole_groups` then makes them whole in one native call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn
from pyspark.sql.types import StringType

from buzzsaw.errors import MissingInputError
from buzzsaw.spark.columns import quoted
from buzzsaw.spec import Input

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def group_column(inputs: Sequence[Input], given: str | None) -> str:
    """The column that holds the group's id: the one given, else the spec's input with `role: group`.

    Raises:
        MissingInputError: when there is neither.
    """
    for name in [given, *(column.name for column in inputs if column.role == "group")]:
        if name is not None:
            return name
    raise MissingInputError.of(
        "the spec has steps within a group, and no column holds the group",
        place="groups",
        hint="give an input `role: group` in the spec, or pass groups='column'",
    )


def by_group(frame: DataFrame, group: str, partitions: int | None) -> DataFrame:
    """The rows of each group together on one worker, and adjacent.

    Groups are shuffled by their own id, never by the query: a frequent query has many groups, and one task would do
    all of them. Ids are bytes: those that a collation calls equal are different groups.
    """
    by = fn.col(quoted(group))
    kind = frame.schema[group].dataType
    if isinstance(kind, StringType) and kind != StringType():
        by = by.cast("binary")
    shuffled = frame.repartition(by) if partitions is None else frame.repartition(partitions, by)
    return shuffled.sortWithinPartitions(by)
