"""Distinct numbers, few distinct ones (edges are merged), equal ones, infinities, and none."""

import random

_X = [
    0.0, -0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, None, float("nan"), 7.5, 7.5, 7.5, 0.1,
    float("inf"), float("inf"), float("-inf"), 2.0**53, -2.5,
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity quantile_bucketize")
    x = _X + [rng.gauss(0, 10) for _ in range(81)]
    y = [None if k % 11 == 5 else round(rng.lognormvariate(2, 1.5), 3) for k in range(len(x))]
    i = [None if k % 8 == 3 else rng.choice([0, 0, 0, 1, 2, 9, 9, -4]) for k in range(len(x))]
    ends = [float("inf") if k % 2 else float("-inf") for k in range(len(x))]
    return {
        "x": x,
        "y": y,
        "i": i,
        "equal": [None if k % 4 == 0 else 7 for k in range(len(x))],
        "none": [None] * len(x),
        "ends": [*ends[:-1], 3.0],
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    x, count = numbers, len(numbers)
    return {
        "x": x,
        "y": [v if abs(v) < 1e15 else None for v in rng.sample(x, count)],
        "i": [rng.randint(-3, 12) for _ in x],
        "equal": [7] * count,
        "none": [None] * count,
        "ends": [float("inf") if k % 2 else float("-inf") for k in range(count)],
    }
