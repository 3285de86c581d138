"""Drift of a run against earlier ones, and trend lines over the last runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from buzzsaw import Pipeline
from buzzsaw.nightly import divergence
from buzzsaw.nightly.collisions import HASHING
from buzzsaw.nightly.histograms import in_words
from buzzsaw.nightly.history import LABEL, History, Reference
from buzzsaw.nightly.report_contents import Drift, HeavyColumns, Trend, TrendPoint
from buzzsaw.nightly.statistics import MISSING, OTHER, SparseStatistics, TableStatistics

#: What is counted beside the labels.
_NO_LABELS = (MISSING, OTHER)


def numberings(pipeline: Pipeline) -> dict[str, str]:
    """What the column numbers of each sparse feature mean, by feature: two pipelines with one value number alike.

    Of a step that hashes, which reads nothing that a fit has numbered, it is a digest of the step with its version and
    parameters; of any other it is the content hash of the feature alone, since each fit numbers anew.
    """
    document = pipeline.spec.to_dict()
    step_of = {entry["name"]: document["steps"].get(entry["step"]) for entry in document["features"]}
    found = {}
    for name in pipeline.sparse_columns:
        step = step_of[name]
        if step is not None and step["transform"] in HASHING:
            found[name] = "sha256:" + hashlib.sha256(json.dumps(step, sort_keys=True).encode()).hexdigest()
        else:
            found[name] = pipeline.select([name]).content_hash
    return found


def compared_columns(numbering: Mapping[str, str], history: History) -> dict[str, list[int]]:
    """The frequent columns of its reference, by sparse feature whose columns mean the same in both runs.

    Args:
        numbering: The `numberings` of this run's pipeline.
        history: The earlier runs.
    """
    found = {}
    for name, meaning in numbering.items():
        reference = history.references.get(("sparse", name))
        if reference is not None and reference.measured["numbering"] == meaning:
            found[name] = list(reference.measured["columns"])
    return found


def drifts(table: TableStatistics, heavy: Sequence[HeavyColumns], history: History) -> list[Drift]:
    """Each feature and the label against its reference; features without one, and a table without rows, have none."""
    if not table.rows:
        return []
    found = []
    columns = {one.feature: one.reference_counts for one in heavy}
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
            # Of a run in which no row has an entry the sizes tell it.
            if any(columns.get(sparse.name, ())):
                found.append(_of_columns(sparse.name, columns[sparse.name], reference))
    return found


def trends(run: str, table: TableStatistics, drift: Sequence[Drift], history: History) -> list[Trend]:
    """The label and each feature over the last runs and this one."""
    psi = {one.name: one.psi for one in drift if one.kind != "columns"}
    found = []
    for name, mean, missing in _points(table):
        earlier = [run.points[name] for run in history.recent if name in run.points]
        found.append(Trend(name, [*earlier, TrendPoint(run, mean, missing, psi.get(name))]))
    return found


def _of_labels(labels: Mapping[str, int], reference: Reference) -> Drift:
    # Labels that neither run has are no bins; the order is that of numbers.
    expected_rows, actual_rows = _same_labels(reference.measured["labels"], labels)
    names = sorted({*expected_rows, *actual_rows}, key=lambda name: (name in _NO_LABELS, _number(name), name))
    expected, actual = ([rows.get(name, 0) for name in names] for rows in (expected_rows, actual_rows))
    return _compared(LABEL, "label", reference, bins=names, expected=expected, actual=actual)


def _same_labels(*runs: Mapping[str, int]) -> list[dict[str, int]]:
    """The counts of runs with the same labels named: one that is among the `other` ones of a run is in all of them."""
    cut = [rows for rows in runs if OTHER in rows]
    known = {name for rows in runs for name in rows if name == MISSING or all(name in one for one in cut)} - {OTHER}
    same = [{name: count for name, count in rows.items() if name in known} for rows in runs]
    for kept, rows in zip(same, runs, strict=True):
        if cut:
            kept[OTHER] = sum(rows.values()) - sum(kept.values())
    return same


def _of_sizes(sparse: SparseStatistics, reference: Reference) -> Drift:
    expected = {int(size): rows for size, rows in reference.measured["row_sizes"].items()}
    edges = divergence.edges_of(divergence.size_deciles(expected), lambda size: size + 1)
    # What in_words says of infinite and missing numbers does not occur here.
    words = in_words(edges)[: len(edges) + 1]
    before, now = (divergence.size_counts(sizes, edges) for sizes in (expected, sparse.row_sizes))
    return _compared(sparse.name, "sparse", reference, bins=words, expected=before, actual=now)


def _of_columns(name: str, actual: Sequence[int], reference: Reference) -> Drift:
    columns: Mapping[int, int] = reference.measured["columns"]
    entries = sum(int(size) * rows for size, rows in reference.measured["row_sizes"].items())
    expected = [*columns.values(), entries - sum(columns.values())]
    words = [*map(str, columns), OTHER]
    return _compared(name, "columns", reference, bins=words, expected=expected, actual=actual)


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
    yield LABEL, table.label_mean, _share(table.labels.get(MISSING, 0), rows)
    for dense in table.dense:
        yield dense.name, dense.mean, _share(dense.missing, rows)
    for sparse in table.sparse:
        yield sparse.name, _share(sparse.entries, rows), _share(sparse.empty_rows, rows)


def _number(name: str) -> float:
    return 0.0 if name in _NO_LABELS else float(name)


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
