"""Token lists of queries and documents: missing, empty, repeated, unseen and invalid tokens."""

# Data read better in rows than one value a line.

import random

_EDGES = [
    (["red"], None), (None, ["red"]), (None, None), ([], ["red"]), (["red"], []), ([], []),
    (["red", "red", "lamp"], ["red", "lamp", "red"]), (["unseen"], ["red"]), (["lamp"], ["lamp"] * 50),
    ([b"\xff", "a\0b"], ["\ufffd", "a\0b", "a"]), (["\U0001f469\u200d\U0001f467"], ["\U0001f469", "\U0001f469\u200d\U0001f467"]),
    (["", "red"], ["", ""]), (["e\u0301"], ["\u00e9"]),
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity bm25")
    words = ["red", "lamp", "shoe", "cable", "black"] + [f"w{i}" for i in range(60)]
    draw = lambda most: [words[min(int(rng.expovariate(0.1)), 64)] for _ in range(rng.randint(0, most))]  # noqa: E731
    long = lambda: [words[min(int(rng.expovariate(0.1)), 64)] for _ in range(rng.randint(31, 90))]  # noqa: E731
    pairs = _EDGES + [(draw(5), draw(25)) for _ in range(60)] + [(long(), draw(25)) for _ in range(20)]
    return {"query": [query for query, _ in pairs], "title": [title for _, title in pairs]}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    titles = [None if text is None else text.split()[:40] for text in rng.sample(texts, 1_500)]
    queries = [None if i % 50 == 0 else (rng.choice(titles) or [])[: rng.randint(0, 4)] for i in range(len(titles))]
    return {"query": queries, "title": titles}
