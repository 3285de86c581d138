"""A run for each of several dates, with one pinned artifact."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from buzzsaw.errors import MissingInputError
from buzzsaw.jobs.backfill import Dates, run_dates
from buzzsaw.jobs.runs import Outcome
from buzzsaw.jobs.storage import location_of
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly.job import run
from buzzsaw.nightly.manifest import FORM
from buzzsaw.nightly.settings import NightlySettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("buzzsaw.nightly")


def backfill(
    session: SparkSession, settings: NightlySettings, first: date, last: date, watch: Watch | None = None
) -> Iterator[Outcome]:
    """Runs the dates from `first` to `last`, both included, in their order; each yields its outcome.

    `watch` sees one after the other.

    The rows of a date see its midnight in UTC. A date that is done is not run again, so a backfill that ended early is
    started again as it was.

    Raises:
        MissingInputError: without a pinned artifact: dates with states of their own would not compare.
        InvalidValueError: for dates in the wrong order, and when some of them were done with other settings or at
            another time; all of them are named, and nothing is run. When the artifact changes on the way.
        BuzzsawError: whatever the run of a date raises; later dates are not run.
    """
    if settings.artifact is None:
        raise MissingInputError.of(
            "a backfill needs a pinned artifact",
            place="artifact",
            hint="give --artifact, for example one in a folder of runs/ in the output",
        )
    digest = settings.digest()
    whole = [] if settings.products_date else ["products"]
    whole += ["judgments"] if settings.judgments and not settings.judgments_date else []
    if whole and first < last:
        log.warning(
            "every date of the backfill has all rows of the %s, later ones too: name the column by which a date takes"
            " its own with %s",
            " and ".join(whole),
            " and ".join(f"{name}_date" for name in whole),
        )
    yield from run_dates(
        Dates(first, last),
        location_of(settings.output, session),
        settings,
        digest,
        FORM,
        lambda now: run(session, settings, now, watch=watch, digest=digest),
    )
