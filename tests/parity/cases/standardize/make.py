"""Finite numbers with missing ones; `wide` mixes 1e300, -1e300 and 1e-300, which plain sums lose.

Keys of one, nine, ten and more numbers; `infinite` has a few infinities, and a key that has nothing else; `far` has a
number further from the mean than the largest double. Below the fitted rows are numbers past all of theirs, beside keys
that they have and that they do not, and numbers where they have none.
"""

import random
from decimal import Decimal


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity standardize")
    count = 70
    x = [
        None if i % 9 == 4 else float("nan") if i % 13 == 6 else rng.gauss(50, 20) * 10 ** rng.randint(-3, 3)
        for i in range(count)
    ]
    x[:4] = [0.0, -0.0, 5e-324, 2.0**60]
    i = [None if i % 8 == 3 else rng.randint(-(10**6), 10**6) for i in range(count)]
    i[:3] = [2**63 - 1, -(2**63), 2**53 + 1]
    wide = [1e300, 1e-300, -1e300, None, 3.5, 1e150, -1e150, 1e-150, 5e-324, -2.25]
    # "nine" has one number too few for the default, "ten" just enough.
    given = [k for k in range(count) if x[k] is not None and x[k] == x[k]]
    special = dict(zip(given, ["nine"] * 9 + ["ten"] * 10 + ["one"], strict=False))
    keys = [special.get(k) or rng.choice(["", "a\0b", b"\xff", "\ufffd", "42", None]) for k in range(count)]
    infinite = [float("inf") if key == "ten" and k % 4 == 0 else rng.gauss(0, 1) for k, key in enumerate(keys)]
    infinite = [-float("inf") if key == "42" else value for key, value in zip(keys, infinite, strict=True)]
    largest = 1.7976931348623157e308
    return {
        "key": keys,
        "id": [42] * count,
        "infinite": infinite,
        "far": [largest if k % 10 == 9 else -largest for k in range(count)],
        "x": x,
        "i": i,
        "d": [None if i % 6 == 5 else Decimal(rng.randint(-(10**12), 10**12)) / 10**6 for i in range(count)],
        "wide": [wide[i % len(wide)] for i in range(count)],
        "equal": [None if i % 5 == 0 else 7 for i in range(count)],
        "none": [float("nan") if i % 2 else None for i in range(count)],
        "b": [None if i % 10 == 9 else rng.random() < 0.3 for i in range(count)],
    }


def rows() -> dict[str, list]:
    largest, infinity = 1.7976931348623157e308, float("inf")
    unseen = {
        "key": ["ten", "unseen", None, "te", "nine", "ten"],
        "id": [42, 42, 43, None, 42, 42],
        "x": [2.0**70, -(2.0**70), 0.25, None, infinity, -infinity],
        "i": [0, 7, 8, -9, None, 2**62],
        "d": [Decimal("99999999.5"), Decimal(0), None, Decimal(1), Decimal(2), Decimal("-99999999.5")],
        "wide": [largest, -largest, 7.0, 1e-10, None, infinity],
        "infinite": [1e9, 0.5, infinity, -infinity, None, 2.0],
        "far": [0.0, infinity, largest, -largest, None, 1.0],
        "equal": [8, 7, None, -(2**31), 6, 0],
        "none": [1.5, 0.0, None, infinity, -1.0, float("nan")],
        "b": [True, False, None, True, False, None],
    }
    return {name: values + unseen[name] for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    small = fit_rows()
    count = 3_000
    made = {name: [values[k % len(values)] for k in range(count)] for name, values in small.items()}
    finite = [v for v in numbers if abs(v) < float("inf")]
    made["wide"] = rng.sample(finite, count)
    made["infinite"] = rng.sample(numbers, count)
    made["far"] = rng.sample(numbers, count)
    made["key"] = [rng.choice([*texts[:200], None]) for _ in range(count)]
    return made
