"""Sums of signed values, by the formula, with the C library's XXH3-64; NumPy adds one token after the other."""

from collections.abc import Iterable
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
from harness.reference import column_of, member, repair, xxh3


@cache
def signs(name: bytes, dimensions: int, seed: int) -> np.ndarray:
    hashed = xxh3(name, seed)
    bits = [member(hashed, j // 64) >> j % 64 & 1 for j in range(dimensions)]
    return np.array([-1.0 if bit else 1.0 for bit in bits])


def projected(row: Iterable[tuple[bytes, float]] | None, dimensions: int, seed: int = 0, norm: str = "none") -> list:
    if row is None:
        return [None] * dimensions
    sums = np.zeros(dimensions)
    with np.errstate(over="ignore", invalid="ignore"):
        for name, value in row:
            sums += value * signs(name, dimensions, seed)
        if norm == "none":
            return (sums / np.sqrt(float(dimensions))).tolist()
        if np.isinf(sums).any():
            sums = np.where(np.isinf(sums), np.sign(sums), sums * 0.0)
        return normed(sums.tolist(), norm)


def normed(values: list[float], norm: str) -> list[float]:
    """Values over their norm: as the library adds and divides them, or where squares leave the range, exactly."""
    total = 0.0
    for value in values:
        total += abs(value) if norm == "l1" else value * value
    if total != total:  # noqa: PLR0124
        return [np.nan] * len(values)
    if norm == "l1" and total < np.inf:
        return [value / total if total else value for value in values]
    if norm == "l2" and 1e-280 <= total < np.inf:
        return [value / total**0.5 for value in values]
    exact = [Fraction(value) for value in values]
    if norm == "l1":
        length = sum(map(abs, exact))
        return [float(value / length) for value in exact]
    squares = sum((value * value for value in exact), Fraction(0))
    if not squares:
        return values
    length = mpmath.sqrt(mpmath.mpf(squares.numerator) / squares.denominator)
    return [float(mpmath.mpf(value.numerator) / value.denominator / length) for value in exact]


def weighed(entries: dict | list | None) -> list[tuple[bytes, float]]:
    """Columns and values in ascending order; none of the case's keys meet in 2^31 columns."""
    kept = {}
    for key, value in dict(entries or {}).items():
        if value is not None and value == value and value != 0:  # noqa: PLR0124  NaN differs from itself
            column = column_of(xxh3(key.encode()), 31)
            assert column not in kept
            kept[column] = value
    return [(column.to_bytes(4, "little"), kept[column]) for column in sorted(kept)]


def expected(rows: dict, mode: str) -> dict:
    tokens = [None if t is None else [(repair(w).encode(), 1.0) for w in t if w is not None] for t in rows["tokens"]]
    ids = [None if t is None else [(str(i).encode(), 1.0) for i in t if i is not None] for t in rows["ids"]]
    sparse = [weighed(entries) for entries in rows["weights"]]
    steps = {
        "plain": [projected(row, 64) for row in tokens],
        "wide": [projected(row, 130, 2**64 - 1) for row in tokens],
        "one": [projected(row, 1, norm="l1") for row in tokens],
        "length": [projected(row, 10, norm="l2") for row in tokens],
        "id": [projected(row, 3) for row in ids],
        "sparse": [projected(row, 5, 3) for row in sparse],
        "unit": [projected(row, 4, norm="l2") for row in sparse],
        "share": [projected(row, 6, 1, norm="l1") for row in sparse],
    }
    return {f"{step}_{i}": [row[i] for row in made] for step, made in steps.items() for i in range(len(made[0]))}
