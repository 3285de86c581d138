"""From group ids to row offsets, and batches that never split a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import InvalidValueError, MissingInputError, TypeMismatchError
from buzzsaw.rows import Offsets
from buzzsaw.source import Source, concatenated
from buzzsaw.spec import Input

#: The name of a column of group ids, or one id a row, or `None` for the input with `role: group`.
Groups: TypeAlias = "str | Sequence[Any] | npt.NDArray[Any] | pa.Array | pa.ChunkedArray | None"


def group_column(groups: str | None, source: Source, inputs: Sequence[Input], *, needed: bool) -> str | None:
    """The column of group ids to use, `None` to do without.

    Raises:
        MissingInputError: When the named column is absent.
    """
    if groups is None:
        role = next((column.name for column in inputs if column.role == "group"), None)
        return role if needed and role in source.names else None
    if groups not in source.names:
        hint = did_you_mean(groups, source.names, "give the name of the column of group ids")
        raise MissingInputError.of(f"there is no column `{groups}`", place="groups", hint=hint)
    return groups


def offsets_of(ids: Any, *, rows: int | None = None) -> Offsets:
    """Where each group starts, and the number of rows: one more than there are groups.

    Args:
        ids: One id a row, rows of a group adjacent.
        rows: How many ids there must be.

    Raises:
        InvalidValueError: For a null id, a group whose rows are apart, or a wrong number of ids.
        TypeMismatchError: For ids of a type that cannot be compared.

    Example:
        >>> offsets_of(["a", "a", "b"]).tolist()
        [0, 2, 3]
    """
    array = _plain(ids)
    if rows is not None and len(array) != rows:
        raise InvalidValueError.of(f"{len(array)} group ids were given for {rows} rows", place="groups")
    ends, values = _runs(array)
    if pc.count_distinct(values).as_py() != len(values):
        seen: set[Any] = set()
        for value in values.to_pylist():
            if value in seen:
                raise _apart(value)
            seen.add(value)
    return _offsets(ends)


def whole_groups(
    batches: Iterable[pa.RecordBatch], column: str | None
) -> Iterator[tuple[pa.RecordBatch, Offsets | None]]:
    """The same rows in batches that hold whole groups, each with its offsets.

    The last group of a batch is held until the next batch shows that it has ended. Without a column, batches pass
    unchanged.

    Raises:
        InvalidValueError: As `offsets_of`, over all batches.
    """
    if column is None:
        for batch in batches:
            yield batch, None
        return
    seen: set[Any] = set()
    held: list[pa.RecordBatch] = []
    open_id: Any = None
    first: pa.RecordBatch | None = None
    emitted = False
    for batch in batches:
        first = batch if first is None else first
        if batch.num_rows == 0:
            continue
        ends, values = _runs(_plain(batch.column(column)))
        if len(values) == 1 and held and values[0].as_py() == open_id:
            held.append(batch)
            continue
        cut = int(ends[-2]) if len(ends) > 1 else 0
        done = [*held, batch.slice(0, cut)] if cut else held
        if done:
            emitted = True
            yield _checked(done, column, seen)
        held, open_id = [batch.slice(cut)], values[-1].as_py()
    if held:
        yield _checked(held, column, seen)
    elif not emitted and first is not None:
        yield first, np.zeros(1, dtype=np.uint32)


def _checked(batches: Sequence[pa.RecordBatch], column: str, seen: set[Any]) -> tuple[pa.RecordBatch, Offsets]:
    batch = batches[0] if len(batches) == 1 else concatenated(batches)
    ends, values = _runs(_plain(batch.column(column)))
    for value in values.to_pylist():
        if value in seen:
            raise _apart(value)
        seen.add(value)
    return batch, _offsets(ends)


def _plain(ids: Any) -> pa.Array:
    try:
        array = ids if isinstance(ids, (pa.Array, pa.ChunkedArray)) else pa.array(ids)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        # Ids are bytes: text that is not UTF-8 is an id like any other.
        if pa.types.is_string(array.type) or pa.types.is_string_view(array.type):
            array = array.cast(pa.binary())
        elif pa.types.is_large_string(array.type):
            array = array.cast(pa.large_binary())
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise TypeMismatchError.of(f"group ids cannot be read: {error}", place="groups") from error
    if array.null_count:
        raise InvalidValueError.of("a group id is null", place="groups", hint="give every row the id of its group")
    return array


def _runs(array: pa.Array) -> tuple[npt.NDArray[Any], pa.Array]:
    if pa.types.is_floating(array.type) or pa.types.is_nested(array.type):
        message = f"group ids of type {array.type} cannot be compared"
        raise TypeMismatchError.of(message, place="groups", hint="give whole numbers or text")
    if len(array) == 0:
        return np.zeros(0, dtype=np.uint32), array
    runs = pc.run_end_encode(array, run_end_type=pa.int64())
    return runs.run_ends.to_numpy(), runs.values


def _offsets(ends: npt.NDArray[Any]) -> Offsets:
    return np.concatenate([np.zeros(1, dtype=np.uint32), ends.astype(np.uint32)])


def _apart(value: Any) -> InvalidValueError:
    shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    message = f"the rows of group {shown!r} are not adjacent"
    return InvalidValueError.of(message, place="groups", hint="sort the rows by group")
