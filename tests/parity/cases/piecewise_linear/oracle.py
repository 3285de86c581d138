"""`numpy.interp`; outside of the points NumPy's formula on the nearer segment, seen from its end.

Exactly for points of ordinary size. Within 1 ULP of f32 of the line in exact fractions for points whose differences or
slopes pass f64, where NumPy's outcome is infinite; a step after them brings values down to f32.
"""

from bisect import bisect_right
from fractions import Fraction
from math import isinf

import numpy as np
from harness.groups import nearest
from harness.reference import MISSING, number

ULP = dict.fromkeys(("wide", "steep", "leaning", "high_small", "vast_small", "steep_small"), 1)
_POINTS = [[-10, 2], [-1.5, 0.1], [0, 0.1], [0.1, -3], [100, 7.3]]
_KNOTS = [[0, -1e17], [3, 0.1], [4, 1e17], [5, 0.3]]
_STEPS = {
    "plain": ("x", _POINTS, "constant"),
    "beyond": ("x", _POINTS, "extrapolate"),
    "two": ("n", [[0, 0], [3, 1]], "constant"),
    "knots": ("n", _KNOTS, "constant"),
    "onward": ("n", _KNOTS, "extrapolate"),
    "flat": ("x", [[0, 4], [1, 4], [2, -1]], "extrapolate"),
    "filled": ("filled", [[0, 0], [3, 1]], "constant"),
    "high_small": ("x", [[-1, -1.7e308], [5, 1.0e308]], "constant"),
    "wide": ("x", [[-1.7e308, -3], [1.7e308, 5]], "extrapolate"),
    "vast_small": ("x", [[-1.7e308, -1.7e308], [1.7e308, 1.6e308]], "constant"),
    "steep": ("x", [[0, 1], [1e-300, 1e20], [1e-299, -1e308]], "constant"),
    "steep_small": ("x", [[0, 1], [1e-300, 1e20], [1e-299, -1e308]], "constant"),
    "leaning": ("x", [[-1e-300, -1e38], [0, 3e37]], "extrapolate"),
}


def value(x: float, points: list, outside: str, exact: bool) -> float:
    xs, ys = ([float(point[k]) for point in points] for k in (0, 1))
    if x != x:  # noqa: PLR0124
        return MISSING
    if not exact and (outside == "constant" or xs[0] <= x <= xs[-1]):
        return float(np.interp(x, xs, ys))
    if outside == "constant":
        x = min(max(x, xs[0]), xs[-1])
    at = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
    (x0, x1), (y0, y1) = xs[at : at + 2], ys[at : at + 2]
    if isinf(x):
        return y0 if y0 == y1 else (1 if y1 > y0 else -1) * x
    # The point from which the line is seen.
    px, py = (x1, y1) if x > x1 else (x0, y0)
    if exact:
        slope = (Fraction(y1) - Fraction(y0)) / (Fraction(x1) - Fraction(x0))
        return nearest(Fraction(py) + slope * (Fraction(x) - Fraction(px)))
    return (y1 - y0) / (x1 - x0) * (x - px) + py


def expected(rows: dict, mode: str) -> dict:
    columns = {"x": [number(v, "float64") for v in rows["x"]], "n": [number(v, "int64") for v in rows["n"]]}
    columns["filled"] = [1.0 if v is None else float(v) for v in rows["n"]]
    made = {
        step: [value(x, points, outside, step in ULP) for x in columns[name]]
        for step, (name, points, outside) in _STEPS.items()
    }
    for step in (step for step in made if step.endswith("_small")):
        made[step] = [y * 1e-300 for y in made[step]]
    return made
