"""Columns from anything that has them, as record batches, read as often as needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from buzzsaw.arrays import column_of
from buzzsaw.errors import InvalidValueError, ResourceLimitError, TypeMismatchError
from buzzsaw.spec import Input

#: About how many rows a batch of a stream has.
BATCH_ROWS = 16_384

#: The most rows that are read of a file at once, whatever size of batch is asked for.
_FILE_ROWS = 1 << 20


class Source:
    """Columns by name behind one interface.

    Attributes:
        names: The names of all columns.
        rows: How many rows there are, `None` when only reading tells.
    """

    __slots__ = ("_data", "names", "rows")

    def __init__(self, data: pa.Table | ds.Dataset | pa.RecordBatchReader) -> None:
        self._data = data
        self.names: list[str] = data.schema.names
        self.rows: int | None = data.num_rows if isinstance(data, pa.Table) else None
        if isinstance(data, ds.Dataset):
            self.rows = data.count_rows()

    @classmethod
    def of(cls, data: Any, inputs: Sequence[Input]) -> Source:
        """The source behind `data`; `inputs` declare the types of plain Python values.

        Raises:
            TypeMismatchError: When `data` has no columns, or plain values are not of the declared type.
            InvalidValueError: When columns have different lengths.
        """
        if isinstance(data, (pa.Table, ds.Dataset, pa.RecordBatchReader)):
            return cls(data)
        if isinstance(data, pa.RecordBatch):
            return cls(pa.Table.from_batches([data]))
        declared = {column.name: column.type for column in inputs}
        if isinstance(data, Mapping):
            return cls(_table(data, declared))
        if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
            return cls(_table({str(name): data[name] for name in data.columns}, declared))
        if hasattr(data, "__arrow_c_stream__"):
            return cls(pa.table(data))
        if hasattr(data, "__arrow_c_array__"):
            return cls(pa.Table.from_batches([pa.record_batch(data)]))
        hint = "give a pyarrow, polars, pandas or DuckDB table, or a dictionary of lists"
        if hasattr(data, "collect"):
            hint = "collect() it first"
        raise TypeMismatchError.of(f"{type(data).__name__} has no columns that can be read", place="data", hint=hint)

    def kept(self, names: Sequence[str]) -> Source:
        """The same source, safe to read many times: of a one-shot stream the named columns are held in memory."""
        if not isinstance(self._data, pa.RecordBatchReader):
            return self
        batches = list(self.batches(names))
        return Source(pa.Table.from_batches(batches))

    def batches(self, columns: Sequence[str] | None, batch_rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Batches of the named columns, or of all, in order; at least one, which may be empty.

        When a named column is absent all columns come, so that the library can name the nearest.
        """
        columns = self._chosen(columns)
        empty = True
        for batch in self._read(columns, batch_rows):
            empty = False
            yield batch
        if empty:
            schema = self._data.schema
            fields = list(schema) if columns is None else [schema.field(name) for name in columns]
            yield pa.record_batch([pa.nulls(0, field.type) for field in fields], schema=pa.schema(fields))

    def _read(self, columns: list[str] | None, batch_rows: int) -> Iterator[pa.RecordBatch]:
        data = self._data
        if isinstance(data, ds.Dataset):
            yield from data.to_batches(columns=columns, batch_size=min(batch_rows, _FILE_ROWS), fragment_readahead=1)
        elif isinstance(data, pa.Table):
            table = data if columns is None else data.select(columns)
            yield from table.to_batches(max_chunksize=batch_rows)
        else:
            for whole in data:
                batch = whole if columns is None else whole.select(columns)
                for start in range(0, batch.num_rows, batch_rows):
                    yield batch.slice(start, batch_rows)

    def whole(self, columns: Sequence[str]) -> pa.RecordBatch:
        """All rows of the named columns as one batch; a copy only where there are several chunks."""
        batches = list(self.batches(columns, batch_rows=2**31))
        return batches[0] if len(batches) == 1 else concatenated(batches)

    def _chosen(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
        chosen = list(dict.fromkeys(columns))
        twice = next((name for name in chosen if self.names.count(name) > 1), None)
        if twice is not None:
            raise InvalidValueError.of("two columns have this name", place=f"inputs.{twice}", hint="rename one of them")
        return chosen if all(name in self.names for name in chosen) else None


def concatenated(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """The rows of all batches as one batch.

    Raises:
        ResourceLimitError: When nested text passes 2 GiB.
    """
    table = pa.Table.from_batches(batches)
    combined = table.combine_chunks().to_batches()
    if len(combined) > 1:
        # More bytes than 32-bit offsets can address: text takes 64-bit ones.
        combined = table.cast(pa.schema([_widened(field) for field in table.schema])).combine_chunks().to_batches()
    if len(combined) > 1:
        message = "the columns do not fit one batch"
        raise ResourceLimitError.of(message, place="data", hint="use transform_batches")
    return combined[0] if combined else batches[0]


def _widened(field: pa.Field) -> pa.Field:
    wide = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary()}
    return field.with_type(wide.get(field.type, field.type))


def _table(columns: Mapping[str, Any], declared: Mapping[str, str]) -> pa.Table:
    arrays = {name: column_of(name, values, declared.get(name)) for name, values in columns.items()}
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise InvalidValueError.of(f"columns have different lengths ({listed})", place="data")
    return pa.table(arrays)
