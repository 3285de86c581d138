"""mpmath's sine and cosine of the exact part of the turn.

Within 1 ULP of f32: sine and cosine are within 3 ULP of f64.
"""

from fractions import Fraction

import mpmath
from harness.reference import MISSING, number

_STEPS = {
    "hour": ("n", 24.0),
    "day": ("n", 7.0),
    "part": ("x", 0.1),
    "turn": ("x", 360.0),
    "small": ("x", 1e-300),
    "large": ("x", 1e300),
    "filled": ("n", 12.0),
}
ULP = {f"{step}_{i}": 1 for step in _STEPS for i in (0, 1)}


def on_circle(x: float, period: float) -> tuple[float, float]:
    if x - x != 0.0:
        return MISSING, MISSING
    turns = Fraction(x) / Fraction(period) % 1
    if turns * 4 % 1 == 0:
        return [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)][int(turns * 4)]
    # Near the end of a turn the sine is that of a small negative angle.
    turns = turns - 1 if turns > Fraction(1, 2) else turns
    angle = 2 * mpmath.pi * turns.numerator / turns.denominator
    return float(mpmath.sin(angle)), float(mpmath.cos(angle))


def expected(rows: dict, mode: str) -> dict:
    columns = {"x": [number(v, "float64") for v in rows["x"]], "n": [number(v, "int64") for v in rows["n"]]}
    made = {}
    for step, (column, period) in _STEPS.items():
        values = columns[column]
        if step == "filled":
            values = [3.0 if value != value else value for value in values]  # noqa: PLR0124
        points = [on_circle(value, period) for value in values]
        made |= {f"{step}_{i}": [point[i] for point in points] for i in (0, 1)}
    return made
