"""Counts in Python; what is kept, repaired by CPython's decoder. Features show hashes of the text, `explain` itself."""

from collections import Counter
from fractions import Fraction

from harness.reference import category, given_categories, ranked, repair, xxh3

_STEPS = {
    "plain": ("s", "string", None, 1, 0.0, "other"),
    "top": ("s", "string", 4, 1, 0.0, "other"),
    "frequent": ("s", "string", None, 8, 0.0, "rare \xe9"),
    "tenth": ("tens", "string", None, 1, 0.1, "other"),
    "all": ("tens", "string", None, 1, 1.0, ""),
    "bytes": ("raw", "binary", 6, 2, 0.0, "other"),
    "numbers": ("n", "int64", None, 1, 0.05, "other"),
    "flags": ("b", "bool", 1, 1, 0.0, "other"),
    "days": ("day", "date", None, 1, 0.0, "other"),
}


def steps(rows: dict, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, declared, top_k, min_count, min_share, replacement) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        learnt = [category(value, declared) for value in (fit_rows or rows)[column]]
        counts = Counter(given_categories(learnt))
        kept = {
            cell
            for cell in ranked(learnt, top_k, min_count)
            if float(Fraction(counts[cell], counts.total())) >= min_share
        }
        made[step] = [None if cell is None else repair(cell) if cell in kept else replacement for cell in cells]
    return made


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    return {
        f"of_{step}": [None if text is None else xxh3(text.encode()) % 1000 for text in texts]
        for step, texts in steps(rows, fit_rows).items()
    }
