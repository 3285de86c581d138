"""What earlier runs reported: the JSON reports that their manifests name."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from buzzsaw.errors import CorruptArtifactError
from buzzsaw.jobs import manifest, storage
from buzzsaw.jobs.runs import RUNS, ended
from buzzsaw.jobs.storage import Location
from buzzsaw.nightly import report_contents
from buzzsaw.nightly.report_contents import TrendPoint

log = logging.getLogger("buzzsaw.nightly")

#: What drift and trends call the labels.
LABEL = "label"

#: Runs that a warning names for each reason, at most.
_NAMED = 3


@dataclass(frozen=True)
class Reference:
    """What an earlier run measured of one feature, or its labels."""

    run: str
    #: Only the parts of its report that drift is computed from.
    measured: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """How many rows it had."""
        if "bin_counts" in self.measured:
            return sum(self.measured["bin_counts"])
        return sum(self.measured["labels" if "labels" in self.measured else "row_sizes"].values())


@dataclass(frozen=True)
class EarlierRun:
    """An earlier run's points of the trend lines."""

    run: str
    #: By feature, and of the label.
    points: Mapping[str, TrendPoint]


#: What of a report drift is computed from, by kind.
_COMPARED = {"dense": ("bins", "bin_counts"), "sparse": ("row_sizes",)}


@dataclass(frozen=True)
class History:
    """Earlier runs, as this one needs them; of their reports nothing else is held."""

    #: The last runs, by date.
    recent: tuple[EarlierRun, ...]
    #: By kind, `dense`, `sparse` or `label`, and name.
    references: Mapping[tuple[str, str], Reference]

    def edges(self) -> dict[str, list[float]]:
        """The edges of the reference's bins, by dense feature."""
        return {name: one.measured["bins"] for (kind, name), one in self.references.items() if kind == "dense"}


def feature_of(column: str, features: Collection[str]) -> str:
    """The feature of the spec that a column of a table is of: one of several columns has a number at its end."""
    head, _, number = column.rpartition("_")
    return head if column not in features and number.isdigit() and head in features else column


def earlier(output: Location, day: date, features: Sequence[str], runs: int) -> History:
    """The reports of the last `runs` runs before `day`, and for each feature the latest earlier run that has it.

    A run is one with a manifest, and one without rows is no reference. A run whose report is no longer there, or is
    of another format, is passed over, with one warning for all of them.

    Raises:
        CorruptArtifactError: when a manifest or a report is none, or is not what the manifest names.
        IoError: when its file system does not let one be read.
    """
    recent: list[EarlierRun] = []
    passed: dict[str, list[str]] = {}
    references: dict[tuple[str, str], Reference] = {}
    wanted, has_labels = set(features), False
    for run in (one.isoformat() for one in reversed(ended(output)) if one < day):
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
        if isinstance(report, str):
            passed.setdefault(report, []).append(run)
            continue
        if len(recent) < runs:
            recent.append(_points(report, features))
        table = report["table"]
        if not table["rows"]:
            continue
        if not has_labels:
            references["label", LABEL] = Reference(run, {"labels": table["labels"]})
            has_labels = True
        there = {
            (kind, one["name"]): {part: one[part] for part in parts}
            for kind, parts in _COMPARED.items()
            for one in table[kind]
            if feature_of(one["name"], features) in wanted
        }
        for heavy in report["heavy_columns"]:
            if (key := ("sparse", heavy["feature"])) in there:
                there[key]["columns"] = {one["column"]: one["rows"] for one in heavy["columns"]}
                there[key]["numbering"] = heavy["numbering"]
        references |= {key: Reference(run, one) for key, one in there.items()}
        wanted -= {feature_of(name, features) for _, name in there}
    if passed:
        reasons = "; ".join(f"{reason} ({_few(names)})" for reason, names in passed.items())
        log.warning("%d earlier runs are not compared with: %s", sum(map(len, passed.values())), reasons)
    return History(tuple(reversed(recent)), references)


def _points(report: Mapping[str, Any], features: Sequence[str]) -> EarlierRun:
    """A run's own points, which end the trend lines of its report; of features that this run has, too."""
    run = report["run"]
    ends = {one["name"]: one["points"][-1] for one in report["trends"]}
    names = {*features, LABEL}
    return EarlierRun(
        run, {name: TrendPoint(**end) for name, end in ends.items() if feature_of(name, features) in names}
    )


def _few(runs: Sequence[str]) -> str:
    """Runs, the latest first, in words."""
    return ", ".join(runs[:_NAMED]) + (f" and {len(runs) - _NAMED} before" if len(runs) > _NAMED else "")


def _report(output: Location, run: str, made: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """The report of a run, or why there is none to compare with."""
    named = made.get("report_json")
    if named is None:
        return "no report as JSON"
    path = output / named["path"]
    content = storage.read(path)
    if content is None:
        return "the report is no longer there"
    if hashlib.sha256(content).hexdigest() != named["sha256"]:
        raise _corrupt(path, f"the report of {run} is not the one that its manifest names")
    try:
        report = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise _corrupt(path, f"the report of {run} is no JSON: {error}") from error
    if not isinstance(report, dict):
        raise _corrupt(path, f"the report of {run} is no map, but a {type(report).__name__}")
    if report.get("format") != report_contents.FORMAT:
        return f"the report is of format {report.get('format')}"
    return report


def _corrupt(path: Location, message: str) -> CorruptArtifactError:
    hint = "restore it, or remove it: the run is then not compared with it"
    return CorruptArtifactError.of(message, place=str(path), hint=hint)
