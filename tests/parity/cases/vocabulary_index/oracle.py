"""Counts in Python; where every category is kept, the numbers are those of scikit-learn's `OrdinalEncoder`."""

from harness.reference import category, ranked, xxh3
from sklearn.preprocessing import OrdinalEncoder

_STEPS = {
    "plain": ("s", "string", None, 1, 0, 0),
    "top": ("s", "string", 4, 1, 0, 0),
    "frequent": ("s", "string", None, 8, 1, 0),
    "buckets": ("s", "string", 3, 1, 7, 0),
    "seeded": ("n", "int64", 2, 1, 1000, 2**64 - 1),
    "bytes": ("raw", "binary", 5, 2, 1, 0),
    "whole": ("i", "int32", 100, 1, 0, 0),
    "flags": ("b", "bool", None, 1, 0, 0),
    "days": ("day", "date", 1, 1, 1, 0),
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, declared, top_k, min_count, buckets, seed) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        kept = ranked([category(value, declared) for value in (fit_rows or rows)[column]], top_k, min_count)

        def index(cell: bytes | None) -> int | None:
            if cell is None or cell in kept:  # noqa: B023
                return None if cell is None else kept.index(cell)  # noqa: B023
            return len(kept) + xxh3(cell, seed) % buckets if buckets else None  # noqa: B023

        known = {cell: index(cell) for cell in set(cells)}
        made[step] = [known[cell] for cell in cells]
        if step in ("plain", "whole", "flags"):
            names = [cell.hex() for cell in kept]
            encoder = OrdinalEncoder(categories=[names]).fit([[name] for name in names])
            given = [cell for cell in cells if cell is not None and cell in kept]
            numbers = iter(encoder.transform([[cell.hex()] for cell in given])[:, 0].tolist())
            made[step] = [None if cell is None or cell not in kept else next(numbers) for cell in cells]
    return made
