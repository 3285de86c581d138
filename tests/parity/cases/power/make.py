"""Numbers of both signs, of one, and of none; `tight` and `loose` want a lambda beyond 5 and below -5.

Below the fitted rows are numbers past theirs.
"""

import random

_X = [
    0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1e-17, -1e-17, 1e300, -1e300, 1.7976931348623157e308, None, float("nan"),
    float("inf"), float("-inf"), 2.0, 0.5, -0.5, 1e-300, 2.5, 1e5,
]  # fmt: skip


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity power")
    x = _X + [rng.gauss(0, 10) for _ in range(60)]
    count = len(x)
    y = [None if k % 11 == 5 else rng.gauss(1, 1) ** 3 for k in range(count)]
    y[:2] = [0.0, float("inf")]
    price = [round(rng.lognormvariate(3, 1), 2) for _ in range(count)]
    price[:5] = [0.0, -3.0, None, float("inf"), float("-inf")]
    return {
        "y": y,
        "price": price,
        "count": [None if k % 9 == 4 else int(rng.expovariate(0.2)) for k in range(count)],
        "debt": [-round(rng.lognormvariate(1, 0.7), 3) for _ in range(count)],
        "tight": [1000 - rng.expovariate(0.1) for _ in range(count)],
        "loose": [1000 + rng.expovariate(0.1) for _ in range(count)],
        "equal": [None if k % 5 == 0 else 7 for k in range(count)],
        "none": [None] * count,
        "x": x,
    }


def rows() -> dict[str, list]:
    unseen: list = [0.0, -0.0, -1.5, 1e9, -1e9, float("inf"), float("-inf"), None, 1e300, 5e-324, 7.25]
    whole = [0, 8, -1, 2**31 - 1, -(2**31), None, 6, 7, 1, 2, 3]
    return {name: values + (whole if name in ("count", "equal") else unseen) for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    small = fit_rows()
    count = 2_000
    made = {name: [values[k % len(values)] for k in range(count)] for name, values in small.items()}
    return made | {"x": rng.sample(numbers, count)}
