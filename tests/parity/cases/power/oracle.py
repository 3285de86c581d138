"""The curves, and lambda as the zero of the likelihood's slope, in mpmath.

Within 1 ULP of f32: logarithm, exponential and quotient are each rounded to f64. Within 4 where lambda is fitted and the
number standardized: near the mean the difference of two transformed numbers loses digits of f64.
`check_sklearn` holds lambda against `PowerTransformer`.
"""

import warnings
from collections import Counter
from functools import cache

import mpmath
import numpy as np
from harness.reference import MISSING, given, mean, number, root, variance
from mpmath import mpf
from sklearn.preprocessing import PowerTransformer

_FITTED = {
    "fitted": ("y", "yeo_johnson", True),
    "fitted_raw": ("y", "yeo_johnson", False),
    "prices": ("price", "box_cox", True),
    "prices_raw": ("price", "box_cox", False),
    "prices_yj": ("price", "yeo_johnson", True),
    "counts": ("count", "yeo_johnson", True),
    "debts": ("debt", "yeo_johnson", True),
    "highest": ("tight", "box_cox", False),
    "lowest": ("loose", "box_cox", False),
    "of_equal": ("equal", "yeo_johnson", True),
    "equal_raw": ("equal", "box_cox", False),
    "of_none": ("none", "yeo_johnson", True),
    "none_raw": ("none", "yeo_johnson", False),
}
_GIVEN = {
    "given": ("y", "yeo_johnson", 0.5, True),
    "root": ("x", "box_cox", 0.5, False),
    "log": ("x", "box_cox", 0.0, False),
    "inverse": ("x", "box_cox", -1.5, False),
    "cube": ("x", "yeo_johnson", 3.0, False),
    "two": ("x", "yeo_johnson", 2.0, False),
    "one": ("x", "yeo_johnson", 1.0, False),
    "zero": ("x", "yeo_johnson", 0.0, False),
    "sunk": ("x", "yeo_johnson", -2.25, False),
    "tiny": ("x", "yeo_johnson", 1e-18, False),
    "edge": ("x", "yeo_johnson", 20.0, False),
    "under": ("x", "yeo_johnson", -20.0, False),
    "over": ("x", "box_cox", 2.0, True),
}
ULP = dict.fromkeys(_GIVEN, 1) | {"filled": 1} | {step: 4 if scaled else 1 for step, (*_, scaled) in _FITTED.items()}


@cache
def grown(x: float, power: mpf) -> mpf:
    """Box-Cox of a number >= 0, its limits included."""
    if np.isinf(x):
        return mpf("inf") if power >= 0 else -1 / power
    if x == 0:
        return -1 / power if power > 0 else mpf("-inf")
    return (mpf(x) ** power - 1) / power if power else mpmath.log(x)


@cache
def grown_past_one(x: float, power: mpf) -> mpf:
    """Box-Cox of 1 + x, for x >= 0."""
    if np.isinf(x):
        return grown(x, power)
    log = mpmath.log1p(mpf(x))
    return mpmath.expm1(power * log) / power if power else log


def curve(x: float, method: str, lam: mpf) -> mpf:
    if x != x or (method == "box_cox" and x < 0):  # noqa: PLR0124
        return mpf("nan")
    if method == "box_cox":
        return grown(x, lam)
    return grown_past_one(x, lam) if x >= 0 else -grown_past_one(-x, 2 - lam)


def likelihood_slope(known: list[float], method: str, lam: mpf) -> mpf:
    """d/dlambda of (lambda - 1) mean(J) - ln(var(y)) / 2."""
    total_j, points = mpf(0), []
    for x, count in Counter(known).items():
        shifted = mpf(x) if method == "box_cox" else 1 + abs(mpf(x))
        sign, power = (1, lam) if method == "box_cox" or x >= 0 else (-1, 2 - lam)
        log = mpmath.log(shifted)
        grew = mpmath.exp(power * log)
        total_j += count * sign * log
        points.append((count, sign * (grew - 1) / power, (log * grew - (grew - 1) / power) / power))
    n = len(known)
    middle = sum(count * y for count, y, _ in points) / n
    spread = sum(count * (y - middle) ** 2 for count, y, _ in points)
    return total_j / n - sum(count * (y - middle) * rise for count, y, rise in points) / spread


@cache
def best_lambda(known: tuple[float, ...], method: str) -> mpf:
    if not known:
        return mpf("nan")
    if len(set(known)) == 1:
        return mpf(1)
    slope = lambda lam: likelihood_slope(known, method, lam)  # noqa: E731
    with mpmath.workprec(160):
        if slope(mpf(-5)) <= 0:
            return mpf(-5)
        if slope(mpf(5)) > 0:
            return mpf(5)
        found = mpmath.findroot(slope, (mpf(-5), mpf(5)), solver="anderson", tol=1e-50, maxsteps=200, verify=False)
    check_sklearn(known, method, float(found))
    return found


def check_sklearn(known: tuple[float, ...], method: str, lam: float) -> None:
    transformer = PowerTransformer(method.replace("_", "-"), standardize=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformer.fit(np.array(known).reshape(-1, 1))
    np.testing.assert_allclose(transformer.lambdas_[0], lam, rtol=1e-6, atol=1e-6)


def learnt(values: list[float], method: str) -> list[float]:
    return [v for v in given(values) if np.isfinite(v) and (method != "box_cox" or v > 0)]


def transformed(values: list[float], method: str, lam: mpf, standardize: bool, shown: list[float]) -> list[float]:
    if lam != lam:  # noqa: PLR0124
        return [MISSING] * len(shown)
    made = [curve(x, method, lam) for x in shown]
    if not standardize:
        return [float(y) for y in made]
    known = [float(curve(x, method, lam)) for x in given(values) if np.isfinite(x)]
    known = [y for y in known if np.isfinite(y)]
    middle, deviation = mean(known), root(variance(known))
    if deviation == 0.0:
        return [MISSING if y != y else 0.0 for y in made]  # noqa: PLR0124
    center = mpf(middle.numerator) / middle.denominator
    # A transformed number beyond the range of f64 is infinite before the mean is taken off.
    return [float(((y if np.isfinite(float(y)) else mpf(float(y))) - center) / mpf(deviation)) for y in made]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, fitted = (
        {name: [number(v, "float64") for v in values] for name, values in of.items()} for of in (rows, fit_rows or rows)
    )
    made = {}
    for step, (column, method, standardize) in _FITTED.items():
        lam = best_lambda(tuple(learnt(fitted[column], method)), method)
        made[step] = transformed(fitted[column], method, lam, standardize, read[column])
    for step, (column, method, lam, standardize) in _GIVEN.items():
        made[step] = transformed(fitted[column], method, mpf(lam), standardize, read[column])
    filled = [3.0 if v != v else v for v in read["y"]]  # noqa: PLR0124
    made["filled"] = transformed(fitted["y"], "yeo_johnson", mpf(0.5), True, filled)
    return made
