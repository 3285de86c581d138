"""`scipy.stats.zscore(nan_policy="omit")` by its definition, in exact fractions with one square root at the end.

Within 1 ULP of f32: the library adds in f64, with a compensated sum.
"""

from fractions import Fraction
from itertools import groupby
from math import isinf

import mpmath
from harness.reference import MISSING, given, mean, number, variance

ULP = {"plain": 1, "of_n": 1, "filled": 1}


def zscores(values: list[float]) -> list[float]:
    known = given(values)
    if any(map(isinf, known)):
        return [MISSING] * len(values)
    if not known:
        return values
    middle, spread = mean(known), variance(known)

    def one(x: float) -> float:
        if x != x:  # noqa: PLR0124
            return MISSING
        off = Fraction(x) - middle
        if not spread:
            return 0.0
        square = mpmath.sqrt(mpmath.mpf(spread.numerator) / spread.denominator)
        return float(mpmath.mpf(off.numerator) / off.denominator / square)

    return [one(x) for x in values]


def expected(rows: dict, mode: str) -> dict:
    def by_group(values: list[float]) -> list[float]:
        pairs = groupby(zip(rows["request"], values, strict=True), key=lambda pair: pair[0])
        return [z for _, members in pairs for z in zscores([value for _, value in members])]

    n = [number(value, "int32") for value in rows["n"]]
    return {
        "plain": by_group([number(value, "float64") for value in rows["x"]]),
        "of_n": by_group(n),
        "filled": by_group([3.0 if value != value else value for value in n]),  # noqa: PLR0124
        "filled_missing": [float(value != value) for value in n],  # noqa: PLR0124
    }
