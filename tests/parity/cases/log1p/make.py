"""Edges of the logarithm and of every numeric type, then numbers of all sizes.

What fills missing numbers is not learnt from the last rows.
"""

# Data read better in rows than one value a line.

import random
from decimal import Decimal

_X = [
    0.0, -0.0, 1.0, -1.0, -0.5, -1.5, -2.0, -1e300, float("inf"), float("-inf"), float("nan"), None, 5e-324, -5e-324,
    2.2250738585072014e-308, 1e-320, -1e-320, 1.7976931348623157e308, 1e-17, -1e-17, 1.1102230246251565e-16, 2**53 + 1.0,
    -0.9999999999999999, -1.0000000000000002, 0.1, 1.718281828459045, 3.4028235677973366e38,
]  # fmt: skip
_I = [0, 1, -1, -2, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), None, 2**62 + 2**8 + 1, 1999]
_D = [Decimal("0.1"), Decimal("-0.999999"), Decimal("-1"), Decimal("12345678901234567890123456789012.123456"), None]
_F = [0.1, 16777217.0, 1e-45, 3.4028235e38, float("nan"), float("-inf"), None, -0.0]


def fit_rows() -> dict[str, list]:
    return {name: values[:-30] for name, values in rows().items()}


def rows() -> dict[str, list]:
    rng = random.Random("parity log1p")
    x = _X + [rng.choice([1, -1]) * rng.random() * 10.0 ** rng.randint(-30, 30) for _ in range(60)]
    count = len(x)
    cycle = lambda values: [values[i % len(values)] for i in range(count)]  # noqa: E731
    y = [
        None if i % 7 == 3 else float("nan") if i % 11 == 5 else rng.choice([0.25, 0.5, 7.0, rng.random() * 100])
        for i in range(count)
    ]
    return {
        "x": x,
        "f": cycle(_F),
        "i": cycle(_I),
        "n": cycle([0, 1, -1, 2**31 - 1, -(2**31), None]),
        "d": cycle(_D),
        "b": cycle([True, False, None]),
        "y": y,
    }
