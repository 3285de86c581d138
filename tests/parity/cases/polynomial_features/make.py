"""Numbers of every size in three columns: missing, infinite, zero beside infinite, products past f64."""

# Data read better in rows than one value a line.

import random

_X = [0.0, -0.0, 1.0, -2.0, 0.1, None, float("nan"), float("inf"), float("-inf"), 1e200, -1e200, 1e-200, 5e-324, 3.7]
_C = [0, 1, -7, None, 2**31 - 1, -(2**31)]


def _columns(count: int, rng: random.Random, values: list) -> dict[str, list]:
    pick = lambda values: [rng.choice(values) for _ in range(count)]  # noqa: E731
    return {"a": pick(values), "b": pick(values), "c": pick(_C)}


def rows() -> dict[str, list]:
    rng = random.Random("parity polynomial_features")
    some = _columns(90, rng, _X)
    drawn = [rng.gauss(0, 10) for _ in range(30)]
    return {
        name: values + more
        for (name, values), more in zip(some.items(), (drawn, drawn[::-1], list(range(30))), strict=True)
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return _columns(2_000, rng, numbers)
