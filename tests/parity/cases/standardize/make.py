"""Finite numbers with missing ones; `wide` mixes 1e300, -1e300 and 1e-300, which plain sums lose."""

import random
from decimal import Decimal


def rows() -> dict[str, list]:
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
    return {
        "x": x,
        "i": i,
        "d": [None if i % 6 == 5 else Decimal(rng.randint(-(10**12), 10**12)) / 10**6 for i in range(count)],
        "wide": [wide[i % len(wide)] for i in range(count)],
        "equal": [None if i % 5 == 0 else 7 for i in range(count)],
        "none": [float("nan") if i % 2 else None for i in range(count)],
        "b": [None if i % 10 == 9 else rng.random() < 0.3 for i in range(count)],
    }
