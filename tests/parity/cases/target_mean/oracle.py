"""Sums of labels as exact fractions of `label_scale`, and the m-estimate as one exact ratio.

Within 1 ULP of f32: the library rounds each operation of the last formula to f64. Labels times the scale, rounded to
whole numbers with ties to even, are what `label_scale` declares. Where no fold is held out, the empirical Bayes estimates
are held to scikit-learn's `TargetEncoder` besides.
"""

from fractions import Fraction

import numpy as np
from harness.reference import category, number, repair, xxh3
from sklearn.preprocessing import TargetEncoder

ULP = dict.fromkeys(("auto", "auto_n", "auto_raw", "plain", "whole", "bare", "many", "coarse", "fine"), 1)
_STEPS = {
    "plain": ("s", "string", 20.0, 5, 1e6),
    "whole": ("s", "string", 3.5, 0, 1e6),
    "bare": ("n", "int64", 0.0, 2, 1e6),
    "many": ("b", "bool", 1.0, 64, 1e6),
    "coarse": ("day", "date", 20.0, 3, 1.0),
    "fine": ("raw", "binary", 100.0, 5, 1e12),
    "auto": ("s", "string", "auto", 0, 1e6),
    "auto_n": ("n", "int64", "auto", 2, 1e6),
    "auto_raw": ("raw", "binary", "auto", 5, 1e12),
}


def weight_of(own: list[Fraction], seen: list[Fraction], weight: float | str) -> Fraction | None:
    """How many rows the mean of all counts for; None where only it counts."""
    if weight != "auto":
        return Fraction(weight)
    of_all = variance(seen)
    if not own or not of_all:
        return None
    return variance(own) / of_all


def variance(labels: list[Fraction]) -> Fraction:
    mean = sum(labels) / Fraction(len(labels))
    return sum((label - mean) ** 2 for label in labels) / Fraction(len(labels))


def check_against_sklearn(cells: list, shown: list, learnt: list) -> None:
    """The encodings of a full state beside scikit-learn's, in which a missing category is one more category."""
    names = {cell: at for at, cell in enumerate(sorted({cell for cell, _, _ in learnt}, key=str))}
    column = np.array([[names[cell]] for cell, _, _ in learnt])
    encoder = TargetEncoder(smooth="auto", target_type="continuous")
    encoder.fit(column, np.array([float(label) for _, _, label in learnt]))
    theirs = dict(zip(encoder.categories_[0].tolist(), encoder.encodings_[0].tolist(), strict=True))
    for cell, value in zip(cells, shown, strict=True):
        if cell in names and cell is not None:
            np.testing.assert_allclose(value, theirs[names[cell]], rtol=1e-12)


def folds_of(rows: dict, folds: int) -> list[int | None]:
    """The fold of each row's qid; a missing qid is the empty one."""
    qids = [xxh3(repair("" if qid is None else qid).encode()) for qid in rows["qid"]]
    return [qid % folds if folds else None for qid in qids]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    of_learnt = fit_rows or rows
    labels = [number(value, "float64") for value in of_learnt["rating"]]
    made = {}
    for step, (column, declared, weight, folds, scale) in _STEPS.items():
        cells, known = ([category(value, declared) for value in of[column]] for of in (rows, of_learnt))
        learnt = [
            (cell, fold, Fraction(round(label * scale)) / Fraction(scale))
            for cell, fold, label in zip(known, folds_of(of_learnt, folds), labels, strict=True)
            if label == label  # noqa: PLR0124
        ]

        def encode(cell: bytes | None, held_out: int | None) -> float | None:
            if cell is None:
                return None
            seen = [(c, y) for c, fold, y in learnt if held_out is None or fold != held_out]  # noqa: B023
            overall = sum(y for _, y in seen) / Fraction(len(seen) or 1)
            own = [y for c, y in seen if c == cell]
            prior = weight_of(own, [y for _, y in seen], weight)  # noqa: B023
            if prior is None or len(own) + prior == 0:
                return float(overall)
            return float((sum(own) + prior * overall) / (len(own) + prior))

        shown = folds_of(rows, folds) if mode == "train" else [None] * len(cells)
        made[step] = [encode(*pair) for pair in zip(cells, shown, strict=True)]
        if weight == "auto":
            check_against_sklearn(cells, [encode(cell, None) for cell in cells], learnt)
    return made
