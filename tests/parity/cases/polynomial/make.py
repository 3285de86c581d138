"""Numbers of every size, and drawn ones."""

# Data read better in rows than one value a line.

import random

_X = [
    0.0, -0.0, 1.0, -1.0, 2.0, 0.1, float("inf"), float("-inf"), float("nan"), None, 5e-324, -5e-324, 1e-200, 1e150, -1e150,
    1.7976931348623157e308, -1.7976931348623157e308, 4.47213595499958, -4.47213595499958,
]  # fmt: skip
_N = [0, 1, -3, 2**53 + 1, 2**63 - 1, -(2**63), None, 70]


def rows() -> dict[str, list]:
    rng = random.Random("parity polynomial")
    x = _X + [rng.gauss(0, 10) for _ in range(60)]
    return {"x": x, "n": [_N[k % len(_N)] for k in range(len(x))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"x": numbers, "n": [rng.choice(_N) for _ in numbers]}
