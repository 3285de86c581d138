"""Rows in groups, for the cases of steps within a group."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import groupby
from typing import Any

_NAN, _INF, _MAX = float("nan"), float("inf"), 1.7976931348623157e308
#: Groups of one, of equal numbers, with missing, infinite, tiny and huge members.
MEMBERS = [
    [10.0, 20.0, 30.0],
    [5.0],
    [None],
    [_NAN, None],
    [7.25, 7.25, 7.25, None],
    [0.0, -0.0],
    [0.1] * 7,
    [1.0, None, 3.0, _NAN],
    [3.0, 1.0, 2.0, 2.0, 1.0, 2.0],
    [4.0, 1.0],
    [1.0, _INF, 2.0],
    [_INF, _INF],
    [_INF],
    [-_INF, 4.0],
    [-_INF, 4.0, _INF, None],
    [-_INF, _INF],
    [_INF, _INF, -_INF, 5.0],
    [-_INF, -_INF, -_INF, _INF],
    [5e-324, 0.0, 1e-320],
    [1e-200, 2e-200, 4e-200],
    [1e-45, -1e-45, 3e-45],
    [1e150, -1e150, 3.0],
    [1e200, -1e200, 5e199],
    [_MAX, -_MAX, 0.0],
    [_MAX, _MAX, 1.0, 2.0],
    [-_MAX, -_MAX],
    [_MAX, 8.9e307, -1e300],
    [2.0**900, -(2.0**900), 1.0],
    [1e16, 1.0, -1e16, 2.0],
    [1e16, 1e100, 1.0, -1e100, -1e16, 0.25],
    [1.0, -1.0],
    [-3.0, 1.0, 2.0],
    [2.0**53, 2.0**53 + 2, 1.0],
    [0.1] * 10 + [0.2],
    [_MAX, -_MAX, 1e-30],
    [1e300, 1e-40, -1e300, None],
    [2.0**1000, 2.0**-140, -(2.0**1000), 3 * 2.0**-140],
    [_MAX, _MAX, 1e300, 1e-300],
]


def drawn(seed: str) -> list[list[float | None]]:
    """The groups above, a few drawn ones with ties, and one of 200."""
    rng = random.Random(seed)
    ties = [[rng.choice([None, *(k / 4 for k in range(9))]) for _ in range(9)] for _ in range(4)]
    return [*MEMBERS, *ties, [rng.gauss(100, 15) for _ in range(200)]]


def ids(members: Sequence[Sequence[Any]]) -> list[int]:
    """The group of every row."""
    return [group for group, values in enumerate(members) for _ in values]


def rows(members: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """The columns `x`, `n` (small whole numbers, some missing) and `request`, the group."""
    x = [value for values in members for value in values]
    n = [None if i % 5 == 2 else (i * 7919) % 11 - 5 for i in range(len(x))]
    return {"x": x, "n": n, "request": ids(members)}


def many(numbers: Sequence[float], rng: random.Random) -> dict[str, list[Any]]:
    """The same columns from many numbers, in groups of seven."""
    x = rng.sample(list(numbers), len(numbers))
    n = [rng.choice([None, *range(-5, 6)]) for _ in x]
    return {"x": x, "n": n, "request": [i // 7 for i in range(len(x))]}


def by_group(request: Sequence[int], values: Sequence[Any], made: Callable[[list[Any]], Sequence[Any]]) -> list[Any]:
    """What `made` makes of each group's values, one a row."""
    pairs = groupby(zip(request, values, strict=True), key=lambda pair: pair[0])
    return [out for _, members in pairs for out in made([value for _, value in members])]


def nearest(value: Fraction) -> float:
    """The nearest f64, infinite past its range."""
    try:
        return float(value)
    except OverflowError:
        return _INF if value > 0 else -_INF
