"""What in a report is over the limits of the settings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import InvalidValueError
from buzzsaw.jobs.settings_file import problem
from buzzsaw.nightly.checks import Limits, tell
from buzzsaw.nightly.collisions import HASHING
from buzzsaw.nightly.history import LABEL, Reference, feature_of
from buzzsaw.nightly.manifest import CheckRef
from buzzsaw.nightly.report_contents import Collisions, Drift
from buzzsaw.nightly.report_settings import NamedLimits, ReportSettings
from buzzsaw.nightly.statistics import TableStatistics
from buzzsaw.spec import Spec


def over_limits(  # noqa: PLR0917
    settings: ReportSettings,
    features: Sequence[str],
    table: TableStatistics,
    drift: Sequence[Drift],
    collisions: Sequence[Collisions],
    references: Mapping[tuple[str, str], Reference],
) -> list[CheckRef]:
    """What is over a limit to warn or to stop, in the order of the report; it is logged, too.

    Limits of a feature, one of the spec's `features`, hold for each of its columns. A table without rows, which has no
    drift, is over each limit of the drift of what has a reference.
    """
    found = [
        *(_drift(settings, features, drift) if table.rows else _no_rows(settings, features, references)),
        *_missing(settings, features, table),
        *_collisions(settings, collisions),
    ]
    for one in found:
        tell(one.place, one.message, rows=one.rows, of=one.of, outcome="stopped" if one.stopped else "warned")
    return found


def check_names(settings: ReportSettings, spec: Spec) -> None:
    """Refuses limits of features and steps that the spec does not have: they would never be judged.

    Raises:
        InvalidValueError: for all of them.
    """
    features = spec.feature_names
    steps = [name for name, step in spec.to_dict().get("steps", {}).items() if step["transform"] in HASHING]
    known: list[tuple[str, NamedLimits, list[str]]] = [
        ("drift.psi.features", settings.drift.psi, [LABEL, *features]),
        ("drift.jensen_shannon.features", settings.drift.jensen_shannon, [LABEL, *features]),
        ("missing.features", settings.missing, features),
        ("collisions.steps", settings.collisions, steps),
    ]
    problems = []
    for place, limits, names in known:
        for name in limits.by_name:
            if name not in names:
                what = "step that hashes" if place.endswith("steps") else "feature"
                hint = did_you_mean(name, names, "known are " + (", ".join(names) or "none"))
                problems.append(
                    problem(InvalidValueError, f"the spec has no {what} `{name}`", f"report.{place}.{name}", hint)
                )
    if problems:
        raise InvalidValueError(problems)


def _measures(settings: ReportSettings) -> tuple[tuple[str, NamedLimits], ...]:
    return ("psi", settings.drift.psi), ("jensen_shannon", settings.drift.jensen_shannon)


def _drift(settings: ReportSettings, features: Sequence[str], drift: Sequence[Drift]) -> Iterator[CheckRef]:
    for one in drift:
        name = feature_of(one.name, features)
        for measure, limits in _measures(settings):
            value = one.psi if measure == "psi" else one.jensen_shannon
            words = f"PSI of {value:.3g}" if measure == "psi" else f"Jensen-Shannon divergence of {value:.3g} bits"
            by = " by column" if one.kind == "columns" else ""
            message = f"{one.name} has a {words}{by} against the run of {one.reference}"
            place = _place(f"report.drift.{measure}", "features", name, name in limits.by_name)
            yield from _over(place, value, limits.of(name), message, rows=sum(one.actual), of=sum(one.expected))


def _no_rows(
    settings: ReportSettings, features: Sequence[str], references: Mapping[tuple[str, str], Reference]
) -> Iterable[CheckRef]:
    found: dict[str, CheckRef] = {}
    for (_, column), reference in references.items():
        name = feature_of(column, features)
        message = f"the training table has no rows, and that of {reference.run} has {reference.rows:,}"
        for measure, limits in _measures(settings):
            place = _place(f"report.drift.{measure}", "features", name, name in limits.by_name)
            for one in _over(place, math.inf, limits.of(name), message, rows=0, of=reference.rows):
                # Of many features the limit is one, and so is what there is to say.
                found.setdefault(place, one)
    return found.values()


def _missing(settings: ReportSettings, features: Sequence[str], table: TableStatistics) -> Iterator[CheckRef]:
    limits, of = settings.missing, table.rows
    if not of:
        return
    for dense in table.dense:
        name, rows = feature_of(dense.name, features), dense.missing
        message = f"{dense.name} is missing in {rows:,} of {of:,} rows ({rows / of:.2%})"
        place = _place("report.missing", "features", name, name in limits.by_name)
        yield from _over(place, rows / of, limits.of(name), message, rows=rows, of=of)
    for sparse in table.sparse:
        name, rows = feature_of(sparse.name, features), sparse.empty_rows
        # A row may well have no entry: only who names the feature wants to know.
        if name in limits.by_name:
            message = f"{sparse.name} is empty in {rows:,} of {of:,} rows ({rows / of:.2%})"
            place = _place("report.missing", "features", name, single=True)
            yield from _over(place, rows / of, limits.of(name), message, rows=rows, of=of)


def _collisions(settings: ReportSettings, collisions: Sequence[Collisions]) -> Iterator[CheckRef]:
    limits = settings.collisions
    for one in collisions:
        if one.values:
            share = one.sharing / one.values
            message = f"{one.sharing:,} of {one.values:,} values of {one.step} ({share:.2%}) share their column"
            place = _place("report.collisions", "steps", one.step, one.step in limits.by_name)
            yield from _over(place, share, limits.of(one.step), message, rows=one.sharing, of=one.values)


def _place(place: str, names: str, name: str, single: bool) -> str:
    return f"{place}.{names}.{name}" if single else place


def _over(place: str, value: float, limits: Limits, message: str, *, rows: int, of: int) -> Iterator[CheckRef]:
    outcome = limits.outcome(value)
    if outcome != "passed":
        stopped = outcome == "stopped"
        which, limit = ("stop", limits.stop) if stopped else ("warn", limits.warn)
        yield CheckRef(place, rows, of, not stopped, f"{message}; the limit to {which} is {limit:g}", stopped)
