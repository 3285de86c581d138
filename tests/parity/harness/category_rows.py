"""Columns of categories of every type, for the cases that read categories."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

_S = [
    "acme",
    "",
    None,
    "Acme",
    "a\0b",
    b"\xff",
    "\ufffd",
    b"\xed\xa0\x80",
    "\U0001f469\u200d\U0001f467",
    "e\u0301",
    "\xe9",
    "42",
    "x" * 300,
]


def frequent_first(rng: random.Random, count: int) -> Callable[[Sequence[Any]], list[Any]]:
    """Draws `count` of some values: early ones are frequent, late ones rare; counts differ and tie."""
    return lambda values: [values[int(len(values) * rng.random() ** 2)] for _ in range(count)]


def category_rows(name: str) -> dict[str, list]:
    """The rows of a case, drawn by its name."""
    return category_columns(frequent_first(random.Random(f"parity {name}"), 150))


def category_columns(pick: Callable[[Sequence[Any]], list[Any]]) -> dict[str, list]:
    """One column of each type, drawn by `pick`; that of text begins with every text."""
    return {
        "s": _S + pick(_S)[len(_S) :],
        "raw": pick([b"acme", b"", b"\xff\xfe", None, b"\0", b"\xff", b"\xed\xa0\x80", b"\x80"]),
        "n": pick([0, 42, -1, None, 2**63 - 1, -(2**63), 7, 70, 700]),
        "i": pick([0, 2**31 - 1, -(2**31), 42, None]),
        "b": pick([True, False, None]),
        "day": pick([0, 19_675, -1, 2**31 - 1, -(2**31), None, 1]),
    }


#: Categories that no row of `category_columns` has, near ones among them; none is left for a flag.
_UNSEEN = {
    "s": ["unseen", "acme ", "acm", "ACME", "a", "\xe9\u0301", "042", "x" * 299, b"\xff\xff", "42"],
    "raw": [b"acm", b"acme\0", b"\0\0", b"\xfe", b"\xef\xbf\xbd", b"unseen", None, b"acme", b" ", b"1"],
    "n": [1, 43, -42, 2**63 - 2, -(2**63) + 1, 8, 71, 701, 42, None],
    "i": [1, 2**31 - 2, -(2**31) + 1, 43, -1, 2, 3, None, 42, 4],
    "b": [True, False, None, True, False, None, True, False, None, True],
    "day": [2, 19_674, -2, 2**31 - 2, -(2**31) + 1, 42, 3, 0, None, 4],
}


def with_unseen(columns: dict[str, list]) -> dict[str, list]:
    """The columns of `category_columns` and below them rows of categories that are in none of its rows."""
    return {name: columns[name] + unseen for name, unseen in _UNSEEN.items()}


def category_bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    """Many rows of `category_columns`' types."""
    return bulk_columns([rng.choice(texts) for _ in range(4_000)], numbers, rng)


def bulk_columns(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    """A row for each text, of which the first few characters, so that categories repeat."""
    whole = [None if number != number else int(max(-1e18, min(1e18, number))) for number in numbers]  # noqa: PLR0124
    pick = lambda values: [rng.choice(values) for _ in texts]  # noqa: E731
    heads = [text if text is None else text[: rng.choice((1, 2, 3, 30))] for text in texts]
    return {
        "s": heads,
        "raw": [head.encode("utf-8", "surrogatepass") if isinstance(head, str) else head for head in reversed(heads)],
        "n": pick(whole),
        "i": pick([*range(-20, 400), None]),
        "b": pick([True, False, None]),
        "day": pick([*range(19_000, 19_400), None]),
    }
