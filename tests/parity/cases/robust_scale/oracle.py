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


def check_sklearn(values: list[float]) -> None:
    known = np.array(given(values)).reshape(-1, 1)
    made = RobustScaler(quantile_range=(10, 90)).fit_transform(known)[:, 0]
    mine = scaled(known[:, 0].tolist(), [learner(0.1, 0.9)(known[:, 0].tolist())] * len(known))
    np.testing.assert_allclose(mine, made, rtol=1e-12, atol=1e-12)


def expected(rows: dict, mode: str) -> dict:
    read = {name: [number(v, "float64") for v in rows[name]] for name in ("x", "y", "huge", "far", "equal", "none")}
    keys = [category(v, "string") for v in rows["key"]]
    ids = [category(v, "int64") for v in rows["id"]]
    x, y = read["x"], read["y"]
    check_sklearn(y)
    quarters = learner(0.25, 0.75)
    plain = lambda values, learn=quarters: scaled(values, [learn(values)] * len(values))  # noqa: E731
    count = lambda values: len(finite(values))  # noqa: E731
    return {
        "plain": plain(y),
        "of_x": plain(x),
        "tenths": plain(y, learner(0.1, 0.9)),
        "whole": plain(y, learner(0.0, 1.0)),
        "of_huge": plain(read["huge"]),
        "of_far": plain(read["far"], learner(0.0, 0.75)),
        "of_equal": plain(read["equal"]),
        "of_none": read["none"],
        "filled": scaled([1000.0 if v != v else v for v in y], [quarters(y)] * len(y)),  # noqa: PLR0124
        "by_key": scaled(y, statistics_by_key(y, keys, 10, quarters, count)),
        "by_id": scaled(x, statistics_by_key(x, ids, 1, learner(0.05, 0.5), count)),
        "sketch": scaled(y, statistics_by_key(y, keys, 2, learner(0.25, 0.75, middle), count)),
    }
