"""Numbers with infinities, which the ends leave out, and keys of one, nine, ten and more numbers.

Below the fitted rows are numbers past their ends, with and without keys that they have.
"""

import random

_KEYS = ["shoes", "lamp", "", "a\0b", b"\xff", "\ufffd", "42", None]

_X = [
    0.0, -0.0, 1.0, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, None, float("nan"), 7.5, 7.5, 7.5, 0.1,
    float("inf"), float("inf"), float("-inf"), 2.0**53, -2.5,
]  # fmt: skip


def _keys(rng: random.Random, count: int) -> list:
    # "nine" has one number too few for the default, "ten" just enough.
    made = [rng.choice(_KEYS) for _ in range(count)]
    return ["nine"] * 9 + ["ten"] * 10 + ["one"] + made[20:]


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity min_max")
    x = _X + [rng.gauss(0, 1e3) for _ in range(131)]
    y = [None if k > 20 and k % 11 == 5 else round(rng.lognormvariate(2, 1.5), 3) for k in range(len(x))]
    huge = [1.7976931348623157e308, -1.7976931348623157e308, None, 3.0, -1e308, 0.0, 5e-324]
    return {
        "x": x,
        "y": y,
        "huge": [huge[k % len(huge)] for k in range(len(x))],
        "equal": [None if k % 5 == 0 else 7 for k in range(len(x))],
        "none": [None] * len(x),
        "inf": [float("inf") if k % 3 else float("-inf") for k in range(len(x))],
        "key": _keys(rng, len(x)),
        "id": [rng.choice([1, 2, -3, 2**63 - 1, None, 42]) for _ in x],
    }


def rows() -> dict[str, list]:
    largest, infinity = 1.7976931348623157e308, float("inf")
    unseen = {
        "x": [largest, -largest, infinity, -infinity, None, 2.0],
        "y": [1e9, -5.0, infinity, -infinity, None, 0.0],
        "huge": [infinity, -infinity, None, 2.0, -0.0, largest],
        "equal": [8, 6, None, 7, 2**31 - 1, -(2**31)],
        "none": [1.0, 0.0, None, infinity, -1.0, 2.0],
        "inf": [1.0, 0.0, None, infinity, -infinity, -1.0],
        "key": ["ten", "unseen", "nine", None, "one", "lam"],
        "id": [42, 43, 0, None, -42, 2**63 - 1],
    }
    return {name: values + unseen[name] for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    x, count = numbers, len(numbers)
    small = fit_rows()
    cycle = lambda name: [small[name][k % len(small[name])] for k in range(count)]  # noqa: E731
    return {
        "x": x,
        "y": [v if abs(v) < 1e12 else None for v in rng.sample(x, count)],
        "huge": cycle("huge"),
        "equal": cycle("equal"),
        "none": cycle("none"),
        "inf": cycle("inf"),
        "key": [rng.choice([*texts[:500], None]) for _ in x],
        "id": [rng.choice([None, rng.randint(0, 400)]) for _ in x],
    }
