"""Numbers at, next to, between and far outside of the points."""

# Data read better in rows than one value a line.

import random

_X = [
    -10.0, -10.000000000000002, -9.999999999999998, -1.5, 0.0, -0.0, 0.1, 0.09999999999999999, 0.10000000000000002, 100.0,
    100.00000000000001, 99.99999999999999, 1.0, 2.0, 0.5, -1.0, float("inf"), float("-inf"), float("nan"), None, 5e-324,
    1e-300, 5e-301, 1e-299, 2e-300, 9.9e-300, -1e-300, -5e-301, -2e-300, 3e-300, 1.7e308, -1.7e308, 1.6e308, -1e308, 8.5e307,
    1.7976931348623157e308, -1.7976931348623157e308,
]  # fmt: skip
_N = [0, 1, 2, 3, 4, 5, 6, -1, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity piecewise_linear")
    x = _X + [rng.uniform(-15, 110) for _ in range(40)] + [rng.uniform(-1.5, 0.2) for _ in range(40)]
    return {"x": x, "n": [_N[k % len(_N)] for k in range(len(x))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"x": numbers, "n": [rng.choice(_N) for _ in numbers]}
