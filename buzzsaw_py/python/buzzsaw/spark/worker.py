"""What runs in Spark's Python workers. Everything here is pickled by name and imported from the installed wheel."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pyspark import Broadcast, TaskContext

from buzzsaw import _buzzsaw as native
from buzzsaw.groups import whole_groups
from buzzsaw.rows import Folds, SourceName
from buzzsaw.spark.builds import Task
from buzzsaw.spark.failures import carried
from buzzsaw.spark.shipping import shipped_pipeline


@dataclass(frozen=True)
class TransformTask(Task):
    """One transform, as its workers see it."""

    artifact: str
    folds: Folds
    inputs: tuple[str, ...]
    #: The columns that are kept, as they are called here; Spark calls them as the user does.
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
    task.check_build()
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
class FoldTask(Task):
    """The folds of qids."""

    folds: int

    def run(self, qids: pa.Array) -> pa.Array:
        """The fold of each qid of a batch."""
        return next(_folds(self, qids))


@carried
def _folds(task: FoldTask, qids: pa.Array) -> Iterator[pa.Array]:
    task.check_build()
    yield pa.array(native.qid_folds(qids.to_pylist(), task.folds), pa.int32())


@dataclass(frozen=True)
class LearnTask(Task):
    """One pass of a fit over one table.

    A row of states is a bucket and a state. Buckets from 0 hold what was counted by key, such as terms: a key is always
    in the same one. Negative ones hold the rest.
    """

    fitter: Broadcast[bytes]
    source: SourceName
    inputs: tuple[str, ...]
    group: str | None
    #: How many buckets of keys there are.
    buckets: int
    #: Into how many states the rest is merged at first.
    rests: int
    #: Bytes of keys after which a worker hands on what it has counted, once it has taken in a batch.
    spill_bytes: int

    def learn(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The partial states of one partition; nothing for an empty one."""
        return _learn(self, batches)

    def merge(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One state of each bucket, without keys that no pipeline keeps.

        States must come in the order of their buckets, and all of a bucket.
        """
        return _merge(self, batches, prune=True)

    def merge_rests(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """As `merge`, where those counted by key are merged already: one state of a bucket stays as it is."""
        return _merge(self, batches, prune=False)


@dataclass(frozen=True)
class PruneTask(Task):
    """Drops keys of merged buckets of a pass for which it takes the rest, such as those below a share of all rows."""

    fitter: Broadcast[bytes]
    #: What pruning needs of what is not counted by key, of the whole pass.
    rest: Broadcast[bytes]

    def prune(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each state of a bucket without the keys that no pipeline keeps."""
        return _prune(self, batches)


@carried
def _learn(task: LearnTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    task.check_build()
    fitter = native.Fitter.from_bytes(task.fitter.value)
    partial = fitter.partial(task.source)
    for batch, groups in whole_groups(batches, task.group):
        fitter.update(partial, batch.select(list(task.inputs)), groups)
        if partial.key_bytes > task.spill_bytes:
            yield from _buckets(task, partial)
    if partial.rows:
        yield from _buckets(task, partial)
        context = TaskContext.get()
        leaf = context.partitionId() if context is not None else 0
        yield _row(-1 - leaf % task.rests, partial.to_bytes())


def _buckets(task: LearnTask, partial: native.Partial) -> Iterator[pa.RecordBatch]:
    """What was counted by key, which the partial then holds no longer."""
    for bucket, part in enumerate(partial.split(task.buckets)):
        if part.keys:
            yield _row(bucket, part.to_bytes())


@carried
def _merge(task: LearnTask, batches: Iterator[pa.RecordBatch], *, prune: bool) -> Iterator[pa.RecordBatch]:
    task.check_build()
    fitter: native.Fitter | None = None
    for bucket, rows in itertools.groupby(_states(batches), key=operator.itemgetter(0)):
        of_bucket = (state for _, state in rows)
        first, second = next(of_bucket), next(of_bucket, None)
        prunes = prune and bucket >= 0
        if second is None and not prunes:
            yield _row(bucket, first)
            continue
        fitter = fitter or native.Fitter.from_bytes(task.fitter.value)
        merged = fitter.partial_from_bytes(first)
        for state in itertools.chain([second] if second else [], of_bucket):
            merged.merge(fitter.partial_from_bytes(state))
        if prunes:
            merged.prune()
        yield _row(bucket, merged.to_bytes())


@carried
def _prune(task: PruneTask, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    task.check_build()
    fitter: native.Fitter | None = None
    for bucket, state in _states(batches):
        if fitter is None:
            fitter = native.Fitter.from_bytes(task.fitter.value)
            rest = fitter.partial_from_bytes(task.rest.value)
        part = fitter.partial_from_bytes(state)
        part.prune(rest)
        if part.keys:
            yield _row(bucket, part.to_bytes())


def _states(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, bytes]]:
    return (
        (bucket, state.as_py())
        for batch in batches
        for bucket, state in zip(batch.column(0).to_pylist(), batch.column(1), strict=True)
    )


def _row(bucket: int, state: bytes) -> pa.RecordBatch:
    columns = [pa.array([bucket], pa.int32()), pa.array([state], pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=["bucket", "state"])
