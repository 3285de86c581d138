"""Lists of numbers and of tokens: see `harness/vectors.py`."""

import random

from harness import vectors


def rows() -> dict[str, list]:
    made = vectors.columns("parity dot")
    return {name: made[name] for name in ("a", "b", "n", "s", "t", "h")}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    made = vectors.bulk(texts, numbers, rng)
    return {name: made[name] for name in ("a", "b", "n", "s", "t", "h")}
