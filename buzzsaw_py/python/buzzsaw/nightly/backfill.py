"""A run for each of several dates, with one pinned artifact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.jobs import storage
from buzzsaw.jobs.runs import Outcome, done_before
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly.job import run
from buzzsaw.nightly.manifest import FORM
from buzzsaw.nightly.settings import NightlySettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
            "a backfill needs a pinned artifact", place="artifact", hint="give --artifact, of a run for example"
        )
    if last < first:
        raise InvalidValueError.of(f"{last} is before {first}", place="--to", hint="give the earlier date as --from")
    nights = [
        datetime(first.year, first.month, first.day, tzinfo=timezone.utc) + timedelta(days=i)
        for i in range((last - first).days + 1)
    ]
    output, digest = storage.local_folder(settings.output), settings.digest()
    problems: list[dict[str, str]] = []
    for now in nights:
        try:
            done_before(output, now, digest, form=FORM)
        except InvalidValueError as error:
            problems += error.problems
    if problems:
        raise InvalidValueError(problems)
    for now in nights:
        yield run(session, settings, now, watch=watch, digest=digest)


def parse_date(text: str, flag: str) -> date:
    """The date of a flag.

    Raises:
        InvalidValueError: for text that is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"`{text}` is not a date"
        raise InvalidValueError.of(message, place=flag, hint="give it as 2026-11-22") from error
