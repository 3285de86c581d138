"""Lists of terms, for the cases that learn a vocabulary of them."""

from __future__ import annotations

import random

#: Missing, empty, repeated, of every plane, invalid.
LISTS: list[list[str | bytes] | None] = [
    None,
    [],
    ["red", "red", "lamp"],
    ["a\0b", "\0"],
    ["\U0001f469\u200d\U0001f467", "\U0002a6d6", "\uffff"],
    ["\u00e9", "e\u0301", "E"],
    [b"\xff", b"\xed\xa0\x80"],
    ["red"] * 40,
    ["w0 w1", "w0", "w1"],
    None,
    [],
]
#: Terms that no fitted row has, alone and beside known ones; known words next to each other as they never were.
UNSEEN = [
    ["new"],
    ["new", "red", "new", "w0"],
    ["re", "w51", ""],
    ["a\0b", "e\u0301", "\0"],
    ["red", "nowhere", "w1", "nowhere"],
]


def drawn(name: str) -> list[list[str]]:
    """Seventy lists drawn by a case's name; the most frequent words differ in count."""
    rng = random.Random(f"parity {name}")
    words = ["red", *(f"w{i}" for i in range(50))]
    draw = lambda: [words[min(int(rng.expovariate(0.15)), 50)] for _ in range(rng.randint(0, 30))]  # noqa: E731
    return [draw() for _ in range(70)]


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    """Texts as lists, with words that the cases' bounds on frequency are about."""
    taken = rng.sample(texts, min(len(texts), 2000))
    # `counted` and `shared` need terms that are neither rare nor everywhere.
    common = [["red", "w1"] if i % 8 == 0 else ["w0"] * (i % 60 == 0) for i in range(len(taken))]
    return {
        "tokens": [None if text is None else [*text.split(), *words] for text, words in zip(taken, common, strict=True)]
    }
