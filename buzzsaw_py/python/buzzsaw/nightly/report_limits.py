"""What in a report is over the limits of the settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from buzzsaw.nightly.checks import Limits
from buzzsaw.nightly.manifest import CheckRef
from buzzsaw.nightly.report_contents import Collisions, Drift
from buzzsaw.nightly.report_settings import ReportSettings
from buzzsaw.nightly.statistics import TableStatistics

log = logging.getLogger("buzzsaw.nightly")


def over_limits(
    settings: ReportSettings, table: TableStatistics, drift: Sequence[Drift], collisions: Sequence[Collisions]
) -> list[CheckRef]:
    """What is over a limit to warn or to stop, in the order of the report; it is logged, too."""
    found = [
        *_drift(settings, drift),
        *_missing(settings, table),
        *_collisions(settings, collisions),
    ]
    for one in found:
        log.warning("%s: %s", one.place, one.message)
    return found


def _drift(settings: ReportSettings, drift: Sequence[Drift]) -> Iterator[CheckRef]:
    measures = (("psi", settings.drift.psi), ("jensen_shannon", settings.drift.jensen_shannon))
    for one in drift:
        for measure, limits in measures:
            value = one.psi if measure == "psi" else one.jensen_shannon
            words = f"PSI of {value:.3g}" if measure == "psi" else f"Jensen-Shannon divergence of {value:.3g} bits"
            message = f"{one.name} has a {words} against the run of {one.reference}"
            place = _place(f"report.drift.{measure}", "features", one.name, one.name in limits.by_name)
            yield from _over(place, value, limits.of(one.name), message, rows=sum(one.actual), of=sum(one.expected))


def _missing(settings: ReportSettings, table: TableStatistics) -> Iterator[CheckRef]:
    limits = settings.missing
    for one in table.dense:
        if table.rows:
            share = one.missing / table.rows
            message = f"{one.name} is missing in {one.missing:,} of {table.rows:,} rows ({share:.2%})"
            place = _place("report.missing", "features", one.name, one.name in limits.by_name)
            yield from _over(place, share, limits.of(one.name), message, rows=one.missing, of=table.rows)


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
    stopped = limits.stop is not None and value > limits.stop
    if stopped or (limits.warn is not None and value > limits.warn):
        which, limit = ("stop", limits.stop) if stopped else ("warn", limits.warn)
        yield CheckRef(place, rows, of, not stopped, f"{message}; the limit to {which} is {limit:g}", stopped)
