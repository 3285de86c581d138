"""Token lists: missing, empty, repeated, in another order, of every plane, invalid; lists of integers."""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None, [], [""], ["red", "lamp"], ["lamp", "red", "red"], ["red"] * 90, ["a b", "a", "b"], [b"\xff", b"\xed\xa0\x80", "\ufffd"], ["a\0b", "\0"],
    ["\U0001f469\u200d\U0001f467", "\U0010ffff"], ["e\u0301", "\u00e9"], ["x" * 1000], [None, "red"],
]  # fmt: skip
_IDS = [None, [], [0], [-1, 2**63 - 1, -(2**63)], [7, 7, None]]


def rows() -> dict[str, list]:
    rng = random.Random("parity min_hash")
    words = [f"w{i}" for i in range(300)]
    lists = [*_LISTS, *(rng.choices(words, k=rng.randint(0, 30)) for _ in range(67))]
    ids = [*_IDS, *([rng.getrandbits(62) for _ in range(rng.randint(0, 9))] for _ in range(75))]
    return {"tokens": lists, "ids": ids}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    lists = [None if text is None else text.split() for text in rng.sample(texts, min(len(texts), 2000))]
    return {"tokens": lists, "ids": [[rng.getrandbits(63) for _ in range(rng.randint(0, 9))] for _ in lists]}
