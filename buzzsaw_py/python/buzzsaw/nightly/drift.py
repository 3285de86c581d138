"""Drift of a run against earlier ones, and trend lines over the last runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from buzzsaw.nightly import divergence
from buzzsaw.nightly.histograms import in_words
from buzzsaw.nightly.history import LABEL, History, Reference
from buzzsaw.nightly.report_contents import Drift, Trend, TrendPoint
from buzzsaw.nightly.statistics import SparseStatistics, TableStatistics


def drifts(table: TableStatistics, history: History) -> list[Drift]:
    """Each feature and the label against its reference; features without one, and a table without rows, have none."""
    if not table.rows:
        return []
    found = []
    label = history.references.get(("label", LABEL))
    if label is not None:
        found.append(_of_labels(table.labels, label))
    for dense in table.dense:
        reference = history.references.get(("dense", dense.name))
        if reference is not None:
            words = in_words(reference.measured["bins"])
            expected, actual = reference.measured["bin_counts"], dense.reference_counts
            found.append(_compared(dense.name, "dense", reference, bins=words, expected=expected, actual=actual))
    for sparse in table.sparse:
        reference = history.references.get(("sparse", sparse.name))
        if reference is not None:
            found.append(_of_sizes(sparse, reference))
    return found


def trends(run: str, table: TableStatistics, drift: Sequence[Drift], history: History) -> list[Trend]:
    """The label and each feature over the last runs and this one."""
    psi = {one.name: one.psi for one in drift}
    found = []
    for name, mean, missing in _points(table):
        earlier = [point for report in history.recent if (point := _earlier_point(report, name)) is not None]
        found.append(Trend(name, [*earlier, TrendPoint(run, mean, missing, psi.get(name))]))
    return found


def _of_labels(labels: Mapping[str, int], reference: Reference) -> Drift:
    # Labels that neither run has are no bins; the order is that of numbers.
    names = sorted({*labels, *reference.measured}, key=lambda name: (name == "missing", _number(name), name))
    expected, actual = ([rows.get(name, 0) for name in names] for rows in (reference.measured, labels))
    return _compared(LABEL, "label", reference, bins=names, expected=expected, actual=actual)


def _of_sizes(sparse: SparseStatistics, reference: Reference) -> Drift:
    expected = {int(size): rows for size, rows in reference.measured["row_sizes"].items()}
    edges = divergence.edges_of(divergence.size_deciles(expected), lambda size: size + 1)
    # What in_words says of infinite and missing numbers does not occur here.
    words = in_words(edges)[: len(edges) + 1]
    before, now = (divergence.size_counts(sizes, edges) for sizes in (expected, sparse.row_sizes))
    return _compared(sparse.name, "sparse", reference, bins=words, expected=before, actual=now)


def _compared(
    name: str, kind: str, reference: Reference, *, bins: list[str], expected: Sequence[int], actual: Sequence[int]
) -> Drift:
    return Drift(
        name=name,
        kind=kind,
        reference=reference.run,
        bins=bins,
        expected=list(expected),
        actual=list(actual),
        psi=divergence.psi(expected, actual),
        unchanged_psi=divergence.unchanged_psi(expected, actual),
        jensen_shannon=divergence.jensen_shannon(expected, actual),
    )


def _points(table: TableStatistics) -> Iterator[tuple[str, float | None, float | None]]:
    """Name, mean and missing share of the label and each feature."""
    rows = table.rows
    yield LABEL, _label_mean(table.labels), _share(table.labels.get("missing", 0), rows)
    for dense in table.dense:
        yield dense.name, dense.mean, _share(dense.missing, rows)
    for sparse in table.sparse:
        yield sparse.name, _share(sparse.entries, rows), _share(sparse.empty_rows, rows)


def _earlier_point(report: Mapping[str, Any], name: str) -> TrendPoint | None:
    table = report["table"]
    psi = next((one["psi"] for one in report["drift"] if one["name"] == name), None)
    if name == LABEL:
        missing = _share(table["labels"].get("missing", 0), table["rows"])
        return TrendPoint(report["run"], _label_mean(table["labels"]), missing, psi)
    for one in table["dense"]:
        if one["name"] == name:
            return TrendPoint(report["run"], one["mean"], _share(one["missing"], table["rows"]), psi)
    for one in table["sparse"]:
        if one["name"] == name:
            mean, empty = (_share(one[count], table["rows"]) for count in ("entries", "empty_rows"))
            return TrendPoint(report["run"], mean, empty, psi)
    return None


def _label_mean(labels: Mapping[str, int]) -> float | None:
    """Of finite labels, by their names: %g gives numbers of at most 6 digits."""
    numbers = {_number(name): rows for name, rows in labels.items() if name != "missing"}
    finite = {number: rows for number, rows in numbers.items() if math.isfinite(number)}
    return _share(sum(number * rows for number, rows in finite.items()), sum(finite.values()))


def _number(name: str) -> float:
    return 0.0 if name == "missing" else float(name)


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
