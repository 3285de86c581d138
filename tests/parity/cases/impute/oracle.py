"""`sklearn.impute.SimpleImputer`, with the exact mean in place of its running one.

`approximate` is a feature of a sketch: within a relative error of 2^-11, checked here, and shown as the oracle's value
of the bucket that the documentation defines: the middle of the doubles that share sign, exponent and ten bits.
"""

import struct
from fractions import Fraction

import numpy as np
from harness.reference import MISSING, given, number
from sklearn.impute import SimpleImputer


def numbers_of(rows: dict) -> dict[str, list[float]]:
    return {name: [number(v, "int32" if name == "i" else "float64") for v in values] for name, values in rows.items()}


def fill(values: list[float], strategy: str) -> float:
    filled = SimpleImputer(strategy=strategy).fit_transform(np.array([*values, MISSING]).reshape(-1, 1))
    return float(filled[-1, 0])


def middle(value: float) -> float:
    bits = struct.unpack("<Q", struct.pack("<d", abs(value) + 0.0))[0] >> 42
    found = struct.unpack("<d", struct.pack("<Q", bits << 42 | 1 << 41))[0] if bits else 0.0
    return -found if value < 0 else found


def sketched(values: list[float]) -> float:
    known = sorted(given(values))
    low, high = middle(known[(len(known) - 1) // 2]), middle(known[len(known) // 2])
    found = low if low == high else low / 2 + high / 2
    assert abs(found - fill(known, "median")) <= abs(found) / 2**11 + abs(high - low)
    return found


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, learnt = numbers_of(rows), numbers_of(fit_rows or rows)
    x, i, known = read["x"], read["i"], given(learnt["x"])
    mean = float(sum(map(Fraction, known), Fraction(0)) / len(known))
    np.testing.assert_allclose(mean, fill(known, "mean"), rtol=1e-9, atol=1e-15 * np.abs(known).max())
    finite = [v for v in given(learnt["far"]) if not np.isinf(v)]
    filled = lambda values, value: [value if v != v else v for v in values]  # noqa: E731, PLR0124
    return {
        "plain": x,
        "constant": filled(x, -2.5),
        "mean": filled(x, mean),
        "median": filled(x, fill(known, "median")),
        "median_missing": [float(v != v) for v in x],  # noqa: PLR0124
        "approximate": filled(x, sketched(known)),
        "mode": filled(x, fill(known, "most_frequent")),
        "of_i": filled(i, fill(given(learnt["i"]), "median")),
        "mode_of_i": filled(i, fill(given(learnt["i"]), "most_frequent")),
        "of_none": read["none"],
        "mean_of_far": filled(read["far"], float(sum(map(Fraction, finite), Fraction(0)) / len(finite))),
    }
