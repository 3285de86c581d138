"""Reading what runs made: the versions that manifests name, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.nightly import delta, manifest, runs, storage
from buzzsaw.nightly.tables import TRAINING
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def dates(output: str | Path) -> list[date]:
    """The dates whose runs have ended, ascending."""
    folder = storage.local_folder(str(output)) / runs.RUNS
    return sorted(date.fromisoformat(path.parent.name) for path in folder.glob(f"*/{manifest.NAME}"))


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
    session = session or SparkSession.getActiveSession()
    if session is None:
        raise MissingInputError.of("there is no Spark session", place="session", hint="start one with Delta first")
    try:
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise InvalidValueError.of(f"`{day}` is not a date", place="day", hint="give it as 2026-11-22") from error
    root = storage.local_folder(str(output))
    made = manifest.existing(runs.folder_of(root, day))
    if made is None:
        there = [str(one) for one in dates(output)]
        hint = f"there are {there[0]} to {there[-1]}" if there else "no run has ended there"
        raise InvalidValueError.of(f"the run of {day} has not ended", place=str(output), hint=hint)
    named = made["tables"].get(table)
    if named is None:
        hint = "there are " + ", ".join(made["tables"])
        raise InvalidValueError.of(f"the run of {day} made no table `{table}`", place="table", hint=hint)
    rows = delta.read_date(session, str(root / named["path"]), named["version"], day)
    return rows.select([columns.column(name) for name in named["columns"]])
