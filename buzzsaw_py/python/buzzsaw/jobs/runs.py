"""The runs of an output: one a date, done when it has a manifest."""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from datetime import date, datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy
import pyarrow
import pyspark

import buzzsaw as bz
from buzzsaw.errors import InvalidValueError, IoError
from buzzsaw.jobs import manifest, storage
from buzzsaw.jobs.manifest import Form
from buzzsaw.jobs.settings_file import changed, time_of
from buzzsaw.jobs.storage import Location

log = logging.getLogger("buzzsaw.jobs")

#: The folder of the runs, in the output.
RUNS = "runs"


@dataclass(frozen=True)
class Outcome:
    """What a run made, or found made."""

    manifest: dict[str, Any]
    #: A `pathlib.Path`, or what has its `/`, `name`, `parent` and `read_bytes` on a file system with a scheme.
    manifest_path: Location
    #: Likewise.
    output: Location
    #: Whether this call wrote it.
    wrote: bool


def parse_now(text: str | None) -> datetime:
    """The time of the run, UTC; the clock's when none is given.

    Raises:
        InvalidValueError: for text that is not ISO 8601, and for a time without a zone.
    """
    if text is None:
        return datetime.now(timezone.utc).replace(microsecond=0)
    now = time_of(text)
    if now is None or now.tzinfo is None:
        what = "is not a time" if now is None else "has no time zone"
        raise InvalidValueError.of(f"`{text}` {what}", place="--now", hint="give ISO 8601, as 2026-11-22T00:00:00Z")
    return now.astimezone(timezone.utc)


def in_utc(now: datetime) -> datetime:
    """The time of a run in UTC, whose date names it.

    Raises:
        InvalidValueError: for a time without a zone.
    """
    if now.tzinfo is None:
        raise InvalidValueError.of(f"`{now}` has no time zone", place="now", hint="give one, such as timezone.utc")
    return now.astimezone(timezone.utc)


def ended(output: Location) -> list[date]:
    """The dates whose runs have a manifest, ascending; folders with other names than dates are not runs."""
    found = []
    for name in storage.folders_with(output / RUNS, manifest.NAME):
        try:
            day = date.fromisoformat(name)
        except ValueError:
            continue
        # A later Python reads other forms of dates, too.
        if name == day.isoformat():
            found.append(day)
    return sorted(found)


def folder_of(output: Location, day: date) -> Location:
    """The folder of a date's run."""
    return output / RUNS / day.isoformat()


def done_before(
    output: Location, now: datetime, settings: Any, digest: str, *, any_time: bool = False, form: Form
) -> Outcome | None:
    """The run of the date, of either job, when it has ended, else `None`.

    Args:
        output: The output folder.
        now: The time that the run would see.
        settings: Its settings, of either job.
        digest: What `settings.digest()` was when the run began.
        any_time: Whether a run of another time of that date is the same one; so it is for a time that nobody gave.
        form: That of the job's manifests.

    Raises:
        InvalidValueError: when the date was done with other settings, at another time or by another job.
        UnsupportedVersionError: when its manifest is of another format.
    """
    folder = folder_of(output, now.date())
    done = manifest.existing(folder, form)
    if done is None:
        return None
    differs = None
    if done.get("settings_digest") != digest:
        differs = _otherwise(settings, done.get("settings") or {})
    elif not any_time and done.get("now") != now.isoformat():
        differs = f"another --now, {done.get('now')}"
    if differs:
        raise InvalidValueError.of(
            f"{now.date()} was done with {differs}",
            place=str(folder / manifest.NAME),
            hint="give another date or --output; a date whose manifest is removed is made again",
        )
    return Outcome(done, folder / manifest.NAME, output, wrote=False)


def _otherwise(settings: Any, before: dict[str, Any]) -> str:
    """In what a run differs from one that was done with settings of another digest."""
    if told := changed(settings, before):
        return "other settings: " + ", ".join(told)
    given = [f"`{name}`" for name in sorted(settings.BY_BYTES) if getattr(settings, name) is not None]
    return f"other contents of {' or '.join(given)}" if given else "other settings"


def done_meanwhile(
    output: Location, now: datetime, settings: Any, digest: str, *, any_time: bool = False, form: Form
) -> Outcome:
    """The run of the date that another process has ended while this one went on; its manifest stands.

    Raises:
        InvalidValueError: as `done_before`: the other one was asked for something else, so this one has failed.
        IoError: when its manifest is gone again.
    """
    day = now.date()
    log.warning("another process finished the run of %s first; its manifest stands", day)
    before = done_before(output, now, settings, digest, any_time=any_time, form=form)
    if before is None:
        place = str(folder_of(output, day) / manifest.NAME)
        raise IoError.of("the manifest of another process is gone again", place=place, hint="run the date again")
    return before


def manifest_of(output: Location, day: date, form: Form) -> dict[str, Any]:
    """The manifest of a date's run.

    Raises:
        InvalidValueError: when the date has no manifest, or its run is another job's.
        CorruptArtifactError: when the manifest is no JSON of one.
        IoError: when its file system does not let it be read.
        UnsupportedVersionError: when it is of another format.
    """
    made = manifest.existing(folder_of(output, day), form)
    if made is None:
        there = [str(one) for one in ended(output)]
        hint = f"there are {there[0]} to {there[-1]}" if there else "no run has ended there"
        raise InvalidValueError.of(f"the run of {day} has not ended", place=str(output), hint=hint)
    return made


def table_of(made: dict[str, Any], table: str) -> dict[str, Any]:
    """What the manifest of a run says of a table.

    Raises:
        InvalidValueError: when the run made no such table.
    """
    named: dict[str, Any] | None = made["tables"].get(table)
    if named is None:
        hint = "there are " + ", ".join(made["tables"])
        raise InvalidValueError.of(f"the run of {made['run']} made no table `{table}`", place="table", hint=hint)
    return named


def libraries() -> dict[str, str]:
    """Versions of what computes a run; `unknown` where a package was not installed as one, as in Spark's own folder."""
    made = {"buzzsaw": bz.__version__, "buzzsaw_build": bz.build_id(), "python": platform.python_version()}
    for name, module in (("pyspark", pyspark), ("delta-spark", None), ("pyarrow", pyarrow), ("numpy", numpy)):
        try:
            made[name] = version(name)
        except PackageNotFoundError:
            made[name] = str(getattr(module, "__version__", "unknown"))
    return made
