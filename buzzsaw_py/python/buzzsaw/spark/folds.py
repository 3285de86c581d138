"""The fold of a row, as out-of-fold steps see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from buzzsaw.spark.versions import integer_udf
from buzzsaw.spark.worker import FoldTask

if TYPE_CHECKING:
    from pyspark.sql import Column


def fold_of(qid: Column, folds: int) -> Column:
    """The fold of a qid column of text among `folds`: int, never null.

    It is xxh3-64 (seed 0) of the qid's text modulo `folds`, the fold whose labels a training row does not see. A
    missing qid counts as an empty one.
    """
    task = FoldTask(folds)

    def run(qids: pa.Array) -> pa.Array:
        return task.run(qids)

    return integer_udf(run, qid)
