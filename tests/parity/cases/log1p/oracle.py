"""mpmath's `log1p` at 400 bits, rounded to f64; `statistics` and exact fractions for what fills missing numbers."""

import statistics
import struct
from collections import Counter

import mpmath
from harness.reference import MISSING, given, mean, number, rounded


def log1p(x: float) -> float:
    if not x >= -1.0:
        return MISSING
    if x in (-1.0, float("inf")):
        return x * float("inf")
    return rounded(mpmath.log1p(mpmath.mpf(x)))


def bucketed(x: float) -> float:
    """The middle of the doubles that share sign, exponent and ten bits of fraction with `x`, which is not zero."""
    bits = struct.unpack("<q", struct.pack("<d", x))[0]
    return struct.unpack("<d", struct.pack("<q", bits >> 42 << 42 | 1 << 41))[0]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    types = {"x": "float64", "f": "float32", "i": "int64", "n": "int32", "d": "decimal", "b": "bool", "y": "float64"}
    read = {name: [number(v, types[name]) for v in values] for name, values in rows.items()}
    known = given(number(v, "float64") for v in (fit_rows or rows)["y"])
    counts = Counter(known)
    most = max(counts.values())
    fills = {
        "to_mean": float(mean(known)),
        "median": statistics.median(known),
        "sketch": statistics.median(bucketed(value) for value in known),
        "mode": min(value for value, count in counts.items() if count == most),
    }
    filled = {
        name: [log1p(fill if x != x else x) for x in read["y"]]  # noqa: PLR0124
        for name, fill in fills.items()
    }
    plain = [log1p(x) for x in read["x"]]
    return {
        "plain": plain,
        **{f"of_{name}": [log1p(x) for x in read[name]] for name in "findb"},
        "twice": [log1p(x) for x in plain],
        "fixed": [log1p(2.5 if x != x else x) for x in read["x"]],  # noqa: PLR0124
        **filled,
        "median_missing": [float(y != y) for y in read["y"]],  # noqa: PLR0124
        "marked": [log1p(x) for x in read["i"]],
        "marked_missing": [float(x != x) for x in read["i"]],  # noqa: PLR0124
    }
