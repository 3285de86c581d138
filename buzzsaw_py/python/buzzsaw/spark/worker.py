"""What runs in Spark's Python workers. Everything here is pickled by name and imported from the installed wheel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark import Broadcast

from buzzsaw import _buzzsaw as native
from buzzsaw.groups import whole_groups
from buzzsaw.rows import Folds, SourceName
from buzzsaw.spark.failures import carried
from buzzsaw.spark.shipping import shipped_pipeline


@dataclass(frozen=True)
class TransformTask:
    """One transform, as its workers see it."""

    artifact: str
    folds: Folds
    inputs: tuple[str, ...]
    kept: tuple[str, ...]
    features: tuple[str, ...]
    fingerprint: str
    #: The column for the fingerprint of the row as served, when it is asked for.
    served: str | None
    group: str | None

    def run(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Kept columns, features and fingerprints of each batch."""
        return _transform(self, batches)


@carried
def _transform(task: TransformTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    pipeline = shipped_pipeline(task.artifact)
    for batch, groups in whole_groups(batches, task.group):
        inputs = batch.select(list(task.inputs))
        block = pipeline.transform(inputs, groups, task.folds)
        features = block.to_arrow("int32")
        names = [*task.kept, *task.features, task.fingerprint]
        columns = [batch.column(name) for name in task.kept]
        columns += [features.column(name) for name in task.features]
        columns.append(pa.array(block.fingerprints))
        if task.served is not None:
            served = pipeline.transform(inputs, groups, "full")
            names.append(task.served)
            columns.append(pa.array(served.fingerprints))
        yield pa.RecordBatch.from_arrays(columns, names=names)


@dataclass(frozen=True)
class LearnTask:
    """One pass of a fit over one table."""

    fitter: Broadcast[bytes]
    source: SourceName
    inputs: tuple[str, ...]
    group: str | None

    def learn(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The partial state of one partition; nothing for an empty one."""
        return _learn(self, batches)

    def merge(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The partial state of several."""
        return _merge(self, batches)


@carried
def _learn(task: LearnTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    fitter = native.Fitter.from_bytes(task.fitter.value)
    partial = fitter.partial(task.source)
    for batch, groups in whole_groups(batches, task.group):
        fitter.update(partial, batch.select(list(task.inputs)), groups)
    if partial.rows:
        yield _state(partial)


@carried
def _merge(task: LearnTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    fitter: native.Fitter | None = None
    merged: native.Partial | None = None
    for batch in batches:
        for state in batch.column(0):
            fitter = fitter or native.Fitter.from_bytes(task.fitter.value)
            partial = fitter.partial_from_bytes(state.as_py())
            if merged is None:
                merged = partial
            else:
                merged.merge(partial)
    if merged is not None:
        yield _state(merged)


def _state(partial: native.Partial) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([partial.to_bytes()], pa.binary())], names=["state"])
