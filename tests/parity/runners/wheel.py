"""The Python wheel, through its public API."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pyarrow as pa
from buzzsaw import _buzzsaw
from harness.paths import digest
from harness.tables import read_batch, text_type
from harness.task import Mode, Problems, Refused, Rows, Task, row_bits


class WheelRunner:
    """In this process; text enters as Arrow strings, which nothing has validated."""

    name = "wheel"
    modes: tuple[Mode, ...] = ("serve", "train")
    explains = True

    def build(self) -> str:
        return digest(Path(_buzzsaw.__file__))

    def run(self, task: Task) -> Rows:
        try:
            pipeline = bz.load(task.artifact)
            batch = as_text(read_batch(task.batch), pipeline)
            block = pipeline.transform(batch, groups=task.groups, mode=task.mode)
            served = None
            if task.mode == "train":
                served = np.asarray(pipeline.transform(batch, groups=task.groups, mode="serve").fingerprints)
            explained = [pipeline.explain_json(batch, row, groups=task.groups, mode=task.mode) for row in task.explain]
        except bz.BuzzsawError as error:
            raise Refused(error.problems) from error
        if task.prints_alone:
            return Rows(np.asarray(block.fingerprints), [], explained, served)
        parts = [(name, part.indptr, part.indices, part.data) for name, part in block.sparse.items()]
        return Rows(np.asarray(block.fingerprints), row_bits(block.dense, parts), explained, served)

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        return [self._problems(spec) for spec in specs]

    def _problems(self, spec: str) -> Problems:
        try:
            _buzzsaw.Pipeline.from_spec(_buzzsaw.Spec.parse(spec))
        except bz.BuzzsawError as error:
            return error.problems
        return []


def as_text(batch: pa.RecordBatch, pipeline: bz.Pipeline) -> pa.RecordBatch:
    """The batch with its text columns typed as text, over the same bytes."""
    declared = {column.name: column.type for column in pipeline.spec.inputs}
    arrays = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        kind = text_type(column.type, declared[name]) if name in declared else column.type
        arrays.append(retyped(column, kind))
    return pa.record_batch(arrays, names=batch.schema.names)


def retyped(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The same buffers under another type of the same layout."""
    return column if column.type == kind else column.view(kind)
