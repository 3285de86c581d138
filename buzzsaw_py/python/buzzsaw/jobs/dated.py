"""Tables of many dates: the rows of some, by a column of dates, with the columns that the files of those dates have."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import functions as fn
from pyspark.sql.types import DateType, StringType, StructType, TimestampNTZType, TimestampType

from buzzsaw.errors import TypeMismatchError
from buzzsaw.jobs.inputs import InputTable
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_GLOB = re.compile(r"([\\{}\[\]*?])")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")

#: The folder of rows without a value.
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def date_of_column(rows: DataFrame, column: str, table: str) -> Column:
    """The date that a column says: of times the date in UTC, of text what `2026-11-22` says; null of all else.

    Args:
        rows: The rows.
        column: The column.
        table: What the rows are, for messages.

    Raises:
        MissingInputError: when the column is absent.
        TypeMismatchError: when it is of another type than date, timestamp or text.
    """
    kind = columns.select(rows, [column], table).schema[0].dataType
    value = columns.column(column)
    if isinstance(kind, DateType):
        return value
    if isinstance(kind, TimestampNTZType):
        return value.cast("date")
    if isinstance(kind, TimestampType):
        # Not a cast: it would take the session's time zone.
        days = fn.floor(fn.unix_micros(value) / fn.lit(86_400_000_000)).cast("int")
        return fn.date_add(fn.lit(date(1970, 1, 1)), days)
    if isinstance(kind, StringType):
        cast = fn.expr(f"try_cast({columns.quoted(column)} as date)")
        return fn.when(value.rlike(f"^{_ISO.pattern}$"), cast)
    raise TypeMismatchError.of(
        f"the column `{column}` is of type {kind.simpleString()}, and its values are to be dates",
        place=f"{table}, column {column}",
        hint="give dates, timestamps, or text as 2026-11-22",
    )


def within(table: InputTable, column: str, first: date, last: date) -> Column:
    """Whether the date of a row is one of those from `first` to `last`, in a form that reads no more than it must.

    Raises:
        MissingInputError: when the column is absent.
        TypeMismatchError: when it is of another type than date, timestamp or text.
    """
    day = date_of_column(table.rows, column, table.path)
    value, kind = columns.column(column), columns.named(table.rows, [column]).schema[0].dataType
    if isinstance(kind, TimestampType):
        low, end = (datetime(d.year, d.month, d.day, tzinfo=timezone.utc) for d in (first, last + timedelta(days=1)))
        return (value >= fn.lit(low)) & (value < fn.lit(end))
    if isinstance(kind, StringType):
        return value.between(str(first), str(last)) & day.isNotNull()
    return day.between(fn.lit(first), fn.lit(last))


def with_their_columns(table: InputTable, column: str, first: date, last: date) -> InputTable:
    """The table with the columns that the files of these dates have; of a Delta table itself, whose log says them.

    Spark takes those of a Parquet folder from its first file, in a folder of many dates one of the oldest: a column
    that later files lack would be missing values, one that they have more would not be there.

    Raises:
        MissingInputError: when the column is absent.
        TypeMismatchError: when it is of another type than date, timestamp or text; when the files have a column of
            several types.
    """
    chosen = within(table, column, first, last)
    if table.format != "parquet":
        return table
    paths = _files(table.rows, column, first, last, chosen)
    if not paths:
        return table
    session = table.rows.sparkSession
    try:
        # A reader takes paths in which some characters choose among files.
        files = session.read.option("mergeSchema", "true").parquet(*(_GLOB.sub(r"\\\1", path) for path in paths)).schema
    except Py4JJavaError as error:
        said = " ".join((error.java_exception.getMessage() or "").split())
        raise TypeMismatchError.of(
            f"files of the same dates have columns of different types: {said}",
            place=table.path,
            hint="write the files of a date with one schema",
        ) from error
    theirs = {field.name.lower() for field in files}
    named = [_in_folders(path) for path in paths]
    of_folders = [
        field
        for field in table.rows.schema
        if field.name.lower() not in theirs and all(field.name.lower() in names for names in named)
    ]
    schema = StructType([*files.fields, *of_folders])
    if _kinds(schema) == _kinds(table.rows.schema):
        return table
    return replace(table, rows=session.read.schema(schema).parquet(table.path))


def _files(rows: DataFrame, column: str, first: date, last: date, chosen: Column) -> list[str]:
    """The paths of the files with rows of these dates; where their folders do not say, the column is read for it."""
    paths = list(map(unquote, rows.inputFiles()))
    if len(paths) == 1:
        return paths
    days = [_in_folders(path).get(column.lower(), "") for path in paths]
    if all(_ISO.fullmatch(day) or day == _NO_VALUE for day in days):
        return [path for path, day in zip(paths, days, strict=True) if str(first) <= day <= str(last)]
    found = rows.where(chosen).select(fn.col("_metadata.file_path")).distinct().collect()
    return [unquote(row[0]) for row in found]


def _in_folders(path: str) -> dict[str, str]:
    """The values of columns that stand in the names of a file's folders."""
    parts = (folder.partition("=") for folder in path.split("/")[:-1])
    return {name.lower(): unquote(value) for name, equals, value in parts if equals}


def _kinds(schema: StructType) -> set[tuple[str, str]]:
    return {(field.name, field.dataType.json()) for field in schema}
