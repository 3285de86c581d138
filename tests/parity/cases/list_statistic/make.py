"""Missing and empty lists, missing items, sums that overflow on the way, cancel, or have no value, and random draws."""

# Data read better in rows than one value a line.

import random

_NAN, _INF, _MAX = float("nan"), float("inf"), 1.7976931348623157e308
_A = [
    None, [], [None], [_NAN, None], [1.0], [None, 2.0, _NAN], [1.0, 2.0, 4.0], [0.1] * 10, [-0.0], [-0.0, 0.0], [_INF, 1.0], [-_INF, 1.0], [_INF, -_INF],
    [_INF, _INF, None], [1e16, 1.0, -1e16], [1.0, 1e16, -1e16], [1e300, 1.0, -1e300], [_MAX, _MAX, -_MAX, -_MAX], [_MAX, _MAX], [-_MAX, -_MAX, None],
    [1e308, 1e308, -1e308, None], [1e308, 1e308, -1e308, -1e308, 8.0], [5e-324, 5e-324], [5e-324, 0.0], [1e-310, 3e-310], [3.0, -7.0, 2.0], [-3.0, None, -1.0], [_MAX, 1e292], [_MAX, _INF, -_MAX],
    [1e308, 1e308, 1e308, -1e308, -1e308, -1e308, 8e307],
]  # fmt: skip
_N = [0, 1, -5, 2**53 + 1, 2**63 - 1, -(2**63), None, 7]


def rows() -> dict[str, list]:
    rng = random.Random("parity list_statistic")
    a: list = _A + [[rng.gauss(3, 10) for _ in range(rng.randint(1, 30))] for _ in range(40)]
    return {
        "a": a,
        "n": [None if i % 7 == 3 else [_N[(i + k) % len(_N)] for k in range(i % 5)] for i in range(len(a))],
        "h": [None if i % 6 == 5 else float(i) for i in range(len(a))],
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    count = 2000
    return {
        "a": [rng.choices(numbers, k=rng.randint(0, 6)) for _ in range(count)],
        "n": [[rng.getrandbits(rng.randint(1, 63)) for _ in range(rng.randint(0, 5))] for _ in range(count)],
        "h": [rng.randint(-9, 9) for _ in range(count)],
    }
