"""Finite numbers of many sizes with missing ones: a statistic of infinities is none."""

import math
import random

_X = [0.0, -0.0, None, float("nan"), 5e-324, -5e-324, 1e300, -1e300, 7.25, 7.25, -3.0, 7.25]


def rows() -> dict[str, list]:
    rng = random.Random("parity impute")
    x = _X + [rng.choice([None, round(rng.gauss(5, 20), 1)]) for _ in range(89)]
    i = [None if k % 5 == 2 else rng.randint(-4, 4) for k in range(len(x))]
    return {"x": x, "i": i, "none": [None] * len(x)}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    x = [value for value in numbers if not math.isinf(value) and abs(value) < 1e12]
    return {"x": x, "i": [rng.choice([None, 1, 2, -5, 2**31 - 1]) for _ in x], "none": [None] * len(x)}
