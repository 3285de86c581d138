"""Exact fractions for sum and mean, `numpy.nanmin` and `nanmax`.

Means are within 1 ULP of f32: the library divides the sum, which it has rounded to f64 once.
"""

from fractions import Fraction
from math import isinf, nan

import numpy as np
from harness.reference import given, numbers

ULP = {"mean": 1, "n_mean": 1}


def total(items: list[float], parts: int) -> float:
    if any(map(isinf, items)):
        signs = {x > 0 for x in items if isinf(x)}
        return nan if len(signs) == 2 else (float("inf") if signs == {True} else float("-inf"))
    exact = sum(map(Fraction, items), Fraction(0)) / parts
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")


def statistic(row: list[float] | None, name: str) -> float:
    if row is None:
        return nan
    items = given(row)
    if name == "sum":
        return total(items, 1)
    if not items:
        return nan
    if name == "mean":
        return total(items, len(items))
    return float(np.nanmin(row) if name == "min" else np.nanmax(row))


def expected(rows: dict, mode: str) -> dict:
    a, n = [numbers(row, "float64") for row in rows["a"]], [numbers(row, "int64") for row in rows["n"]]
    made = {name: [statistic(row, name) for row in a] for name in ("mean", "sum", "min", "max")}
    made |= {f"n_{name}": [statistic(row, name) for row in n] for name in ("mean", "sum")}
    highest = [None if h is None else (1.0, 1.0, 0.0, 0.0)[int(h) % 4] for h in rows["h"]]
    return {**made, "highest": highest}
