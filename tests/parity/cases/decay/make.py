"""Numbers at the origin, at the offset, at the scale, next to them, and at the ends of f64."""

# Data read better in rows than one value a line.

import random

_X = [
    0.0, -0.0, 7.0, -7.0, 14.0, 3.5, 1.0, 1.5, 0.5, 3.5, -1.5, 1.5000000000000002, -10.0, -7.0, -13.0, -4.5, -15.5, -3.0, -1.0, -5.0,
    1.0, 3.0, -9.0, 2.333, 2.3333333333333335, 2.4, 5e-324, -5e-324, 1e-300, 700.0, 1045.0, -1e5, 1e154, -1e200, -1e290, 1e290,
    1.7976931348623157e308, -1.7976931348623157e308, float("inf"), float("-inf"), float("nan"), None,
]  # fmt: skip
_N = [0, 1, -1, 1000, -1000, 2, 3, 4, 5, 1_000_000, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity decay")
    x = _X + [rng.gauss(0, 12) for _ in range(50)]
    return {"x": x, "n": [_N[i % len(_N)] for i in range(len(x))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"x": numbers[:4000], "n": [rng.choice([None, rng.getrandbits(rng.randint(1, 63))]) for _ in numbers[:4000]]}
