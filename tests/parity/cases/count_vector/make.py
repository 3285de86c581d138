"""Token lists: missing, empty, of every plane, invalid, repeated; the most frequent words differ in count."""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None, [], ["red", "red", "lamp"], ["a\0b", "\0"], ["\U0001f469\u200d\U0001f467", "\U0002a6d6", "\uffff"], ["\u00e9", "e\u0301", "E"],
    [b"\xff", b"\xed\xa0\x80"], ["red"] * 40, ["w0 w1", "w0", "w1"], None, [], ["red", "w1", "w2", "w3"], ["w1", "w1", "x", "y", "z"], [""],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity count_vector")
    words = ["red", *(f"w{i}" for i in range(50))]
    draw = lambda: [words[min(int(rng.expovariate(0.15)), 50)] for _ in range(rng.randint(0, 30))]  # noqa: E731
    return {"tokens": [*_LISTS, *(draw() for _ in range(70))]}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    drawn = rng.sample(texts, min(len(texts), 2000))
    # `counted` and `shared` need terms that are neither rare nor everywhere.
    common = [["red", "w1"] if i % 8 == 0 else ["w0"] * (i % 60 == 0) for i in range(len(drawn))]
    return {
        "tokens": [None if text is None else [*text.split(), *words] for text, words in zip(drawn, common, strict=True)]
    }
