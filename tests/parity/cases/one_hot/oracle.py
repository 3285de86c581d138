"""scikit-learn's `OneHotEncoder(handle_unknown="ignore")` over the categories that counts in Python keep, sorted."""

import numpy as np
from harness.reference import category, ranked
from sklearn.preprocessing import OneHotEncoder

_STEPS = {
    "plain": ("s", "string", None, 1, False),
    "top": ("s", "string", 4, 1, False),
    "frequent": ("s", "string", None, 8, False),
    "other": ("s", "string", 3, 1, True),
    "bytes": ("raw", "binary", None, 2, True),
    "numbers": ("n", "int64", 5, 1, False),
    "whole": ("i", "int32", None, 1, False),
    "flags": ("b", "bool", None, 1, False),
    "days": ("day", "date", 2, 3, False),
}


def _kept(rows: dict, step: str) -> list[str]:
    """Hexadecimal digits order as the bytes do."""
    column, declared, top_k, min_count, _ = _STEPS[step]
    cells = [category(value, declared) for value in rows[column]]
    return sorted(cell.hex() for cell in ranked(cells, top_k, min_count))


def columns(rows: dict) -> dict[str, int]:
    return {step: len(_kept(rows, step)) + oov for step, (*_, oov) in _STEPS.items()}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, declared, _, _, oov) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        kept = _kept(fit_rows or rows, step)
        # "-" is no category, as missing is.
        names = np.array([["-" if cell is None else cell.hex()] for cell in cells], dtype=object)
        encoder = OneHotEncoder(categories=[np.array(kept, dtype=object)], handle_unknown="ignore").fit(names)
        matrix = encoder.transform(names)
        made[step] = [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in matrix]
        if oov:
            other = {len(kept): 1.0}
            made[step] = [
                other if cell is not None and not row else row for cell, row in zip(cells, made[step], strict=True)
            ]
    return made
