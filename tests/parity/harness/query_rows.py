"""Token lists of queries and documents, for the cases whose statistics are learnt from the documents."""

# Data read better in rows than one value a line.
# ruff: noqa: E501

from __future__ import annotations

import random
from typing import Any

from harness.reference import repair

Pair = tuple[list[Any] | None, list[Any] | None]

#: Missing, empty, repeated, long and invalid tokens, and a query's token that no document has.
_EDGES: list[Pair] = [
    (["red"], None), (None, ["red"]), (None, None), ([], ["red"]), (["red"], []), ([], []),
    (["red", "red", "lamp"], ["red", "lamp", "red"]), (["unseen"], ["red"]), (["lamp"], ["lamp"] * 50),
    ([b"\xff", "a\0b"], ["\ufffd", "a\0b", "a"]), (["\U0001f469\u200d\U0001f467"], ["\U0001f469", "\U0001f469\u200d\U0001f467"]),
    (["", "red"], ["", ""]), (["e\u0301"], ["\u00e9"]), (["x" * 40, "red"], ["x" * 40, "x" * 39]),
]  # fmt: skip
#: Tokens that no fitted row has, in the query, in the document and in both, alone and beside known ones.
_UNSEEN: list[Pair] = [
    (["new"], ["new"]), (["unseen"], ["unseen"]), (["new", "red", "new"], ["red", "new", "lamp", "new"]), (["red"], ["new", "other"]),
    (["new"], ["red"]), (["new", "other"], ["new"]), (["new", "red"], ["new"] * 120), (["re", "redd"], ["redd", "re", "x"]),
    ([], ["new"]), (["new"], []), (None, ["new"]), (["new"], None), (["a\0"], ["a\0", "a\0b"]), ([b"\xffnew"], ["\ufffdnew"]),
]  # fmt: skip

_WORDS = ["red", "lamp", "shoe", "cable", "black"] + [f"w{i}" for i in range(60)]


def drawn(rng: random.Random, least: int, most: int) -> list[str]:
    """Between `least` and `most` words, early ones more often than late ones."""
    return [_WORDS[min(int(rng.expovariate(0.1)), 64)] for _ in range(rng.randint(least, most))]


def fitted(rng: random.Random) -> dict[str, list]:
    """The columns `query` and `title` that statistics are learnt from."""
    short = [(drawn(rng, 0, 5), drawn(rng, 0, 25)) for _ in range(60)]
    return _columns(_EDGES + short + [(drawn(rng, 31, 90), drawn(rng, 0, 25)) for _ in range(20)])


def served(rng: random.Random) -> dict[str, list]:
    """The same rows, and below them rows of tokens that none of these has."""
    unseen = _columns(_UNSEEN)
    return {name: values + unseen[name] for name, values in fitted(rng).items()}


def from_texts(texts: list[Any], rng: random.Random, count: int = 2_000) -> dict[str, list]:
    """The same columns of many texts: a query is the first words of a title."""
    titles = [None if text is None else text.split()[:40] for text in rng.sample(texts, count)]
    queries = [None if i % 50 == 0 else (rng.choice(titles) or [])[: rng.randint(0, 4)] for i in range(len(titles))]
    return {"query": queries, "title": titles}


def read(lists: list[list[Any] | None]) -> list[list[str] | None]:
    """Tokens as valid text."""
    return [None if tokens is None else [repair(token) for token in tokens] for tokens in lists]


def _columns(pairs: list[Pair]) -> dict[str, list]:
    return {"query": [query for query, _ in pairs], "title": [title for _, title in pairs]}
