"""Mean and variance as exact fractions, each statistic rounded once; then the formula in f64.

`check_sklearn` holds the numbers against scikit-learn's `StandardScaler` within 1e-12 of the largest. Not held to it are
equal numbers, which it divides by 1 where these give 0.0; none at all; infinite ones, which it refuses; and `wide` and
`far`, whose squares pass its f64.
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

#: The steps that scikit-learn has too: what they read, and whether they center and scale it.
_CHECKED = {
    "plain": ("x", True, True),
    "centred": ("x", True, False),
    "divided": ("x", False, True),
    "as_is": ("x", False, False),
    "filled": ("x", True, True),
    "fixed": ("x", True, True),
    "of_i": ("i", True, True),
    "of_d": ("d", True, True),
    "of_b": ("b", True, True),
}


def numbers_of(rows: dict) -> dict[str, list[float]]:
    return {name: [number(v, declared) for v in rows[name]] for name, declared in _TYPES.items()}


def check_sklearn(learnt: list[float], shown: list[float], made: list[float], center: bool, scale: bool) -> None:
    scaler = StandardScaler(with_mean=center, with_std=scale).fit(np.array(learnt).reshape(-1, 1))
    finite = ~np.isinf(shown)
    theirs = scaler.transform(np.array(shown)[finite].reshape(-1, 1))[:, 0]
    np.testing.assert_allclose(np.array(made)[finite], theirs, rtol=1e-12, atol=1e-12 * np.nanmax(np.abs(theirs)))


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


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, learnt = numbers_of(rows), numbers_of(fit_rows or rows)
    finite = lambda values: int(np.isfinite(values).sum())  # noqa: E731

    def by(name: str, least: int, key: str = "key", declared: str = "string") -> list[tuple[float, float]]:
        known, shown = ([category(v, declared) for v in of[key]] for of in (fit_rows or rows, rows))
        return statistics_by_key(learnt[name], known, shown, least, fitted, count=finite)

    x, of_x = read["x"], fitted(learnt["x"])
    plain = standard(x, of_x)
    made = {
        "plain": plain,
        "centred": standard(x, of_x, scale=False),
        "divided": standard(x, of_x, center=False),
        "as_is": standard(x, of_x, center=False, scale=False),
        "filled": standard([of_x[0] if v != v else v for v in x], of_x),  # noqa: PLR0124
        "filled_missing": [float(v != v) for v in x],  # noqa: PLR0124
        "fixed": standard([100.0 if v != v else v for v in x], of_x),  # noqa: PLR0124
        "again": standard(plain, fitted(standard(learnt["x"], of_x))),
        "by_key": standard(x, by("x", 10)),
        "by_id": standard(read["i"], by("i", 1, "id", "int32")),
        "wide_key": standard(read["wide"], by("wide", 2), center=False),
        "inf_key": standard(read["infinite"], by("infinite", 3)),
    }
    for name in ("i", "d", "b", "wide", "equal", "none", "infinite", "far"):
        made[f"of_{name}"] = standard(read[name], fitted(learnt[name]))
    for step, (name, center, scale) in _CHECKED.items():
        fill = {"filled": of_x[0], "fixed": 100.0}.get(step, MISSING)
        shown = [fill if v != v else v for v in read[name]]  # noqa: PLR0124
        check_sklearn(learnt[name], shown, made[step], center, scale)
    return made
