"""Exact fractions and one square root, which `scipy.spatial.distance.euclidean` must confirm on ordinary lists.

Within 1 ULP of f32: the library adds in f64.
"""

from fractions import Fraction
from math import inf, isfinite, isinf, nan

from harness.reference import euclidean, numbers
from scipy.spatial import distance as scipy_distance

ULP = {"lists": 1, "mixed": 1, "circle": 1}


def distance(a: list[float] | None, b: list[float] | None) -> float:
    if a is None or b is None or len(a) != len(b):
        return nan
    differences = [x - y for x, y in zip(a, b, strict=True)]
    if any(d != d for d in differences):  # noqa: PLR0124
        return nan
    if any(map(isinf, [*a, *b])):
        return inf
    made = euclidean(Fraction(x) - Fraction(y) for x, y in zip(a, b, strict=True))
    if a and all(isfinite(d) and 1e-100 < abs(d) < 1e100 for d in differences):
        assert abs(scipy_distance.euclidean(a, b) - made) <= 1e-12 * made, (a, b)
    return made


def turn(h: int | None) -> list[float] | None:
    """Sine and cosine of quarters of a turn."""
    return None if h is None else [(0.0, 1.0, 0.0, -1.0)[h % 4], (1.0, 0.0, -1.0, 0.0)[h % 4]]


def expected(rows: dict, mode: str) -> dict:
    a, b = ([numbers(row, "float64") for row in rows[name]] for name in "ab")
    n = [numbers(row, "int32") for row in rows["n"]]
    made = {"lists": list(map(distance, a, b)), "mixed": list(map(distance, n, b))}
    return {**made, "circle": [distance(turn(h), row) for h, row in zip(rows["h"], a, strict=True)]}
