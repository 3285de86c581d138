"""The documented additions in Python, which exact fractions and `numpy.dot` must confirm; fractions on overflow."""

from fractions import Fraction
from math import isfinite, nan

import numpy as np
from harness.reference import dot_sparse, hashed_counts, number, numbers

ULP = {"circle": 1}


def added(terms: list[float]) -> float:
    """Eight partial sums, added in halves."""
    lanes = [0.0] * 8
    for i, term in enumerate(terms):
        lanes[i % 8] += term
    for half in (4, 2, 1):
        lanes = [lanes[i] + lanes[i + half] for i in range(half)]
    return lanes[0]


def dot(a: list[float] | None, b: list[float] | None) -> float:
    if a is None or b is None or len(a) != len(b):
        return nan
    made = added([x * y for x, y in zip(a, b, strict=True)])
    if not all(map(isfinite, [*a, *b])):
        return made
    products = [Fraction(x) * Fraction(y) for x, y in zip(a, b, strict=True)]
    exact = sum(products, Fraction(0))
    if isfinite(made):
        room = Fraction(1, 10**14) * sum(map(abs, products)) + Fraction(1, 10**320)
        assert abs(Fraction(made) - exact) <= room, (a, b)
        with np.errstate(all="ignore"):
            theirs = float(np.dot(a, b))
        assert not isfinite(theirs) or abs(Fraction(theirs) - exact) <= room, (a, b)
        return made
    # As f32 the sum is 0, infinite, or what the scaled additions give: the rows have no other kind of overflow.
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")


def turn(h: int | None) -> list[float] | None:
    """Sine and cosine of quarters of a turn."""
    return None if h is None else [(0.0, 1.0, 0.0, -1.0)[h % 4], (1.0, 0.0, -1.0, 0.0)[h % 4]]


def expected(rows: dict, mode: str) -> dict:
    a, b = ([numbers(row, "float64") for row in rows[name]] for name in "ab")
    n = [numbers(row, "int32") for row in rows["n"]]
    made = {"lists": list(map(dot, a, b)), "mixed": list(map(dot, n, b))}
    made["circle"] = [dot(turn(h), row) for h, row in zip(rows["h"], a, strict=True)]
    for name, bits in (("few", 3), ("many", 20)):
        pairs = zip(rows["s"], rows["t"], strict=True)
        made[name] = [number(dot_sparse(hashed_counts(s, bits), hashed_counts(t, bits)), "float64") for s, t in pairs]
    return made
