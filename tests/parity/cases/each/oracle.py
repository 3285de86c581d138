"""NumPy's element-wise functions; mpmath for ln(1 + x).

Functions of a turn's sine and cosine are within 1 ULP of f32, as these are within 3 ULP of f64.
"""

from collections.abc import Callable

import mpmath
import numpy as np
from harness.reference import given, number, numbers

Function = Callable[[float], float]


def log1p(x: float) -> float:
    if x != x or x < -1.0:  # noqa: PLR0124
        return float("nan")
    if abs(x) == float("inf"):
        return x
    return x if x == 0 else float(mpmath.log1p(mpmath.mpf(x)) if x > -1.0 else float("-inf"))


_FUNCTIONS: dict[str, Function] = {
    "abs": np.abs,
    "sign": np.sign,
    "square": np.square,
    "sqrt": np.sqrt,
    "log1p": log1p,
    "clip": lambda x: np.clip(x, -0.25, 0.5),
    "linear": lambda x: x * 3.0 + 4.0,
    "scaled": lambda x: x * 2.0,
    "moved": lambda x: x + 0.1,
}
ULP = {f"{name}_{i}": 1 for name in _FUNCTIONS for i in (0, 1)}
_TWELFTHS = {0: 0.0, 3: 1.0, 6: 0.0, 9: -1.0, 1: 0.5, 5: 0.5, 7: -0.5, 11: -0.5}


def on_circle(degrees: float) -> tuple[float, float]:
    if degrees - degrees != 0.0:
        return float("nan"), float("nan")

    def sine(x: float) -> float:
        if x % 90 == 0:
            return _TWELFTHS[int(x % 360) // 30]
        return float(mpmath.sin(mpmath.mpf(x) * mpmath.pi / 180))

    def cosine(x: float) -> float:
        if x % 90 == 0:
            return _TWELFTHS[int((x + 90) % 360) // 30]
        return float(mpmath.cos(mpmath.mpf(x) * mpmath.pi / 180))

    return sine(degrees), cosine(degrees)


def expected(rows: dict, mode: str) -> dict:
    made: dict[str, list] = {}
    points = [on_circle(number(h, "float64")) for h in rows["h"]]
    a = [numbers(row, "float64") for row in rows["a"]]
    n = [numbers(row, "int64") for row in rows["n"]]

    def of(lists: list, function: Function, last: Callable[[list[float]], float], empty: float) -> list[float]:
        rows = [None if row is None else given([float(function(x)) for x in row]) for row in lists]
        return [float("nan") if row is None else (last(row) if row else empty) for row in rows]

    with np.errstate(all="ignore"):
        for name, function in _FUNCTIONS.items():
            for i in (0, 1):
                made[f"{name}_{i}"] = [float(function(point[i])) for point in points]
        missing = float("nan")
        for name in ("abs", "square", "sqrt", "log1p"):
            made[f"m_{name}"] = of(a, _FUNCTIONS[name], max, missing)
        made["m_sign"] = of(a, np.sign, sum, 0.0)
        made["m_lower"] = of(a, lambda x: np.clip(x, 0.5, None), min, missing)
        made["m_upper"] = of(a, lambda x: np.clip(x, None, 100.0), max, missing)
        made["m_point"] = of(a, lambda x: np.clip(x, 2.0, 2.0), len, 0.0)
        made["m_linear"] = of(a, lambda x: x * 0.0 + 7.0, len, 0.0)
        made["m_root"] = of(n, np.sqrt, max, missing)
    return made


def steps(rows: dict) -> dict:
    a = [numbers(row, "float64") for row in rows["a"]]

    def shown(function: Function) -> list:
        made = [None if row is None else [float(function(x)) for x in row] for row in a]
        return [None if row is None else [_shown(x) for x in row] for row in made]

    with np.errstate(all="ignore"):
        return {
            "a_sign": shown(lambda x: np.sign(x) + 0.0),
            "a_point": shown(lambda x: np.clip(x, 2.0, 2.0)),
            "a_linear": shown(lambda x: x * 0.0 + 7.0),
        }


def _shown(x: float) -> float | str | None:
    return None if x != x else x  # noqa: PLR0124
