"""Every pair of edges in two columns, with a third of random ones and edges."""

import random

_EDGES = [0.0, -0.0, 1.0, -2.5, 5e-324, 1.7976931348623157e308, -1e308, float("inf"), float("-inf"), None, float("nan")]
_I = [0, -5, 3, 2**53 + 1, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity arithmetic")
    pairs = [(a, b) for a in _EDGES for b in _EDGES]
    c = [rng.choice([*_EDGES, None, None, rng.gauss(0, 5)]) for _ in pairs]
    i = [rng.choice(_I) for _ in pairs]
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "c": c, "i": i}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    a, b, c = (rng.sample(numbers, len(numbers)) for _ in range(3))
    return {"a": a, "b": b, "c": [v if k % 3 else None for k, v in enumerate(c)], "i": [rng.choice(_I) for _ in a]}
