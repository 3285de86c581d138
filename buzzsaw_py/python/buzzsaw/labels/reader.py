"""Reading labels: the versions that manifests name, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from buzzsaw.jobs.reader import read_of
from buzzsaw.labels.manifest import FORM, LABELS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read(output: str | Path, day: date | str, *, session: SparkSession | None = None) -> DataFrame:
    """The label rows that the run of one date wrote.

    Commits of runs that never ended, rows of other runs and columns of theirs are not seen.

    Args:
        output: The output folder of the label job.
        day: The date, `2026-11-22` or a `datetime.date`.
        session: By default the active one.

    Raises:
        InvalidValueError: When the date has no manifest, or is of another job.
        MissingInputError: Without a session.
        CorruptArtifactError: When the manifest is no JSON of one.
        IoError: When its file system does not let it be read.
    """
    return read_of(output, day, LABELS, session, FORM)
