"""Token lists: missing, empty, repeated, colliding, of every plane, invalid, and a row of 5,000."""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None, [], [""], ["red", "shoes", "red"], ["a"], ["a", "b", "c", "d", "e", "f", "g", "h", "i"], ["a b", "a", "b"],
    ["na\u00efve", "Stra\u00dfe", "\ufb01ne"], ["\U0001f469\u200d\U0001f467", "\U0002a6d6", "\U0010ffff"], ["a\0b", "\0"],
    [b"\xff", b"\xed\xa0\x80", b"\xe2\x82", "\ufffd"], ["x" * 1000], ["abcd", "abc", "ab"], ["\u05e9\u05dc", "e\u0301"],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity hashed_terms")
    words = [f"w{i}" for i in range(3000)]
    random_rows = [[rng.choice(words) for _ in range(rng.randint(1, 700))] for _ in range(12)]
    return {"tokens": [*_LISTS, *random_rows, [rng.choice(words) for _ in range(5000)]]}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    return {"tokens": [None if text is None else text.split() for text in rng.sample(texts, min(len(texts), 2000))]}
