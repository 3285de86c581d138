"""Exact fractions and one square root, which `numpy.linalg.norm` must confirm on ordinary lists.

Within 1 ULP of f32: the library adds in f64. The largest item is exact.
"""

from fractions import Fraction
from math import inf, isinf, nan

import numpy as np
from harness.reference import euclidean, hashed_counts, numbers

ULP = {"l2": 1, "l1": 1, "of_n": 1, "sparse": 1, "circle": 1}


def norm(items: list[float] | None, kind: str) -> float:
    if items is None or any(x != x for x in items):  # noqa: PLR0124
        return nan
    if any(map(isinf, items)):
        return inf
    if kind == "max":
        return max(map(abs, items), default=0.0)
    if kind == "l1":
        total = sum((abs(Fraction(x)) for x in items), Fraction(0))
        made = float(total) if total < 10**308 else inf
    else:
        made = euclidean(map(Fraction, items))
    if items and all(1e-100 < abs(x) < 1e100 for x in items):
        assert abs(np.linalg.norm(items, 1 if kind == "l1" else 2) - made) <= 1e-12 * made, items
    return made


def expected(rows: dict, mode: str) -> dict:
    a = [numbers(row, "float64") for row in rows["a"]]
    made = {kind: [norm(row, kind) for row in a] for kind in ("l2", "l1", "max")}
    made["of_n"] = [norm(numbers(row, "int32"), "l2") for row in rows["n"]]
    for name, kind in (("sparse", "l2"), ("sparse_l1", "l1"), ("most", "max")):
        made[name] = [norm(list(hashed_counts(t, 3).values()), kind) for t in rows["t"]]
    return {**made, "circle": [nan if h is None else 1.0 for h in rows["h"]]}
