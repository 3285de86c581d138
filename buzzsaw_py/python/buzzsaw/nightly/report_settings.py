"""The `report` of the settings: how much of a run is looked at, and which numbers are too much."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.nightly.checks import Limits, Reader


@dataclass(frozen=True)
class NamedLimits:
    """Limits for all features or steps, and instead of them those of single ones."""

    #: What more than it is told.
    warn: float | None = None
    #: What more than it sets the exit status; the run is done all the same.
    stop: float | None = None
    #: By the name of a feature or, for collisions, of a step. They replace those above as a whole.
    by_name: dict[str, Limits] = field(default_factory=dict)

    def of(self, name: str) -> Limits:
        """The limits of one of them."""
        return self.by_name.get(name, Limits(self.warn, self.stop))


@dataclass(frozen=True)
class DriftLimits:
    """Of what a feature, or `label`, differs from an earlier run."""

    #: The population stability index, in nats.
    psi: NamedLimits = field(default_factory=NamedLimits)
    #: The Jensen-Shannon divergence, in bits, 0 to 1.
    jensen_shannon: NamedLimits = field(default_factory=NamedLimits)


@dataclass(frozen=True)
class ReportSettings:
    """What the report looks at, and its limits. No limit is set by default."""

    #: Rows of the sample behind hash collisions and the times of features.
    sample: int = 2000
    #: How many values, columns and examples a list has.
    top: int = 10
    #: Runs of a trend line, this one among them.
    runs: int = 14
    #: Divergence from the latest earlier run that has the feature; without one nothing is judged.
    drift: DriftLimits = field(default_factory=DriftLimits)
    #: The share of rows in which a dense feature is missing; of a sparse one that is named, of rows without an entry.
    missing: NamedLimits = field(default_factory=NamedLimits)
    #: The share of a hashing step's values in the sample that have their column with others.
    collisions: NamedLimits = field(default_factory=NamedLimits)


#: The least and the most that the whole numbers can be; what is asked for is held by the driver.
_RANGES = {"sample": (1, 20_000), "top": (1, 1_000), "runs": (1, 1_000)}


def parse(value: Any, problems: list[dict[str, str]]) -> ReportSettings:
    """The settings of the report; what is wrong is added to `problems`, with its place."""
    reader = Reader(problems, "setting")
    top = reader.section(value, "report", (*_RANGES, "drift", "missing", "collisions"))
    made: dict[str, Any] = {}
    for name, (least, most) in _RANGES.items():
        if name not in top:
            continue
        number, place = top[name], f"report.{name}"
        if isinstance(number, bool) or not isinstance(number, int):
            reader.add(TypeMismatchError, f"must be int, not {type(number).__name__}", place, "")
        elif not least <= number <= most:
            reader.add(InvalidValueError, f"must be from {least} to {most}, not {number}", place, "")
        else:
            made[name] = number
    if "drift" in top:
        drift = reader.section(top["drift"], "report.drift", ("psi", "jensen_shannon"))
        ends = {"psi": math.inf, "jensen_shannon": 1.0}
        made["drift"] = DriftLimits(
            **{name: _limits(reader, drift[name], f"report.drift.{name}", "features", ends[name]) for name in drift}
        )
    for name, names in (("missing", "features"), ("collisions", "steps")):
        if name in top:
            made[name] = _limits(reader, top[name], f"report.{name}", names)
    return ReportSettings(**made)


def _limits(reader: Reader, value: Any, place: str, names: str, most: float = 1.0) -> NamedLimits:
    """`{warn, stop}`, with a map of `{warn, stop}` by name under `names`."""
    given = dict(reader.section(value, place, ("warn", "stop", names)))
    single = reader.map(given.pop(names, {}), f"{place}.{names}")
    whole = reader.limits(given, place, most)
    by_name = {str(name): reader.limits(held, f"{place}.{names}.{name}", most) for name, held in single.items()}
    return NamedLimits(whole.warn, whole.stop, by_name)
