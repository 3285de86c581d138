"""Runs for each of several dates, one after the other, and the flags that ask for one run or several."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from buzzsaw.errors import InvalidValueError
from buzzsaw.jobs.manifest import Form
from buzzsaw.jobs.runs import Outcome, done_before, parse_now
from buzzsaw.jobs.storage import Location


@dataclass(frozen=True)
class At:
    """One run at a time, which another time of its date may stand for."""

    now: datetime
    any_time: bool


@dataclass(frozen=True)
class Dates:
    """A run for each date from `first` to `last`, both included."""

    first: date
    last: date


def add_flags(parser: argparse.ArgumentParser, now: str, first: str) -> None:
    """Adds `--now`, `--from` and `--to`, the first two with what they mean for the job."""
    parser.add_argument("--now", metavar="ISO8601", help=now)
    parser.add_argument("--from", dest="first", metavar="DATE", help=first)
    parser.add_argument("--to", dest="last", metavar="DATE", help="backfill: the last date")


def asked_for(arguments: argparse.Namespace) -> At | Dates:
    """What the flags of `add_flags` ask for.

    Raises:
        InvalidValueError: for flags that contradict each other, and for times and dates that are none.
    """
    if arguments.first is None and arguments.last is None:
        return At(parse_now(arguments.now), any_time=arguments.now is None)
    for flag, given in (("--from", arguments.first), ("--to", arguments.last)):
        if given is None:
            raise InvalidValueError.of("a backfill needs its first and its last date", place=flag, hint="give both")
    if arguments.now is not None:
        hint = "a date of a backfill sees its midnight in UTC"
        raise InvalidValueError.of("--now and --from exclude each other", place="--now", hint=hint)
    return Dates(_date(arguments.first, "--from"), _date(arguments.last, "--to"))


def run_dates(  # noqa: PLR0917
    dates: Dates, output: Location, settings: Any, digest: str, form: Form, run: Callable[[datetime], Outcome]
) -> Iterator[Outcome]:
    """Calls `run` for the midnight in UTC of each date, in their order; each yields its outcome.

    Args:
        dates: The dates.
        output: The output folder.
        settings: The settings of every date.
        digest: That of the settings.
        form: That of the job's manifests.
        run: The run of a date; it leaves a date alone that is done.

    Raises:
        InvalidValueError: for dates in the wrong order, and when some of them were done with other settings or at
            another time; all of them are named, and nothing is run.
        BuzzsawError: whatever the run of a date raises; later dates are not run.
    """
    first, last = dates.first, dates.last
    if last < first:
        raise InvalidValueError.of(f"{last} is before {first}", place="--to", hint="give the earlier date as --from")
    midnight = datetime(first.year, first.month, first.day, tzinfo=timezone.utc)
    nights = [midnight + timedelta(days=i) for i in range((last - first).days + 1)]
    problems: list[dict[str, str]] = []
    for now in nights:
        try:
            done_before(output, now, settings, digest, form=form)
        except InvalidValueError as error:
            problems += error.problems
    if problems:
        raise InvalidValueError(problems)
    for now in nights:
        yield run(now)


def _date(text: str, flag: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"`{text}` is not a date"
        raise InvalidValueError.of(message, place=flag, hint="give it as 2026-11-22") from error
