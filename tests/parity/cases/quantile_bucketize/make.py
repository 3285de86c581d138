"""Distinct numbers, few distinct ones (edges are merged), equal ones, infinities, and none.

Below the fitted rows are numbers beyond theirs and between them.
"""

import random

_X = [
    0.0, -0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, None, float("nan"), 7.5, 7.5, 7.5, 0.1,
    float("inf"), float("inf"), float("-inf"), 2.0**53, -2.5,
]  # fmt: skip


def fit_rows() -> dict[str, list]:
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


def rows() -> dict[str, list]:
    infinity = float("inf")
    unseen = {
        "x": [1e308, infinity, -infinity, None, 7.25, 0.0],
        "y": [1e9, -5.0, infinity, -infinity, None, 8.125],
        "i": [10, -5, 5, None, 2**63 - 1, -(2**63)],
        "equal": [8, 6, 7, None, 2**31 - 1, -(2**31)],
        "none": [1.0, 0.0, infinity, -infinity, None, float("nan")],
        "ends": [1e300, -4.0, infinity, -infinity, None, 3.0],
    }
    return {name: values + unseen[name] for name, values in fit_rows().items()}


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
