"""A few rows of the joined inputs, the same ones however they are partitioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as fn

from buzzsaw.nightly.inputs import PRODUCT
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from buzzsaw import Pipeline

#: The group of a sampled row; not the spec's own input of that role, which may have another name.
GROUP = "group_id"


def take(rows: DataFrame, pipeline: Pipeline, count: int) -> pa.Table:
    """The `count` rows whose keys have the least xxHash64, with the columns that the pipeline reads in training.

    Keys are the qid, the group and the product. Rows of a group are adjacent in what is returned, but a group need not
    be whole. Rows of equal keys are told apart by their columns, so nothing depends on the order of the input.
    """
    keys = ["qid", GROUP, PRODUCT]
    needed = list(dict.fromkeys([*keys, *(one.name for one in pipeline.inputs_for("train"))]))
    few = columns.select(rows, needed)
    # Compared only between rows of one hash, so it is computed for few.
    whole = fn.to_json(fn.struct(*map(columns.column, needed)))
    hashed = fn.xxhash64(*(columns.column(key).cast("string") for key in keys))
    table: pa.Table = few.orderBy(hashed, whole).limit(count).toArrow()
    # A stable sort: rows of equal keys stay in the order of their columns.
    return table.sort_by([(GROUP, "ascending"), (PRODUCT, "ascending")])
