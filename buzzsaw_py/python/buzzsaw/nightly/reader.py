"""Reading what runs made: the versions that manifests name, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from buzzsaw.jobs import runs, storage
from buzzsaw.jobs.reader import read_of
from buzzsaw.nightly.manifest import FORM
from buzzsaw.nightly.tables import TRAINING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def dates(output: str | Path, *, session: SparkSession | None = None) -> list[date]:
    """The dates whose runs have ended, ascending.

    Args:
        output: The output folder of the job.
        session: Spark, for an output with a scheme; by default the active one.

    Raises:
        MissingInputError: For an output with a scheme, without a session.
        IoError: When its file system does not answer.
    """
    return runs.ended(storage.location_of(output, session))


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
        CorruptArtifactError: When the manifest is no JSON of one.
        IoError: When its file system does not let it be read.
    """
    return read_of(output, day, table, session, FORM)
