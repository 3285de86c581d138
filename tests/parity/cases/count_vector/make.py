"""Token lists: missing, empty, unseen, of every plane, invalid, repeated; the most frequent words differ in count."""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None, [], ["red", "red", "lamp"], ["a\0b", "\0"], ["\U0001f469\u200d\U0001f467", "\U0002a6d6", "\uffff"], ["\u00e9", "e\u0301", "E"],
    [b"\xff", b"\xed\xa0\x80"], ["red"] * 40, ["w0 w1", "w0", "w1"], None, [], ["red", "w1", "w2", "w3"], ["w1", "w1", "x", "y", "z"], [""],
]  # fmt: skip
#: Terms that no fitted row has, alone and beside known ones; known words next to each other as they never were.
_UNSEEN = [
    ["new"],
    ["new", "red", "new", "w0"],
    ["re", "w51", ""],
    ["a\0b", "e\u0301", "\0"],
    ["red", "nowhere", "w1", "nowhere"],
]


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity count_vector")
    words = ["red", *(f"w{i}" for i in range(50))]
    draw = lambda: [words[min(int(rng.expovariate(0.15)), 50)] for _ in range(rng.randint(0, 30))]  # noqa: E731
    return {"tokens": [*_LISTS, *(draw() for _ in range(70))]}


def rows() -> dict[str, list]:
    return {"tokens": fit_rows()["tokens"] + _UNSEEN}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    drawn = rng.sample(texts, min(len(texts), 2000))
    # `counted` and `shared` need terms that are neither rare nor everywhere.
    common = [["red", "w1"] if i % 8 == 0 else ["w0"] * (i % 60 == 0) for i in range(len(drawn))]
    return {
        "tokens": [None if text is None else [*text.split(), *words] for text, words in zip(drawn, common, strict=True)]
    }
