"""The formula in NumPy's f64, with NumPy's min and max of finite numbers.

`check_sklearn` holds it against `MinMaxScaler` within 1e-12 of the range.
"""

import numpy as np
from harness.reference import MISSING, category, given, number, statistics_by_key
from sklearn.preprocessing import MinMaxScaler


def ends(values: list[float]) -> tuple[float, float]:
    finite = [v for v in given(values) if np.isfinite(v)]
    return (float(np.min(finite)), float(np.max(finite))) if finite else (MISSING, MISSING)


def finite_count(values: list[float]) -> int:
    return int(np.isfinite(values).sum())


def scaled(values: list[float], per_row: list, low: float = 0.0, high: float = 1.0, clip: bool = False) -> list[float]:
    x = np.array(values)
    least, most = np.array(per_row).T
    with np.errstate(all="ignore"):
        spread = most - least
        place = np.where(np.isinf(spread), (x / 2 - least / 2) / (most / 2 - least / 2), (x - least) / spread)
        made = low + place * (high - low)
    made = np.where(least == most, low, made)
    made = np.clip(made, low, high) if clip else made
    return np.where(np.isnan(x), MISSING, made).tolist()


def numbers_of(rows: dict) -> dict[str, list[float]]:
    return {name: [number(v, "float64") for v in rows[name]] for name in ("x", "y", "huge", "equal", "none", "inf")}


def check_sklearn(values: list[float]) -> None:
    known = np.array(given(values)).reshape(-1, 1)
    scaler = MinMaxScaler((-1, 3.5)).fit(known)
    mine = scaled(known[:, 0].tolist(), [ends(known[:, 0].tolist())] * len(known), -1.0, 3.5)
    np.testing.assert_allclose(mine, scaler.transform(known)[:, 0], atol=1e-11)


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, learnt = numbers_of(rows), numbers_of(fit_rows or rows)
    x, y = read["x"], read["y"]
    check_sklearn(learnt["y"])
    everywhere = lambda name: [ends(learnt[name])] * len(x)  # noqa: E731

    def by(name: str, key: str, declared: str, least: int) -> list[tuple[float, float]]:
        known, shown = ([category(v, declared) for v in of[key]] for of in (fit_rows or rows, rows))
        return statistics_by_key(learnt[name], known, shown, least, ends, count=finite_count)

    return {
        "plain": scaled(y, everywhere("y")),
        "of_x": scaled(x, everywhere("x")),
        "kept": scaled(x, everywhere("x"), clip=True),
        "ranged": scaled(y, everywhere("y"), -1.0, 3.5),
        "kept_in": scaled(x, by("x", "key", "string", 2), -1.0, 3.5, clip=True),
        "of_huge": scaled(read["huge"], everywhere("huge")),
        "of_equal": scaled(read["equal"], everywhere("equal"), 0.25, 1.0),
        "of_none": [MISSING] * len(x),
        "of_inf": [MISSING] * len(x),
        "filled": scaled([1000.0 if v != v else v for v in y], everywhere("y")),  # noqa: PLR0124
        "by_key": scaled(y, by("y", "key", "string", 10)),
        "by_id": scaled(y, by("y", "id", "int64", 1)),
    }
