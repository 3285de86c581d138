"""`numpy.polynomial.polynomial.polyval`, and Horner's rule in Python for infinite numbers, where NumPy's is NaN."""

from functools import reduce
from math import isinf

import numpy as np
from harness.reference import number
from numpy.polynomial import polynomial

_STEPS = {
    "cubic": ("x", [1, -2.5, 0, 0.125]),
    "constant": ("x", [3.5]),
    "zero": ("x", [0, 0, 0]),
    "line": ("n", [-7, 0.1]),
    "padded": ("x", [0.1, -0.3, 0, 0, 0]),
    "steep": ("x", [-1e300, 0, 1e300, -0.5]),
    "filled": ("filled", [0, 0, 1]),
}


def value(x: float, coefficients: list[float]) -> float:
    if isinf(x):
        used = max((k for k, c in enumerate(coefficients) if c), default=0)
        return reduce(lambda total, c: total * x + c, coefficients[used::-1])
    with np.errstate(over="ignore", invalid="ignore"):
        return float(polynomial.polyval(np.float64(x), np.array(coefficients, dtype=float)))


def expected(rows: dict, mode: str) -> dict:
    columns = {"x": [number(v, "float64") for v in rows["x"]], "n": [number(v, "int64") for v in rows["n"]]}
    columns["filled"] = [1.5 if v is None else float(v) for v in rows["n"]]
    return {step: [value(x, coefficients) for x in columns[name]] for step, (name, coefficients) in _STEPS.items()}
