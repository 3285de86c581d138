"""Quantiles by the rule of `numpy.quantile`, exact and rounded once, then the formula in NumPy's f64.

`check_sklearn` holds it against `RobustScaler` within 1e-12. The sketch counts the middles of buckets of doubles that
share sign, exponent and ten bits of the fraction.
"""

import struct

import numpy as np
from harness.reference import MISSING, agrees_with_numpy, category, given, number, quantile, statistics_by_key
from sklearn.preprocessing import RobustScaler


def middle(value: float) -> float:
    bits = struct.unpack("<Q", struct.pack("<d", abs(value) + 0.0))[0] >> 42
    found = struct.unpack("<d", struct.pack("<Q", bits << 42 | 1 << 41))[0] if bits else 0.0
    return -found if value < 0 else found


def finite(values: list[float]) -> list[float]:
    return [v for v in given(values) if np.isfinite(v)]


def learner(low: float, high: float, read=float):
    def learn(values: list[float]) -> tuple[float, float, float]:
        known = [read(v) for v in finite(values)]
        agrees_with_numpy(known, low)
        return quantile(known, 0.5), quantile(known, low), quantile(known, high)

    return learn


def scaled(values: list[float], per_row: list) -> list[float]:
    x = np.array(values)
    median, low, high = np.array(per_row).T
    with np.errstate(all="ignore"):
        spread = high - low
        halves = (x / 2 - median / 2) / (high / 2 - low / 2)
        made = np.where(np.isinf(spread), halves, (x - median) / spread)
    made = np.where(spread == 0, 0.0, made)
    return np.where(np.isnan(x), MISSING, made).tolist()


def numbers_of(rows: dict) -> dict[str, list[float]]:
    return {name: [number(v, "float64") for v in rows[name]] for name in ("x", "y", "huge", "far", "equal", "none")}


def check_sklearn(values: list[float]) -> None:
    known = np.array(given(values)).reshape(-1, 1)
    made = RobustScaler(quantile_range=(10, 90)).fit_transform(known)[:, 0]
    mine = scaled(known[:, 0].tolist(), [learner(0.1, 0.9)(known[:, 0].tolist())] * len(known))
    np.testing.assert_allclose(mine, made, rtol=1e-12, atol=1e-12)


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, learnt = numbers_of(rows), numbers_of(fit_rows or rows)
    x, y = read["x"], read["y"]
    check_sklearn(learnt["y"])
    quarters = learner(0.25, 0.75)
    plain = lambda name, learn=quarters: scaled(read[name], [learn(learnt[name])] * len(x))  # noqa: E731
    count = lambda values: len(finite(values))  # noqa: E731

    def by(name: str, key: str, declared: str, least: int, learn) -> list[float]:
        known, shown = ([category(v, declared) for v in of[key]] for of in (fit_rows or rows, rows))
        return scaled(read[name], statistics_by_key(learnt[name], known, shown, least, learn, count=count))

    return {
        "plain": plain("y"),
        "of_x": plain("x"),
        "tenths": plain("y", learner(0.1, 0.9)),
        "whole": plain("y", learner(0.0, 1.0)),
        "of_huge": plain("huge"),
        "of_far": plain("far", learner(0.0, 0.75)),
        "of_equal": plain("equal"),
        "of_none": [MISSING] * len(x),
        "filled": scaled([1000.0 if v != v else v for v in y], [quarters(learnt["y"])] * len(y)),  # noqa: PLR0124
        "by_key": by("y", "key", "string", 10, quarters),
        "by_id": by("x", "id", "int64", 1, learner(0.05, 0.5)),
        "sketch": by("y", "key", "string", 2, learner(0.25, 0.75, middle)),
    }
