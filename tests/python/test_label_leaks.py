"""In training no row's encoding depends on its own label, whatever its qid."""

from __future__ import annotations

import random

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest

SPEC = """
buzzsaw: 1
name: encoded
inputs:
  s: {type: string, side: document}
  qid: {type: string, role: qid}
  grade: {type: float64, role: label}
steps:
  mean: {transform: target_mean, input: s, folds: 3, prior_weight: 1}
  bare: {transform: target_mean, input: s, folds: 5, prior_weight: 0}
  evidence: {transform: weight_of_evidence, input: s, folds: 3}
features: [mean, bare, evidence]
"""
ROWS = 24


def table(qids: list[str | None], seed: int = 1) -> pa.Table:
    rng = random.Random(seed)
    return pa.table(
        {
            "s": pa.array([rng.choice(["a", "b", "c", None]) for _ in qids]),
            "qid": pa.array(qids, pa.string()),
            "grade": pa.array([float(rng.randint(0, 1)) for _ in qids]),
        }
    )


def encoded(rows: pa.Table, mode: str = "train") -> np.ndarray:
    return bz.fit(bz.Spec.parse(SPEC), rows).transform(rows, mode=mode).dense


@pytest.mark.parametrize(
    "qids",
    [
        [None if i % 3 == 0 else "" if i % 3 == 1 else f"q{i % 7}" for i in range(ROWS)],
        [None] * ROWS,
        ["only"] * ROWS,
        [f"q{i}" for i in range(ROWS)],
    ],
    ids=["some without", "all without", "one", "each its own"],
)
def test_a_label_changes_no_encoding_of_its_own_row(qids):
    rows = table(qids)
    before = encoded(rows)
    labels = rows["grade"].to_pylist()
    moved = 0
    for row in range(ROWS):
        flipped = [1.0 - label if i == row else label for i, label in enumerate(labels)]
        changed = rows.set_column(2, "grade", pa.array(flipped))
        after = encoded(changed)
        np.testing.assert_array_equal(after[row], before[row])
        moved += int(not np.array_equal(after, before, equal_nan=True))
        assert not np.array_equal(encoded(changed, "serve"), encoded(rows, "serve"), equal_nan=True)
    # Rows of other folds do see it, if there are any.
    assert (moved > 0) == (len({qid or "" for qid in qids}) > 1)


def test_labels_of_one_fold_say_nothing_to_it():
    """Nothing is known outside the only fold: the prior of no labels, and no evidence."""
    rows = table(["only"] * ROWS)
    made = encoded(rows)
    known = np.array([s is not None for s in rows["s"].to_pylist()])
    np.testing.assert_array_equal(made[known], 0.0)
    assert np.isnan(made[~known]).all()


def test_a_missing_qid_is_in_the_fold_of_the_empty_one():
    missing, empty = (table([f"q{i % 5}" if i % 2 else qid for i in range(ROWS)]) for qid in (None, ""))
    np.testing.assert_array_equal(encoded(missing), encoded(empty))
