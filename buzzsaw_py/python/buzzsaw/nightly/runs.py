"""The runs of an output: one a date, done when it has a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from buzzsaw.errors import InvalidValueError
from buzzsaw.nightly import manifest

#: The folder of the runs, in the output.
RUNS = "runs"


@dataclass(frozen=True)
class Outcome:
    """What a run made, or found made."""

    manifest: dict[str, Any]
    manifest_path: Path
    output: Path
    #: Whether this call wrote it.
    wrote: bool


def folder_of(output: Path, day: date) -> Path:
    """The folder of a date's run."""
    return output / RUNS / day.isoformat()


def done_before(
    output: Path, now: datetime, digest: str, *, any_time: bool = False, form: int = manifest.FORMAT
) -> Outcome | None:
    """The run of the date, of either job, when it has ended, else `None`.

    Args:
        output: The output folder.
        now: The time that the run would see.
        digest: That of its settings.
        any_time: Whether a run of another time of that date is the same one; so it is for a time that nobody gave.
        form: The format of the job's manifests.

    Raises:
        InvalidValueError: when the date was done with other settings or at another time.
        UnsupportedVersionError: when its manifest is of another format, or another job's.
    """
    folder = folder_of(output, now.date())
    done = manifest.existing(folder, form)
    if done is None:
        return None
    differs = None
    if done.get("settings_digest") != digest:
        differs = "other settings, spec or artifact"
    elif not any_time and done.get("now") != now.isoformat():
        differs = f"another --now, {done.get('now')}"
    if differs:
        raise InvalidValueError.of(
            f"{now.date()} was done with {differs}",
            place=str(folder / manifest.NAME),
            hint="give another date or --output; a date whose manifest is removed is made again",
        )
    return Outcome(done, folder / manifest.NAME, output, wrote=False)
