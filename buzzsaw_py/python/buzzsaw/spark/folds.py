"""The fold of a row, as out-of-fold steps see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from buzzsaw import _buzzsaw as native
from buzzsaw.spark.versions import integer_udf

if TYPE_CHECKING:
    from pyspark.sql import Column


def fold_of(qid: Column, folds: int) -> Column:
    """The fold of a qid column of text among `folds`: int, never null.

    It is xxh3-64 (seed 0) of the qid's text modulo `folds`, the fold whose labels a training row does not see. A
    missing qid counts as an empty one.
    """

    def run(qids: pa.Array) -> pa.Array:
        return pa.array(native.qid_folds(qids.to_pylist(), folds), pa.int32())

    return integer_udf(run, qid)
