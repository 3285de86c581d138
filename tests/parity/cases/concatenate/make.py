"""Texts that are missing, empty, invalid or long, in every pair."""

import random

_TEXTS = ["red", "", None, " ", b"\xff", "a\0b", "\U0001f469\u200d\U0001f467", "e\u0301", b"\xed\xa0\x80", "x" * 300]


def rows() -> dict[str, list]:
    pairs = [(a, b) for a in _TEXTS for b in _TEXTS]
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "c": (_TEXTS * 7)[: len(pairs) // 2] * 2}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    pick = lambda: [rng.choice(texts) for _ in range(2_000)]  # noqa: E731
    return {"a": pick(), "b": pick(), "c": pick()}
