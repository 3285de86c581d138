"""Columns of a spec's inputs as Arrow, and the one file from which every runtime takes its bytes.

Text is kept as binary in the file, since it may be invalid UTF-8: each runtime reads it in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

#: The column of group ids that tasks name.
GROUPS = "parity_group"
#: The column with a row's position, so that a runtime that shuffles can put rows back in order.
ROW = "parity_row"

_FILE_TYPES = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "decimal": pa.decimal128(38, 6),
    "string": pa.binary(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def file_type(declared: str) -> pa.DataType:
    """The Arrow type, in the file, of an input type."""
    outer, _, rest = declared.partition("<")
    if not rest:
        return _FILE_TYPES[declared]
    item = file_type(rest.removesuffix(">"))
    return pa.list_(item) if outer == "list" else pa.map_(pa.binary(), item)


def text_type(kind: pa.DataType, declared: str) -> pa.DataType:
    """The type in the file with text where the spec has text."""
    outer, _, rest = declared.partition("<")
    if outer == "list":
        return pa.list_(text_type(kind.value_type, rest.removesuffix(">")))
    if outer == "map":
        return pa.map_(pa.string(), text_type(kind.item_type, rest.removesuffix(">")))
    return pa.string() if declared == "string" else kind


def array(values: Sequence[Any], declared: str) -> pa.Array:
    """Python values as a column of the file. Times are whole microseconds, dates whole days, text str or bytes."""
    kind = file_type(declared)
    if declared in ("timestamp", "date"):
        plain = pa.array(values, pa.int64() if declared == "timestamp" else pa.int32())
        return plain.view(kind)
    return pa.array([_encoded(value) for value in values], kind)


def _encoded(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, Mapping):
        return [(_encoded(key), _encoded(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [tuple(map(_encoded, item)) if isinstance(item, tuple) else _encoded(item) for item in value]
    if isinstance(value, int | float | bool | bytes | Decimal) or value is None:
        return value
    raise TypeError(f"no input has values like {value!r}")


def write_batch(path: Path, columns: Mapping[str, pa.Array], groups: Sequence[int] | pa.Array | None) -> None:
    """Writes the file: the columns, the row's position, and group ids (all rows in groups of one by default)."""
    rows = len(next(iter(columns.values())))
    ids = range(rows) if groups is None else groups
    every = {**columns, ROW: pa.array(range(rows), pa.int64()), GROUPS: pa.array(ids, pa.int64())}
    batch = pa.record_batch(list(every.values()), names=list(every))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def read_batch(path: Path) -> pa.RecordBatch:
    """The file's one batch."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).get_batch(0)
