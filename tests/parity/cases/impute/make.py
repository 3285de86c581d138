"""Finite numbers of many sizes with missing ones; `far` has infinite ones too.

Below the fitted rows are more numbers, from which nothing is learnt.
"""

import math
import random

_X = [0.0, -0.0, None, float("nan"), 5e-324, -5e-324, 1e300, -1e300, 7.25, 7.25, -3.0, 7.25]


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity impute")
    x = _X + [rng.choice([None, round(rng.gauss(5, 20), 1)]) for _ in range(89)]
    i = [None if k % 5 == 2 else rng.randint(-4, 4) for k in range(len(x))]
    far = [math.copysign(math.inf, k % 3 - 1) if k % 7 == 1 else value for k, value in enumerate(x)]
    return {"x": x, "i": i, "none": [None] * len(x), "far": far}


def rows() -> dict[str, list]:
    more = {
        "x": [None, 1e9, -1e9, 9.5],
        "i": [None, 77, 77, -77],
        "none": [None, 2.5, math.inf, 0.0],
        "far": [None, 3e9, 4.0, 5.0],
    }
    return {name: values + more[name] * 9 for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    x = [value for value in numbers if not math.isinf(value) and abs(value) < 1e12]
    i = [rng.choice([None, 1, 2, -5, 2**31 - 1]) for _ in x]
    return {"x": x, "i": i, "none": [None] * len(x), "far": rng.sample(numbers, len(x))}
