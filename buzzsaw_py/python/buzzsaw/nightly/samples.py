"""A few rows of the joined inputs, the same ones however they are partitioned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import functions as fn

from buzzsaw.nightly.inputs import PRODUCT
from buzzsaw.spark import columns
from buzzsaw.spark.versions import to_arrow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from buzzsaw import Pipeline

#: The group of a sampled row; not the spec's own input of that role, which may have another name.
GROUP = "group_id"

#: A surrogate in UTF-8, of which the library makes one U+FFFD and Python three.
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")


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
    table = repaired(to_arrow(few.orderBy(hashed, whole).limit(count)))
    # A stable sort: rows of equal keys stay in the order of their columns.
    return table.sort_by([(GROUP, "ascending"), (PRODUCT, "ascending")])


def repaired(table: pa.Table) -> pa.Table:
    """The table with text that Python can read: Spark's may be no UTF-8. Bytes are replaced as the library does it."""
    for at, field in enumerate(table.schema):
        column = table.column(at)
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            read = column.cast(_bytes_for_text(field.type)).to_pylist()
            table = table.set_column(at, field, pa.array([_text(value) for value in read], field.type))
    return table


def _bytes_for_text(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_map(kind):
        return pa.map_(_bytes_for_text(kind.key_type), _bytes_for_text(kind.item_type))
    if pa.types.is_list(kind):
        return pa.list_(_bytes_for_text(kind.value_type))
    return pa.binary() if pa.types.is_string(kind) else kind


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return _SURROGATE.sub("\ufffd".encode(), value).decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return type(value)(_text(one) for one in value)
    return value
