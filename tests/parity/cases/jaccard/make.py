"""Token lists of queries and documents: missing, empty, repeated, unseen, long and invalid tokens."""

import random

_EDGES = [
    (["red"], None), (None, ["red"]), (None, None), ([], ["red"]), (["red"], []), ([], []),
    (["red", "red", "lamp"], ["red", "lamp", "red"]), (["unseen"], ["red"]), (["lamp"], ["lamp"] * 50),
    ([b"\xff", "a\0b"], ["\ufffd", "a\0b", "a"]), (["\U0001f469\u200d\U0001f467"], ["\U0001f469", "\U0001f469\u200d\U0001f467"]),
    (["", "red"], ["", ""]), (["e\u0301"], ["\u00e9"]), (["x" * 40, "red"], ["x" * 40, "x" * 39]),
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity jaccard")
    words = ["red", "lamp", "shoe", "cable", "black"] + [f"w{i}" for i in range(60)]
    draw = lambda most: [words[min(int(rng.expovariate(0.1)), 64)] for _ in range(rng.randint(0, most))]  # noqa: E731
    long = lambda: [words[min(int(rng.expovariate(0.1)), 64)] for _ in range(rng.randint(31, 90))]  # noqa: E731
    pairs = _EDGES + [(draw(5), draw(25)) for _ in range(60)] + [(long(), draw(25)) for _ in range(20)]

    def joined(tokens: list | None) -> bytes | None:
        return None if tokens is None else b" ".join(t.encode() if isinstance(t, str) else t for t in tokens)

    texts = [(joined(a), joined(b)) for a, b in pairs]
    texts[:6] = [
        ("ab", "abc"),
        ("", "abc"),
        ("abc", "abc"),
        ("e\u0301a", "\u00e9a"),
        ("\U0001f469b", "\U0001f469b\0"),
        ("aaaa", "aaa"),
    ]
    texts[6] = ("", "")
    return {
        "query": [query for query, _ in pairs],
        "title": [title for _, title in pairs],
        "a": [a for a, _ in texts],
        "b": [b for _, b in texts],
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    titles = [None if text is None else text.split()[:40] for text in rng.sample(texts, 2_000)]
    queries = [None if i % 50 == 0 else (rng.choice(titles) or [])[: rng.randint(0, 4)] for i in range(len(titles))]
    whole = rng.sample(texts, len(titles))
    parts = [None if text is None else text[: rng.randint(0, 40)] for text in whole]
    return {"query": queries, "title": titles, "a": parts, "b": whole}
