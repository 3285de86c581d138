"""(x - smallest) / (largest - smallest) in exact fractions, with 10^5000 for infinity.

Within 1 ULP of f32: the library rounds the two differences to f64.
"""

from fractions import Fraction
from math import copysign, isinf

from harness.groups import by_group, nearest
from harness.reference import MISSING, given, number

ULP = {"plain": 1, "of_n": 1, "filled": 1}
_LARGE = 10**5000


def exact(value: float) -> Fraction:
    return Fraction(int(copysign(1, value)) * _LARGE) if isinf(value) else Fraction(value)


def shares(values: list[float]) -> list[float]:
    known = [exact(value) for value in given(values)]
    if not known:
        return values
    low, spread = min(known), max(known) - min(known)

    def one(value: float) -> float:
        if value != value:  # noqa: PLR0124
            return MISSING
        return nearest((exact(value) - low) / spread) if spread else 0.0

    return [one(value) for value in values]


def expected(rows: dict, mode: str) -> dict:
    n = [number(value, "int32") for value in rows["n"]]
    filled = [9.0 if value is None else value for value in rows["n"]]
    x = [number(value, "float64") for value in rows["x"]]
    return {step: by_group(rows["request"], values, shares) for step, values in zip(ULP, (x, n, filled), strict=True)}
