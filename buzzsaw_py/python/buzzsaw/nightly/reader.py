"""Reading what runs made: the versions that manifests name, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.nightly import delta, manifest, runs, storage
from buzzsaw.nightly.manifest import Form
from buzzsaw.nightly.tables import TRAINING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def dates(output: str | Path) -> list[date]:
    """The dates whose runs have ended, ascending."""
    return runs.ended(storage.local_folder(str(output)))


def read(
    output: str | Path, day: date | str, table: str = TRAINING, *, session: SparkSession | None = None
) -> DataFrame:
    """The rows that the run of one date wrote, with the columns that it had.

    Commits of runs that never ended, and columns of other dates, are not seen.

    Args:
        output: The output folder of the job.
        day: The date, `2026-11-22` or a `datetime.date`.
        table: `training`, `documents` or `rejected`.
        session: By default the active one.

    Raises:
        InvalidValueError: When the date has no manifest, or its run made no such table.
        MissingInputError: Without a session.
        CorruptArtifactError: When the manifest cannot be read.
    """
    return read_of(output, day, table, session, manifest.NIGHTLY)


def read_of(output: str | Path, day: date | str, table: str, session: SparkSession | None, form: Form) -> DataFrame:
    """As `read`, of the job that `form` names."""
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise MissingInputError.of("there is no Spark session", place="session", hint="start one with Delta first")
    try:
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise InvalidValueError.of(f"`{day}` is not a date", place="day", hint="give it as 2026-11-22") from error
    root = storage.local_folder(str(output))
    named = runs.table_of(root, day, table, form)
    return delta.read_columns(session, str(root / named["path"]), named["version"], day, named["columns"])
