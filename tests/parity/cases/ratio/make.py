"""Every pair of edges, some of which smoothing makes zero, and random numbers."""

import random

_EDGES = [
    0.0,
    -0.0,
    1.0,
    -2.5,
    5e-324,
    1.7976931348623157e308,
    -1e-308,
    float("inf"),
    float("-inf"),
    None,
    float("nan"),
]
_I = [0, -10, 3, 2**53 + 1, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity ratio")
    pairs = [(a, b) for a in _EDGES for b in _EDGES] + [(rng.gauss(0, 5), rng.gauss(0, 5)) for _ in range(30)]
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "i": [7] * len(pairs)}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    a, b = (rng.sample(numbers, len(numbers)) for _ in range(2))
    return {"a": a, "b": b, "i": [rng.choice(_I)] * len(a)}
