"""Ties in both orders, single items, long lists, missing items, invalid UTF-8 that becomes equal by repair."""

import random

from harness.categories import INTEGERS, draws, words


def rows() -> dict[str, list]:
    rng = random.Random("parity top_value")
    s = draws(rng, 110)
    s += [rng.choices("abc", k=rng.randint(1, 9)) for _ in range(40)]
    return {"s": s, "n": [INTEGERS[i % len(INTEGERS)] for i in range(len(s))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    s = [words(texts, i, 80) for i in range(4000)]
    return {"s": s, "n": [[rng.randint(-2, 2) for _ in range(i % 9)] for i in range(len(s))]}
