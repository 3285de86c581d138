"""Numbers at, next to and far from the edges."""

import random

_X = [
    0.0, -0.0, 0.1, 0.1000000000000001, 0.09999999999999999, -1.5, -1.5000000000000002, 100.0, 100.00000000000001, 3.0,
    float("inf"), float("-inf"), float("nan"), None, 5e-324, -5e-324, 1.7976931348623157e308, 7.5, 2.0,
]  # fmt: skip
_I = [0, -5, -6, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity bucketize")
    x = _X + [rng.uniform(-200, 200) for _ in range(60)]
    return {"x": x, "i": [_I[k % len(_I)] for k in range(len(x))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"x": numbers, "i": [rng.choice(_I) for _ in numbers]}
