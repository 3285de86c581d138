"""Counts as exact fractions, their odds ratio as one fraction, and mpmath's logarithm of it.

Within 1 ULP of f32: the library rounds each operation of the formula to f64.
"""

from fractions import Fraction

import mpmath
from harness.reference import category, number, repair, rounded, xxh3

ULP = dict.fromkeys(("plain", "whole", "above", "many", "below", "smooth", "tiny"), 1)
_STEPS = {
    "plain": ("s", "string", 0.5, 0.0, 5),
    "whole": ("s", "string", 2.25, 0.0, 0),
    "above": ("n", "int64", 0.5, 2.0, 2),
    "many": ("b", "bool", 1.0, 0.0, 64),
    "below": ("day", "date", 0.5, -1.0, 3),
    "tiny": ("s", "string", 1e-9, 0.0, 5),
    "smooth": ("raw", "binary", 1e9, 0.0, 5),
}


def folds_of(rows: dict, folds: int) -> list[int | None]:
    """The fold of each row's qid; a missing qid is the empty one."""
    qids = [xxh3(repair("" if qid is None else qid).encode()) for qid in rows["qid"]]
    return [qid % folds if folds else None for qid in qids]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    of_learnt = fit_rows or rows
    labels = [number(value, "float64") for value in of_learnt["rating"]]
    made = {}
    for step, (column, declared, smoothing, above, folds) in _STEPS.items():
        cells, fitted = ([category(value, declared) for value in of[column]] for of in (rows, of_learnt))
        learnt = [
            (cell, fold, label > above)
            for cell, fold, label in zip(fitted, folds_of(of_learnt, folds), labels, strict=True)
            if label == label  # noqa: PLR0124
        ]
        s = Fraction(smoothing)

        def evidence(cell: bytes | None, held_out: int | None) -> float | None:
            if cell is None:
                return None
            seen = [(c, positive) for c, fold, positive in learnt if held_out is None or fold != held_out]  # noqa: B023
            own = [positive for c, positive in seen if c == cell]
            if not own:
                return 0.0
            positives = sum(positive for _, positive in seen)
            p, n = sum(own), len(own) - sum(own)
            of_positive = (p + s) / (positives + 2 * s)  # noqa: B023
            of_negative = (n + s) / (len(seen) - positives + 2 * s)  # noqa: B023
            odds = of_positive / of_negative
            return rounded(mpmath.log(mpmath.mpf(odds.numerator) / odds.denominator))

        shown = folds_of(rows, folds) if mode == "train" else [None] * len(cells)
        known = {pair: evidence(*pair) for pair in set(zip(cells, shown, strict=True))}
        made[step] = [known[pair] for pair in zip(cells, shown, strict=True)]
    return made
