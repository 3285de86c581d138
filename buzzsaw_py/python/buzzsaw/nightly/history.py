"""What earlier runs reported: the JSON reports that their manifests name."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from buzzsaw.errors import CorruptArtifactError
from buzzsaw.nightly import manifest, report_contents
from buzzsaw.nightly.runs import RUNS

log = logging.getLogger("buzzsaw.nightly")

#: What drift and trends call the labels.
LABEL = "label"


@dataclass(frozen=True)
class Reference:
    """What an earlier run measured of one feature, or its labels."""

    run: str
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """Earlier runs, as this one needs them."""

    #: The reports of the last runs, by date.
    recent: tuple[Mapping[str, Any], ...]
    #: By kind, `dense`, `sparse` or `label`, and name.
    references: Mapping[tuple[str, str], Reference]

    def edges(self) -> dict[str, list[float]]:
        """The edges of the reference's bins, by dense feature."""
        return {name: one.measured["bins"] for (kind, name), one in self.references.items() if kind == "dense"}


def feature_of(column: str, features: Collection[str]) -> str:
    """The feature of the spec that a column of a table is of: one of several columns has a number at its end."""
    head, _, number = column.rpartition("_")
    return head if column not in features and number.isdigit() and head in features else column


def earlier(output: Path, day: date, features: Sequence[str], runs: int) -> History:
    """The reports of the last `runs` runs before `day`, and for each feature the latest earlier run that has it.

    A run is one with a manifest, and one without rows is no reference. A run whose report is no longer there, or is
    of another format, is passed over with a warning.

    Raises:
        CorruptArtifactError: when a manifest or a report cannot be read, or is not what the manifest names.
    """
    recent: list[Mapping[str, Any]] = []
    references: dict[tuple[str, str], Reference] = {}
    wanted, has_labels = set(features), False
    for run in _runs_before(output, day):
        if len(recent) >= runs and has_labels and not wanted:
            break
        made = manifest.read(output / RUNS / run) or {}
        if (
            len(recent) >= runs
            and has_labels
            and not wanted & {feature_of(f, features) for f in made.get("features", ())}
        ):
            continue
        report = _report(output, run, made)
        if report is None:
            continue
        if len(recent) < runs:
            recent.append(report)
        table = report["table"]
        if not table["rows"]:
            continue
        if not has_labels:
            references["label", LABEL] = Reference(run, table["labels"])
            has_labels = True
        there = {
            (kind, one["name"]): one
            for kind in ("dense", "sparse")
            for one in table[kind]
            if feature_of(one["name"], features) in wanted
        }
        references |= {key: Reference(run, one) for key, one in there.items()}
        wanted -= {feature_of(name, features) for _, name in there}
    return History(tuple(reversed(recent)), references)


def _runs_before(output: Path, day: date) -> list[str]:
    """The dates before `day` that have a manifest, the latest first."""
    found = (path.parent.name for path in (output / RUNS).glob(f"*/{manifest.NAME}"))
    return sorted((name for name in found if name < day.isoformat()), reverse=True)


def _report(output: Path, run: str, made: Mapping[str, Any]) -> Mapping[str, Any] | None:
    named = made.get("report_json")
    if named is None:
        log.warning("the run of %s has no report as JSON; it is not compared with", run)
        return None
    path = output / named["path"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        log.warning("the report of %s is no longer there; it is not compared with: %s", run, path)
        return None
    except OSError as error:
        raise CorruptArtifactError.of(f"an earlier report cannot be read: {error.strerror}", place=str(path)) from error
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise CorruptArtifactError.of(
            f"the report of {run} is not the one that its manifest names",
            place=str(path),
            hint="restore it, or remove it: the run is then not compared with it",
        )
    report: dict[str, Any] = json.loads(content)
    if report.get("format") != report_contents.FORMAT:
        log.warning("the report of %s is of format %s; it is not compared with", run, report.get("format"))
        return None
    return report
