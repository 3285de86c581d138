"""Token lists of queries and documents, for cases of where a query's tokens stand in a document."""

from __future__ import annotations

import random
from typing import Any

Pair = tuple[list[Any] | None, list[Any] | None]
_FIFTY = [f"w{k}" for k in range(50)]
EDGES: list[Pair] = [
    (["red"], None),
    (None, ["red"]),
    (None, None),
    ([], ["red"]),
    (["red"], []),
    ([], []),
    (["red"], ["red"]),
    (["red"], ["lamp"]),
    (["red", "lamp"], ["lamp", "red"]),
    (["red", "lamp"], ["red", "desk", "lamp", "red"]),
    (["red", "lamp"], ["red", "red", "red", "x", "x", "lamp"]),
    (["red", "lamp"], ["lamp", "x", "red", "x", "x", "lamp"]),
    (["red", "desk", "lamp"], ["lamp", "desk", "red"]),
    (["red", "red", "lamp"], ["red", "red", "lamp", "lamp"]),
    (["red", "lamp", "red", "lamp", "blue"], ["red", "lamp", "red", "lamp", "red", "lamp", "blue"]),
    (["lamp"], ["x"] * 9 + ["lamp"]),
    ([b"\xff", "a\0b"], ["\ufffd", "a\0b", "a"]),
    (["", "red"], ["", "", "red"]),
    (["e\u0301", "a"], ["\u00e9", "a"]),
    (_FIFTY, _FIFTY[::-1]),
    (_FIFTY, _FIFTY[25:] + _FIFTY[:25]),
    ([*_FIFTY, "x"], _FIFTY),
]


def drawn(edges: list[Pair], rng: random.Random) -> dict[str, list[Any]]:
    """The columns `query` and `title`: the pairs, and drawn ones over few words."""
    pairs = list(edges)
    for most in [3, 6, 40] * 25:
        words = "aabcdef"[: rng.randint(2, 7)]
        pairs.append(tuple([rng.choice(words + "xyz") for _ in range(rng.randint(0, most))] for _ in range(2)))
    return {"query": [query for query, _ in pairs], "title": [title for _, title in pairs]}


def from_texts(texts: list[Any], rng: random.Random) -> dict[str, list[Any]]:
    """The same columns: titles from texts, and queries of words of theirs, in and out of order."""
    title = [None if text is None else text.split()[:40] for text in texts[:3_000]]
    query: list[Any] = []
    for words in title:
        start = rng.randrange(len(words or []) + 1)
        run = (words or [])[start : start + rng.randint(0, 6)]
        query.append(rng.sample(run, len(run)) if rng.random() < 0.4 else run)
    return {"query": query, "title": title}


def each(rows: dict[str, list[Any]], made: Any, query: str = "query", title: str = "title") -> list[float | None]:
    """What `made` makes of every pair that is given."""
    pairs = zip(rows[query], rows[title], strict=True)
    return [None if a is None or b is None else made(a, b) for a, b in pairs]
