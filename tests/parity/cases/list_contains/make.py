"""Items that are there, are not, are nearly there, are invalid UTF-8, empty or missing."""

import random

from harness.categories import INTEGERS, WORDS, draws, words

_COUNT = 120


def rows() -> dict[str, list]:
    rng = random.Random("parity list_contains")
    return {
        "s": draws(rng, _COUNT),
        "q": [None if i % 11 == 0 else ("red" if i < 16 else rng.choice(WORDS)) for i in range(_COUNT)],
        "n": [INTEGERS[i % len(INTEGERS)] for i in range(_COUNT)],
        "k": [None if i % 13 == 5 else rng.choice([7, -7, 0, 1, 49, 50]) for i in range(_COUNT)],
        "b": [[b"red", b"\xff", b"7", b""][: i % 5] for i in range(_COUNT)],
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    s = [words(texts, i, 60) for i in range(4000)]
    q = [None if not row or i % 9 == 0 else rng.choice(row if i % 3 else s[i - 1] or row) for i, row in enumerate(s)]
    n = [[rng.randint(-9, 9) for _ in range(i % 6)] for i in range(len(s))]
    return {"s": s, "q": q, "n": n, "k": [rng.randint(-9, 9) for _ in s], "b": s}
