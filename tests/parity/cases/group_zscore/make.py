"""Groups of one, of equal numbers, with missing, infinite, tiny and huge members, and one of 200."""

import random

_NAN, _INF = float("nan"), float("inf")
_GROUPS = [
    [10.0, 20.0, 30.0],
    [5.0],
    [None],
    [_NAN, None],
    [7.25, 7.25, 7.25, None],
    [0.0, -0.0],
    [1.0, None, 3.0, _NAN],
    [1.0, _INF, 2.0],
    [_INF, _INF],
    [-_INF, 4.0],
    [5e-324, 0.0, 1e-320],
    [1e-200, 2e-200, 4e-200],
    [1e150, -1e150, 3.0],
    [1e200, -1e200, 5e199],
    [1.7976931348623157e308, -1.7976931348623157e308, 0.0],
    [1e16, 1.0, -1e16, 2.0],
    [0.1] * 10 + [0.2],
    # Far from zero and close together: squares about the mean, which products of other sums lose.
    [1e6 + 0.1, 1e6 + 0.3, 1e6 + 0.7],
]


def _groups() -> list[list]:
    rng = random.Random("parity group_zscore")
    return [*_GROUPS, [rng.gauss(100, 15) for _ in range(200)]]


def groups() -> list[int]:
    return [g for g, members in enumerate(_groups()) for _ in members]


def rows() -> dict[str, list]:
    x = [value for members in _groups() for value in members]
    n = [None if i % 5 == 2 else (i * 7919) % 11 - 5 for i in range(len(x))]
    return {"x": x, "n": n, "request": groups()}
