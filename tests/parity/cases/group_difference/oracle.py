"""The mean in exact fractions, and NumPy's maximum, minimum and median of each group.

Within 1 ULP of f32 where the mean is rounded; the others are one subtraction. NumPy's median is infinite where the sum
of the middle two passes f64, so that the midpoint is taken in fractions.
"""

from fractions import Fraction
from math import isinf

import numpy as np
from harness.groups import by_group, nearest
from harness.reference import MISSING, given, mean, number

ULP = {"plain": 1, "of_n": 1}
_STEPS = {
    "plain": ("x", "mean"),
    "of_n": ("n", "mean"),
    "median": ("x", "median"),
    "median_n": ("n", "median"),
    "best": ("x", "max"),
    "low_best": ("x", "min"),
    "worst": ("x", "min"),
    "low_worst": ("n", "max"),
    "filled": ("filled", "max"),
}


def middle(known: list[float]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(np.median(known))
    if isinf(found) and not any(map(isinf, known)):
        known = sorted(known)
        half = len(known) // 2
        return nearest((Fraction(known[half - 1]) + Fraction(known[half])) / 2)
    return found


def differences(values: list[float], of: str) -> list[float]:
    known = given(values)
    if not known:
        return values
    if of == "mean":
        if any(map(isinf, known)):
            return [MISSING] * len(values)
        centre = mean(known)
        return [nearest(Fraction(v) - centre) if v == v else MISSING for v in values]  # noqa: PLR0124
    compared = middle(known) if of == "median" else float({"max": np.max, "min": np.min}[of](known))
    return [0.0 if v == compared else v - compared for v in values]


def expected(rows: dict, mode: str) -> dict:
    columns = {
        "x": [number(value, "float64") for value in rows["x"]],
        "n": [number(value, "int32") for value in rows["n"]],
        "filled": [9.0 if value is None else float(value) for value in rows["n"]],
    }
    return {
        step: by_group(rows["request"], columns[column], lambda members, of=of: differences(members, of))
        for step, (column, of) in _STEPS.items()
    }
