"""Every pair of edges, and drawn pairs; whole numbers around 2^53."""

import random

_EDGES = [0.0, -0.0, 1.0, 1.0000000000000002, None, float("nan"), float("inf"), float("-inf"), 5e-324, 7.0]
_INTS = [0, 1, 2**53, 2**53 + 1, 2**53 + 2, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity compare")
    pairs = [(a, b) for a in _EDGES for b in _EDGES] + [(rng.choice([1, 2, 3]), rng.uniform(1, 3)) for _ in range(30)]
    ints = [_INTS[k % len(_INTS)] for k in range(len(pairs))]
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "i": ints}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"a": numbers, "b": rng.sample(numbers, len(numbers)), "i": [rng.choice(_INTS) for _ in numbers]}
