"""Token lists with runs in common: missing, empty, repeated, overlapping, unseen and invalid tokens."""

# Data read better in rows than one value a line.

import random

_EDGES = [
    (["red"], None), (None, ["red"]), (None, None), ([], ["red"]), (["red"], []), ([], []), (["red"], ["red"]), (["red"], ["lamp"]),
    (["red", "lamp"], ["lamp", "red"]), (["a", "a", "b"], ["a", "a", "a", "b"]), (["a", "b", "a", "c"], ["a", "b", "a", "b", "a", "c"]),
    (["a", "b", "a", "b", "c"], ["a", "b", "a", "b", "a", "b", "c"]), (["a"] * 9 + ["b"], ["a"] * 40), (["a"] * 9 + ["b"], ["a"] * 40 + ["b"]),
    ([b"\xff", "a\0b"], ["\ufffd", "a\0b", "a"]), (["", "red"], ["", "", "red"]), ([""], [""]), (["e\u0301"], ["\u00e9"]),
    (["red", "red"], ["red"]), (["lamp"], ["red", "lamp"]), (["lamp"], ["lamp", "red"]), (["red", "lamp", "x"], ["red", "lamp"]),
    (["red", "lamp"], ["red", "x", "lamp"]), (["x", "lamp", "red"], ["red", "lamp"]),
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity text_match")
    pairs = list(_EDGES)
    for most in [3, 6, 40] * 25:
        title = [rng.choice("aabc") for _ in range(rng.randint(0, most))]
        start = rng.randrange(len(title) + 1)
        query = title[start : start + rng.randint(0, most)]
        if rng.random() < 0.3:
            query.insert(rng.randrange(len(query) + 1), rng.choice("abcd"))
        pairs.append((query, title))
    return {"query": [query for query, _ in pairs], "title": [title for _, title in pairs]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    title = [None if text is None else text.split() for text in texts[:5_000]]
    query = []
    for words in title:
        start = rng.randrange(len(words or []) + 1)
        query.append((words or [])[start : start + rng.randint(0, 4)] if rng.random() < 0.8 else rng.choice(title))
    return {"query": query, "title": title}
