"""Lists of edges one by one and together, empty and missing lists, missing items, and random draws."""

# Data read better in rows than one value a line.

import random

_NAN, _INF = float("nan"), float("inf")
_EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 0.49999999999999994, 100.0, 100.00000000000001, 99.99999999999999, 2.0, -2.5, 4.0, _INF, -_INF, _NAN, None,
    5e-324, -5e-324, 1e-310, 1e200, -1e200, 1.7976931348623157e308, -0.9999999999999999, -1.0000000000000002, 1e-20, 0.1,
]  # fmt: skip
_N = [0, 1, 2, 4, 10**6, 2**53 + 1, 2**63 - 1, -1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity each")
    a: list = [None, [], [None], *([x] for x in _EDGES), _EDGES]
    a += [[rng.gauss(0, 10) for _ in range(rng.randint(1, 9))] for _ in range(30)]
    h = [0.0, 90.0, 180.0, 270.0, 30.0, 210.0, None, _INF, 14.477512185929925, 120.0, 150.0, -30.0]
    return {
        "a": a,
        "n": [None if i % 7 == 3 else [_N[(i + k) % len(_N)] for k in range(i % 4)] for i in range(len(a))],
        "h": [h[i] if i < len(h) else rng.uniform(-720, 720) for i in range(len(a))],
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    count = 1500
    return {
        "a": [rng.choices(numbers, k=rng.randint(0, 5)) for _ in range(count)],
        "n": [[rng.getrandbits(rng.randint(1, 63)) for _ in range(rng.randint(0, 5))] for _ in range(count)],
        "h": [rng.choice(numbers[320:]) % 360 for _ in range(count)],
    }
