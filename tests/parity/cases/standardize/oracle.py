"""Mean and variance as exact fractions, each statistic rounded once; then the formula in f64.

`check_sklearn` holds the statistics against scikit-learn's `StandardScaler` within 1e-12.
"""

import numpy as np
from harness.reference import MISSING, category, given, mean, number, root, statistics_by_key, variance
from sklearn.preprocessing import StandardScaler

_TYPES = {
    "x": "float64",
    "i": "int64",
    "d": "decimal",
    "wide": "float64",
    "equal": "int32",
    "none": "float32",
    "b": "bool",
    "infinite": "float64",
    "far": "float64",
}


def check_sklearn(values: list[float]) -> None:
    scaler = StandardScaler().fit(np.array(values).reshape(-1, 1))
    spread = float(np.abs(values).max())
    np.testing.assert_allclose(scaler.mean_[0], float(mean(values)), rtol=1e-12, atol=1e-12 * spread)
    np.testing.assert_allclose(scaler.scale_[0], root(variance(values)), rtol=1e-12)


def fitted(values: list[float]) -> tuple[float, float]:
    known = [value for value in given(values) if not np.isinf(value)]
    return (float(mean(known)), root(variance(known))) if known else (MISSING, MISSING)


def standard(
    values: list[float], statistics: tuple[float, float] | list, *, center: bool = True, scale: bool = True
) -> list[float]:
    per_row = statistics if isinstance(statistics, list) else [statistics] * len(values)

    def one(x: float, middle: float, deviation: float) -> float:
        if x != x:  # noqa: PLR0124
            return MISSING
        if scale and deviation == 0.0:
            return 0.0
        moved = x - middle if center else x
        if scale and np.isinf(moved) and center:
            return (x / 2 - middle / 2) / (deviation / 2)
        return moved / deviation if scale else moved

    return [one(x, *row) for x, row in zip(values, per_row, strict=True)]


def expected(rows: dict, mode: str) -> dict:
    read = {name: [number(v, declared) for v in rows[name]] for name, declared in _TYPES.items()}
    keys = [category(v, "string") for v in rows["key"]]
    ids = [category(v, "int32") for v in rows["id"]]
    finite = lambda values: int(np.isfinite(values).sum())  # noqa: E731
    by = lambda name, least, of=keys: statistics_by_key(read[name], of, least, fitted, finite)  # noqa: E731
    x, of_x = read["x"], fitted(read["x"])
    for name in ("x", "i", "d", "b"):
        check_sklearn(given(read[name]))
    plain = standard(x, of_x)
    made = {
        "plain": plain,
        "centred": standard(x, of_x, scale=False),
        "divided": standard(x, of_x, center=False),
        "as_is": standard(x, of_x, center=False, scale=False),
        "filled": standard([of_x[0] if v != v else v for v in x], of_x),  # noqa: PLR0124
        "filled_missing": [float(v != v) for v in x],  # noqa: PLR0124
        "fixed": standard([100.0 if v != v else v for v in x], of_x),  # noqa: PLR0124
        "again": standard(plain, fitted(plain)),
        "by_key": standard(x, by("x", 10)),
        "by_id": standard(read["i"], by("i", 1, ids)),
        "wide_key": standard(read["wide"], by("wide", 2), center=False),
        "inf_key": standard(read["infinite"], by("infinite", 3)),
    }
    for name in ("i", "d", "b", "wide", "equal", "none", "infinite", "far"):
        made[f"of_{name}"] = standard(read[name], fitted(read[name]))
    return made
