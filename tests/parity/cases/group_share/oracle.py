"""x / sum in exact fractions; infinite members count as 1 with their sign, and finite ones beside them as 0.

Within 1 ULP of f32: the library rounds the sum to f64.
"""

from fractions import Fraction
from math import copysign, isinf

from harness.groups import by_group, nearest
from harness.reference import MISSING, given, number

ULP = {"plain": 1, "of_n": 1, "filled": 1}


def shares(values: list[float]) -> list[float]:
    if any(map(isinf, values)):
        values = [copysign(1.0, v) if isinf(v) else v * 0.0 for v in values]
    total = sum(map(Fraction, given(values)), Fraction(0))

    def one(value: float) -> float:
        if value != value:  # noqa: PLR0124
            return MISSING
        return nearest(Fraction(value) / total) if total else 0.0

    return [one(value) for value in values]


def expected(rows: dict, mode: str) -> dict:
    n = [number(value, "int32") for value in rows["n"]]
    filled = [9.0 if value is None else value for value in rows["n"]]
    x = [number(value, "float64") for value in rows["x"]]
    return {step: by_group(rows["request"], values, shares) for step, values in zip(ULP, (x, n, filled), strict=True)}
