"""Numbers with infinities, which have places among the quantiles, and `ends`, half of them of each sign.

Below the fitted rows are numbers past theirs.
"""

import random

_X = [
    0.0, -0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, None, float("nan"), 7.5, 7.5, 7.5, 0.1,
    float("inf"), float("inf"), float("-inf"), 2.0**53, -2.5,
]  # fmt: skip


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity winsorize")
    x = _X + [rng.gauss(0, 10) for _ in range(82)]
    y = [None if k % 11 == 5 else round(rng.lognormvariate(2, 1.5), 3) for k in range(len(x))]
    i = [None if k % 8 == 3 else rng.randint(-(2**63), 2**63 - 1) >> rng.randint(0, 60) for k in range(len(x))]
    ends = [float("inf") if k % 2 else float("-inf") for k in range(len(x) - 1)]
    return {"x": x, "y": y, "i": i, "none": [None] * len(x), "ends": [*ends, 3.0]}


def rows() -> dict[str, list]:
    infinity = float("inf")
    unseen = {
        "x": [1.0e308, infinity, -infinity, None, 0.0],
        "y": [1e9, -5.0, infinity, -infinity, None],
        "i": [2**63 - 1, -(2**63), 0, None, 1],
        "none": [1.0, 1e300, infinity, None, -infinity],
        "ends": [1e300, -4.0, infinity, -infinity, None],
    }
    return {name: values + unseen[name] for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    x, count = numbers, len(numbers)
    ends = [float("inf") if k % 2 else float("-inf") for k in range(count)]
    return {
        "x": x,
        "y": [v if abs(v) < 1e15 else None for v in rng.sample(x, count)],
        "i": [rng.randint(-(2**40), 2**40) for _ in x],
        "none": [None] * count,
        "ends": ends,
    }
