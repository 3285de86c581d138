"""Python, NumPy and pandas columns as Arrow arrays."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from buzzsaw.errors import InvalidValueError, TypeMismatchError

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

_SCALARS: dict[str, pa.DataType | None] = {
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    # Precision and scale are those of the values.
    "decimal": None,
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def declared_type(text: str) -> pa.DataType | None:
    """The Arrow type of untyped values for a spec's type (`list<string>`); `None` to infer it."""
    outer, _, rest = text.partition("<")
    if not rest:
        return _SCALARS.get(text)
    item = declared_type(rest.removesuffix(">"))
    if item is None:
        return None
    return pa.list_(item) if outer == "list" else pa.map_(pa.string(), item)


def column_of(name: str, values: Any, declared: str | None) -> Column:
    """One column as Arrow.

    Typed values (Arrow, NumPy, pandas, polars) keep their type; plain Python values take the one that the spec
    declares. Text that is not valid Unicode (lone surrogates, raw bytes) is passed on as bytes for the library to
    repair.

    Raises:
        TypeMismatchError: When Python values cannot have the declared type.
        InvalidValueError: When a number is past its range.
    """
    try:
        return _typed(values) if _is_typed(values) else _untyped(_items(values), declared)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError) as error:
        what = f"a {declared} column" if declared else "one type"
        message = f"the values cannot be read as {what}: {' '.join(str(error).split())}"
        if isinstance(error, OverflowError) or "too large" in str(error):
            raise InvalidValueError.of(message, place=f"inputs.{name}") from error
        raise TypeMismatchError.of(
            message, place=f"inputs.{name}", hint="give values of the type in the spec"
        ) from error


def _is_typed(values: Any) -> bool:
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype):
        return dtype.kind not in "OUS"
    return dtype is not None or isinstance(values, (pa.Array, pa.ChunkedArray)) or hasattr(values, "__arrow_c_array__")


def _typed(values: Any) -> Column:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values
    if hasattr(values, "__arrow_c_stream__") and not hasattr(values, "isna"):
        return pa.chunked_array(values)
    # pandas' own missing values become nulls; NaN in a NumPy array stays, and is missing all the same.
    return pa.array(values, from_pandas=True) if hasattr(values, "isna") else pa.array(values)


def _items(values: Any) -> list[Any]:
    if hasattr(values, "isna"):
        return [None if missing else value for value, missing in zip(values, values.isna(), strict=True)]
    return list(values)


def _untyped(values: list[Any], declared: str | None) -> Column:
    kind = declared_type(declared) if declared else None
    if kind is not None and pa.types.is_map(kind):
        values = [list(value.items()) if isinstance(value, Mapping) else value for value in values]
    if kind is not None:
        _refuse_fractions(values, kind)
    try:
        return pa.array(values, type=kind)
    except (pa.ArrowException, UnicodeEncodeError):
        if kind is None or "string" not in str(kind):
            raise
        return pa.array([_as_bytes(value) for value in values], type=_binary(kind))


def _refuse_fractions(values: Any, kind: pa.DataType) -> None:
    """Raises TypeError for a float or Decimal where whole numbers or times are declared: pyarrow would cut it off."""
    if pa.types.is_list(kind):
        for items in values:
            _refuse_fractions([] if items is None else items, kind.value_type)
    elif pa.types.is_map(kind):
        for entries in values:
            _refuse_fractions([value for _, value in entries or []], kind.item_type)
    elif pa.types.is_integer(kind) or pa.types.is_temporal(kind):
        found = next((value for value in values if isinstance(value, (float, np.floating, Decimal))), None)
        if found is not None:
            raise TypeError(f"{found!r} is a {type(found).__name__}")


def _as_bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, (list, tuple)):
        return type(value)(_as_bytes(item) for item in value)
    return value


def _binary(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(_binary(kind.value_type))
    if pa.types.is_map(kind):
        return pa.map_(pa.binary(), _binary(kind.item_type))
    return pa.binary() if pa.types.is_string(kind) else kind
