"""Sums of labels as exact fractions of `label_scale`, and the m-estimate as one exact ratio.

Within 1 ULP of f32: the library rounds each operation of the last formula to f64. Labels times the scale, rounded to
whole numbers with ties to even, are what `label_scale` declares.
"""

from fractions import Fraction

from harness.reference import category, number, repair, xxh3

ULP = dict.fromkeys(("plain", "whole", "bare", "many", "coarse", "fine"), 1)
_STEPS = {
    "plain": ("s", "string", 20.0, 5, 1e6),
    "whole": ("s", "string", 3.5, 0, 1e6),
    "bare": ("n", "int64", 0.0, 2, 1e6),
    "many": ("b", "bool", 1.0, 64, 1e6),
    "coarse": ("day", "date", 20.0, 3, 1.0),
    "fine": ("raw", "binary", 100.0, 5, 1e12),
}


def expected(rows: dict, mode: str) -> dict:
    labels = [number(value, "float64") for value in rows["rating"]]
    qids = [xxh3(repair("" if qid is None else qid).encode()) for qid in rows["qid"]]
    made = {}
    for step, (column, declared, weight, folds, scale) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        row_folds = [qid % folds if folds else None for qid in qids]
        learnt = [
            (cell, fold, Fraction(round(label * scale)) / Fraction(scale))
            for cell, fold, label in zip(cells, row_folds, labels, strict=True)
            if label == label  # noqa: PLR0124
        ]

        def encode(cell: bytes | None, held_out: int | None) -> float | None:
            if cell is None:
                return None
            seen = [(c, y) for c, fold, y in learnt if held_out is None or fold != held_out]  # noqa: B023
            overall = sum(y for _, y in seen) / Fraction(len(seen) or 1)
            own = [y for c, y in seen if c == cell]
            total = len(own) + Fraction(weight)  # noqa: B023
            return float((sum(own) + Fraction(weight) * overall) / total) if total else float(overall)  # noqa: B023

        shown = row_folds if mode == "train" else [None] * len(cells)
        made[step] = [encode(*pair) for pair in zip(cells, shown, strict=True)]
    return made
