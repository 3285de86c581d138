"""Quantiles by the rule of `numpy.quantile`, exact and rounded once, then `numpy.clip`.

The sketch counts the middles of buckets of doubles that share sign, exponent and ten bits of the fraction.
"""

import struct

import numpy as np
from harness.reference import agrees_with_numpy, number, quantile

_STEPS = {
    "plain": ("x", 0.01, 0.99),
    "of_y": ("y", 0.01, 0.99),
    "inner": ("y", 0.333, 0.5),
    "point": ("y", 0.5, 0.5),
    "whole": ("y", 0.0, 1.0),
    "of_i": ("i", 0.1, 0.9),
    "filled": ("y", 0.01, 0.7),
    "of_none": ("none", 0.01, 0.99),
    "of_ends": ("ends", 0.25, 0.75),
    "sketch": ("y", 0.05, 0.95),
}


def middle(value: float) -> float:
    if value != value or np.isinf(value):  # noqa: PLR0124
        return value
    bits = struct.unpack("<Q", struct.pack("<d", abs(value) + 0.0))[0] >> 42
    found = struct.unpack("<d", struct.pack("<Q", bits << 42 | 1 << 41))[0] if bits else 0.0
    return -found if value < 0 else found


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, lower, upper) in _STEPS.items():
        declared = "int64" if column == "i" else "float64"
        values = [number(v, declared) for v in (fit_rows or rows)[column]]
        counted = [middle(v) for v in values] if step == "sketch" else values
        low, high = quantile(counted, lower), quantile(counted, upper)
        agrees_with_numpy(values, lower)
        if step == "sketch":
            np.testing.assert_allclose([low, high], [quantile(values, lower), quantile(values, upper)], rtol=2**-11)
        served = [number(v, declared) for v in rows[column]]
        shown = [1e6 if step == "filled" and v != v else v for v in served]  # noqa: PLR0124
        low, high = (None if low != low else low), (None if high != high else high)  # noqa: PLR0124
        made[step] = shown if low is None and high is None else np.clip(shown, low, high).tolist()
    return made
