"""Token lists: missing, empty, as long as the n-grams and a token shorter, empty and repeated tokens, spaces in tokens."""

# Data read better in rows than one value a line.

import random

_LISTS: list = [
    None, [], [""], ["a"], ["a", "b"], ["a", "b", "c"], ["", ""], ["", "a", ""], ["a"] * 9, list("abcdefgh"), list("abcdefghi"), ["a b", "c"],
    ["a", "b c"], [b"\xff", "\ufffd"], ["\0", "a\0"], ["e\u0301", "\u00e9"], ["\U0001f469\u200d\U0001f467", "x"], [None, "a", None, "b"], ["x" * 300, "y"],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity token_ngrams")
    words = ["red", "lamp", "usb", "c", "", "é"]
    made = _LISTS + [rng.choices(words, k=rng.randint(0, 12)) for _ in range(60)]
    return {"tokens": made}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    made = [None if text is None else text.split()[:40] for text in rng.sample(texts, min(len(texts), 2000))]
    return {"tokens": made}
