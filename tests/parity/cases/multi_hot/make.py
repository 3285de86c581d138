"""Lists of categories: empty, missing, with repeats, missing items, invalid text and unseen ones; and texts as tokens."""

import random

_LISTS = [
    ["red", "lamp"],
    [],
    None,
    ["red", "red", "red"],
    ["", "a"],
    ["lamp", "red", "lamp"],
    ["42"],
    [b"\xff\xfe", "b"],
    ["a", None, "b"],
    [None],
    ["\xe9", "e\u0301", "\U0001f469\u200d\U0001f467", "a\0b"],
    [f"w{i}" for i in range(90)],
]
_NUMBERS = [0, 42, -1, 2**63 - 1, -(2**63), 7, 70]

_UNSEEN: dict[str, list] = {
    "tokens": [["unseen"], ["red", "unseen", None, "unseen"], ["re", "redd", "a"], ["w90", "w9"], [b"\xfe"]],
    "numbers": [[1], [1, 42, 1], [2**63 - 2, None], [8, 7], [-42]],
    "flags": [[False], [True, False], [None], [], None],
    "text": ["unseen", "unseen red", "red unseen lamp unseen", "re lamps", b"\xfered"],
}


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity multi_hot")
    count = 120
    numbers = [[rng.choice([*_NUMBERS, None]) for _ in range(rng.randrange(5))] for _ in range(count)]
    texts = ["red lamp", "", None, "Red red lamp", "the of and", b"\xff lamp", "42 w1 w1 \U0001f469\u200d\U0001f467"]
    return {
        "tokens": _LISTS + [rng.choice(_LISTS[:-1]) for _ in range(count - len(_LISTS))],
        "numbers": [None, *numbers[1:]],
        "flags": [rng.choice([[True], [False, True, True], [], None]) for _ in range(count)],
        "text": [texts[(5 * k) % len(texts)] for k in range(count)],
    }


def rows() -> dict[str, list]:
    return {name: values + _UNSEEN[name] for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    some = [rng.choice(texts) for _ in range(3_000)]
    return {
        "tokens": [text if text is None else text.split()[:20] for text in some],
        "numbers": [[rng.randrange(200) for _ in range(rng.randrange(9))] for _ in some],
        "flags": [rng.choice([[True], [False, True, True], [], None]) for _ in some],
        "text": some,
    }
