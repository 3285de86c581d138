"""Conditions of both outcomes and missing ones, with missing and infinite numbers to choose from."""

import random

_C = [0.0, -0.0, 1.0, -1.0, 5e-324, float("inf"), float("-inf"), float("nan"), None, 0.5]
_A = [1.5, None, float("nan"), float("inf"), -0.0, 1.7976931348623157e308]
_B = [2, None, 0, 2**63 - 1, -(2**63)]


def _drawn(c: list, rng: random.Random, a: list) -> dict[str, list]:
    pick = lambda values: [rng.choice(values) for _ in c]  # noqa: E731
    return {"c": c, "flag": pick([True, False, None]), "a": a, "b": pick(_B)}


def rows() -> dict[str, list]:
    rng = random.Random("parity if_else")
    c = _C * 12
    return _drawn(c, rng, [rng.choice(_A) for _ in c])


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return _drawn(numbers, rng, rng.sample(numbers, len(numbers)))
