"""Counts in Python, shares as fractions, and mpmath's logarithm; 0.0 for what no fitted row has."""

from collections import Counter
from fractions import Fraction

from harness.reference import category, given_categories, ln

_STEPS = {
    "plain": ("s", "string", "share"),
    "shares": ("n", "int64", "share"),
    "counts": ("s", "string", "count"),
    "logs": ("raw", "binary", "log"),
    "whole": ("i", "int32", "log"),
    "flags": ("b", "bool", "count"),
    "days": ("day", "date", "share"),
    "nothing": ("none", "string", "share"),
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, declared, output) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        counts = Counter(given_categories(category(value, declared) for value in (fit_rows or rows)[column]))
        made_of = {
            "share": lambda count: float(Fraction(count, counts.total())),  # noqa: B023
            "count": float,
            "log": lambda count: ln(1.0 + count),
        }
        known = {cell: made_of[output](count) for cell, count in counts.items()}
        made[step] = [None if cell is None else known.get(cell, 0.0) for cell in cells]
    return made
