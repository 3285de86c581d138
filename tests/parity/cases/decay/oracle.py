"""The decay functions `exp`, `gauss` and `linear` of Elasticsearch: in mpmath, the linear one in f64.

Within 1 ULP of f32: distance, quotient and exponent are rounded to f64 before `exp`.
"""

from collections.abc import Sequence
from fractions import Fraction

import mpmath
from harness.reference import number

ULP = {"half_life": 1, "plain": 1, "gaussian": 1, "wide": 1, "of_n": 1}
_HUGE = 1.7976931348623157e308
_STEPS = {
    "half_life": ("x", "exponential", 7.0, 0.0, 0.0, 0.5),
    "plain": ("x", "exponential", 2.0, 1.0, 0.5, 0.125),
    "gaussian": ("x", "gaussian", 2.5, -10.0, 3.0, 0.3),
    "linear": ("x", "linear", 4.0, -3.0, 2.0, 0.25),
    "narrow": ("x", "linear", 5e-324, -1e290, 0.0, 0.5),
    "wide": ("x", "gaussian", _HUGE, 1e290, 0.0, 0.5),
    "of_n": ("n", "exponential", 1000.0, 0.0, 0.0, 0.9),
    "filled": ("n", "linear", 2.0, 0.0, 0.0, 0.5),
}


def decayed(x: float, shape: str, numbers: Sequence[float]) -> float:
    scale, origin, offset, decay = numbers
    if x != x:  # noqa: PLR0124
        return x
    if abs(x) == float("inf"):
        return 0.0
    if shape == "linear":
        # Elasticsearch: max(0, (s - distance) / s) with s = scale / (1 - decay), here without the overflow of s.
        past = max(0.0, abs(x - origin) - offset)
        exact = Fraction(past) / Fraction(scale)
        return max(0.0, 1.0 - (1.0 - decay) * (past / scale if exact < 1e300 else 1e300))
    past = max(Fraction(0), abs(Fraction(x) - Fraction(origin)) - Fraction(offset))
    ln_decay = mpmath.log(mpmath.mpf(decay))
    distance = mpmath.mpf(past.numerator) / past.denominator
    if shape == "exponential":
        return float(mpmath.exp(ln_decay / mpmath.mpf(scale) * distance))
    variance = -(mpmath.mpf(scale) ** 2) / (2 * ln_decay)
    return float(mpmath.exp(-(distance**2) / (2 * variance)))


def expected(rows: dict, mode: str) -> dict:
    columns = {"x": [number(v, "float64") for v in rows["x"]], "n": [number(v, "int64") for v in rows["n"]]}
    made = {
        name: [decayed(x, shape, numbers) for x in columns[column]]
        for name, (column, shape, *numbers) in _STEPS.items()
    }
    made["filled"] = [decayed(1.0 if x != x else x, "linear", _STEPS["filled"][2:]) for x in columns["n"]]  # noqa: PLR0124
    return made
