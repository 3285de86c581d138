"""A label run for each of several dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from buzzsaw.jobs.backfill import Dates, run_dates
from buzzsaw.jobs.runs import Outcome
from buzzsaw.jobs.storage import location_of
from buzzsaw.jobs.watch import Watch
from buzzsaw.labels.job import run
from buzzsaw.labels.manifest import FORM
from buzzsaw.labels.settings import LabelSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def backfill(
    session: SparkSession, settings: LabelSettings, first: date, last: date, watch: Watch | None = None
) -> Iterator[Outcome]:
    """Runs the dates from `first` to `last`, both included, in their order; each yields its outcome.

    Each is the run at its midnight in UTC, which labels the days whose attribution was over then. A date that is done
    is not run again, so a backfill that ended early is started again as it was. `watch` sees one after the other.

    Raises:
        InvalidValueError: for dates in the wrong order, and when some of them were done with other settings or at
            another time; all of them are named, and nothing is run.
        BuzzsawError: whatever the run of a date raises; later dates are not run.
    """
    dates, digest = Dates(first, last), settings.digest()
    output = location_of(settings.output, session)
    yield from run_dates(dates, output, settings, digest, FORM, lambda now: run(session, settings, now, watch=watch))
