"""Texts that are missing, empty, invalid or long, in every pair, and lists of them."""

import random

_TEXTS = ["red", "", None, " ", b"\xff", "a\0b", "\U0001f469\u200d\U0001f467", "e\u0301", b"\xed\xa0\x80", "x" * 300]


def rows() -> dict[str, list]:
    pairs = [(a, b) for a in _TEXTS for b in _TEXTS]
    lists = [None, [], ["red"], [t for t in _TEXTS if t is not None], ["", "red", ""], ["lamp", "red", "lamp"]]
    listed = [(s, t) for s in lists for t in lists]
    listed = [listed[i % len(listed)] for i in range(len(pairs))]
    return {
        "a": [a for a, _ in pairs],
        "b": [b for _, b in pairs],
        "c": (_TEXTS * 7)[: len(pairs) // 2] * 2,
        "s": [s for s, _ in listed],
        "t": [t for _, t in listed],
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    pick = lambda: [rng.choice(texts) for _ in range(2_000)]  # noqa: E731
    words = lambda: [text if text is None else [text[:9], text, text[9:12]] for text in pick()]  # noqa: E731
    return {"a": pick(), "b": pick(), "c": pick(), "s": words(), "t": words()}
