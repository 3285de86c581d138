"""Exact fractions and one square root, which `scipy.spatial.distance.cosine` must confirm on ordinary lists.

Within 1 ULP of f32: the library adds in f64. Cosines of lists whose terms nearly cancel are not among the rows.
"""

from fractions import Fraction
from math import isfinite, nan

import mpmath
from harness.reference import dot_sparse, hashed_counts, numbers
from scipy.spatial import distance

ULP = {"lists": 1, "mixed": 1, "circle": 1, "few": 1, "many": 1}


def angle(product: Fraction, a: list[float], b: list[float]) -> float:
    squares = [sum((Fraction(x) ** 2 for x in side), Fraction(0)) for side in (a, b)]
    both = squares[0] * squares[1]
    if not both:
        return 0.0
    size = mpmath.sqrt(mpmath.mpf(both.numerator) / both.denominator)
    return float(mpmath.mpf(product.numerator) / product.denominator / size)


def cosine(a: list[float] | None, b: list[float] | None) -> float:
    if a is None or b is None or len(a) != len(b) or not all(map(isfinite, [*a, *b])):
        return nan
    product = sum((Fraction(x) * Fraction(y) for x, y in zip(a, b, strict=True)), Fraction(0))
    made = angle(product, a, b)
    if all(1e-50 < abs(x) < 1e50 for x in [*a, *b]) and a:
        assert abs(1 - distance.cosine(a, b) - made) < 1e-12, (a, b)
    return made


def sparse(a: dict[int, float], b: dict[int, float]) -> float:
    return angle(dot_sparse(a, b), list(a.values()), list(b.values()))


def turn(h: int | None) -> list[float] | None:
    """Sine and cosine of quarters of a turn."""
    return None if h is None else [(0.0, 1.0, 0.0, -1.0)[h % 4], (1.0, 0.0, -1.0, 0.0)[h % 4]]


def expected(rows: dict, mode: str) -> dict:
    a, b = ([numbers(row, "float64") for row in rows[name]] for name in "ab")
    n = [numbers(row, "int32") for row in rows["n"]]
    made = {"lists": list(map(cosine, a, b)), "mixed": list(map(cosine, n, b))}
    made["circle"] = [cosine(turn(h), row) for h, row in zip(rows["h"], a, strict=True)]
    for name, bits in (("few", 3), ("many", 20)):
        pairs = zip(rows["s"], rows["t"], strict=True)
        made[name] = [sparse(hashed_counts(s, bits), hashed_counts(t, bits)) for s, t in pairs]
    return made
