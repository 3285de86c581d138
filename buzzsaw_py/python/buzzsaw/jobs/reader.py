"""Reading what a run of any job made: the versions that manifests name, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.jobs import delta, runs, storage
from buzzsaw.jobs.manifest import Form

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def read_of(output: str | Path, day: date | str, table: str, session: SparkSession | None, form: Form) -> DataFrame:
    """The rows that the run of one date of a job wrote, with the columns that it had.

    Args:
        output: The output folder of the job.
        day: The date.
        table: The name of the table.
        session: By default the active one.
        form: That of the job's manifests.

    Raises:
        InvalidValueError: When the date has no manifest, is another job's, or its run made no such table.
        MissingInputError: Without a session.
        CorruptArtifactError: When the manifest is no JSON of one.
        IoError: When its file system does not let it be read.
        IoError: When the file system of the output does not answer.
    """
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise MissingInputError.of("there is no Spark session", place="session", hint="start one with Delta first")
    try:
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise InvalidValueError.of(f"`{day}` is not a date", place="day", hint="give it as 2026-11-22") from error
    root = storage.location_of(output, session)
    named = runs.table_of(runs.manifest_of(root, day, form), table)
    path = storage.table_path(root / named["path"], session)
    return delta.read_columns(session, path, named["version"], day, named["columns"])
