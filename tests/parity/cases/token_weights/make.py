"""Tokens of every frequency: missing, empty, repeated in a row, in all rows, unseen, and invalid UTF-8 that is repaired to
be equal."""

import random

_LISTS: list = [
    None,
    [],
    [""],
    ["red"] * 9,
    ["red", "lamp"],
    [b"\xff", "\ufffd"],
    ["a\0b"],
    ["e\u0301", "\u00e9"],
    ["x" * 300],
]
#: Tokens that no fitted row has, alone and beside others.
_UNSEEN: list = [["unseen"], ["unseen", "red", "nowhere", "unseen"], ["re", "the"], ["redd", ""], [b"\xff", "e"]]


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity token_weights")
    words = ["red", *(f"w{i}" for i in range(40))]
    skewed = lambda: [words[min(int(rng.expovariate(0.2)), 40)] for _ in range(rng.randint(1, 8))]  # noqa: E731
    made = _LISTS + [["the", *skewed()] for _ in range(70)]
    return {"tokens": made, "none": [None] * len(made)}


def rows() -> dict[str, list]:
    fitted = fit_rows()
    # Nothing at all is learnt from `none`.
    return {"tokens": fitted["tokens"] + _UNSEEN, "none": fitted["none"] + _UNSEEN}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    made = [None if text is None else text.split()[:40] for text in rng.sample(texts, min(len(texts), 3000))]
    return {"tokens": made, "none": [None] * len(made)}
