"""Lookup tables: state that a fit is given by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.dataset as ds

from buzzsaw import _buzzsaw
from buzzsaw.errors import BuzzsawError, InvalidValueError, IoError, TypeMismatchError
from buzzsaw.source import Source
from buzzsaw.spec import Input

#: The path of a Parquet file or of a folder of them, or anything that `Source.of` takes.
LookupTable: TypeAlias = "str | os.PathLike[str] | Any"

#: What a lookup table holds.
COLUMNS = (Input("key", "string", "document", None), Input("vector", "list<float64>", "document", None))


def give_tables(fitter: _buzzsaw.Fitter, tables: Mapping[str, LookupTable] | None) -> None:
    """Gives the fitter its lookup tables; which of them are needed is the fitter's to say.

    Raises:
        IoError: When there is no file at a path.
        InvalidValueError: For a table that no step reads, and for keys and vectors that it cannot have.
        MissingInputError: For a table without the columns.
        TypeMismatchError: For columns of other types.
    """
    if tables is None:
        return
    given: object = tables
    if not isinstance(given, Mapping):
        hint = 'give a mapping, such as {"glove": "glove.parquet"}'
        raise TypeMismatchError.of(f"must map names to tables, not {type(given).__name__}", place="tables", hint=hint)
    wanted = fitter.tables()
    for name, table in tables.items():
        batches = _batches(name, table) if name in wanted else []
        fitter.give_table(name, batches)


def _batches(name: str, table: LookupTable) -> list[pa.RecordBatch]:
    place = f"tables.{name}"
    try:
        source = Source(_file(os.fspath(table))) if isinstance(table, (str, os.PathLike)) else Source.of(table, COLUMNS)
        return list(source.batches([column.name for column in COLUMNS], batch_rows=1 << 20))
    except (pa.ArrowException, OSError) as error:
        message = f"cannot be read as Parquet: {' '.join(str(error).split())}"
        raise InvalidValueError.of(message, place=place, hint="give a Parquet file or a folder of them") from error
    except BuzzsawError as error:
        # `inputs.key` of a spec's table is `key` here.
        inner = [problem["place"].removeprefix("inputs.") for problem in error.problems]
        places = [place if at in ("", "data") else f"{place}.{at}" for at in inner]
        problems = [{**problem, "place": at} for problem, at in zip(error.problems, places, strict=True)]
        raise type(error)(problems) from error


def _file(path: str) -> ds.Dataset:
    if "://" not in path and not Path(path).exists():
        raise IoError.of(f"there is no file `{path}`")
    return ds.dataset(path, format="parquet")
