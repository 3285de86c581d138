"""What runs in Spark's Python workers. Everything here is pickled by name and imported from the installed wheel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark import Broadcast, TaskContext

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


#: Keys, such as terms, that a worker counts before it hands them on; of short ones some 100 MiB.
_MOST_KEYS = 1_000_000


@dataclass(frozen=True)
class LearnTask:
    """One pass of a fit over one table.

    A row of states is a number and a state. Those of `parts` numbers hold what was counted by key, each key under one
    number; negative numbers hold the rest.
    """

    fitter: Broadcast[bytes]
    source: SourceName
    inputs: tuple[str, ...]
    group: str | None
    #: Into how many parts keys are spread.
    parts: int
    #: Into how many states the rest is merged.
    rests: int

    def learn(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The partial states of one partition; nothing for an empty one."""
        return _learn(self, batches)

    def merge(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One state of each number, of states in the order of their numbers; all of a number must be there."""
        return _merge(self, batches)


@carried
def _learn(task: LearnTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    fitter = native.Fitter.from_bytes(task.fitter.value)
    partial = fitter.partial(task.source)
    for batch, groups in whole_groups(batches, task.group):
        fitter.update(partial, batch.select(list(task.inputs)), groups)
        if partial.keys > _MOST_KEYS:
            yield from _parts(task, partial)
    if partial.rows:
        yield from _parts(task, partial)
        context = TaskContext.get()
        leaf = context.partitionId() if context is not None else 0
        yield _state(-1 - leaf % task.rests, partial)


def _parts(task: LearnTask, partial: native.Partial) -> Iterator[pa.RecordBatch]:
    """What was counted by key, which the partial then holds no longer."""
    for number, part in enumerate(partial.split(task.parts)):
        if part.keys:
            yield _state(number, part)


@carried
def _merge(task: LearnTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    fitter: native.Fitter | None = None
    merged: native.Partial | None = None
    current = 0
    for batch in batches:
        for number, state in zip(batch.column(0).to_pylist(), batch.column(1), strict=True):
            fitter = fitter or native.Fitter.from_bytes(task.fitter.value)
            partial = fitter.partial_from_bytes(state.as_py())
            if merged is None or number != current:
                if merged is not None:
                    yield _pruned(current, merged)
                merged, current = partial, number
            else:
                merged.merge(partial)
    if merged is not None:
        yield _pruned(current, merged)


def _pruned(number: int, merged: native.Partial) -> pa.RecordBatch:
    if number >= 0:
        merged.prune()
    return _state(number, merged)


def _state(number: int, partial: native.Partial) -> pa.RecordBatch:
    columns = [pa.array([number], pa.int32()), pa.array([partial.to_bytes()], pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=["part", "state"])
