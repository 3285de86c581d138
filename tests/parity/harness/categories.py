"""Lists of categories for the cases of transforms over lists: edges and random draws."""

# Data read better in rows than one value a line.
# ruff: noqa: E501

from __future__ import annotations

import random
from typing import Any

WORDS = [
    "red",
    "lamp",
    "Red",
    "re",
    "redd",
    "",
    "\u00e9t\u00e9",
    "e\u0301t\u00e9",
    "\U0001f642",
    "a\0b",
    "a",
    "7",
    "-7",
    b"\xff",
    b"\xed\xa0\x80x",
    "\ufffd",
]
LISTS: list[list[Any] | None] = [
    None, [], [None], ["red"], ["red", None, "red"], ["lamp", "red", "lamp"], [""], ["", None], ["red ", "Red"], [b"\xff", "\ufffd"],
    ["7", "-7"], ["b", "a"], ["a", "b", "b", "a"], ["b", "a", "a", "b"], ["x"] * 40 + ["y"] * 41, [f"w{i}" for i in range(100)],
]  # fmt: skip
INTEGERS: list[list[int | None] | None] = [
    None,
    [],
    [None],
    [7],
    [-7, 7, 7],
    [2**63 - 1, -(2**63), None],
    [0, 0, 1],
    [1, 0, 0, 1],
    list(range(50)),
]


def draws(rng: random.Random, count: int) -> list[list[Any] | None]:
    """The edge lists, and random ones."""
    return LISTS + [rng.choices([*WORDS, None], k=rng.randint(0, 12)) for _ in range(count - len(LISTS))]


def words(texts: list[Any], at: int, count: int) -> list[bytes] | None:
    """Words of one of many texts."""
    text = texts[at % len(texts)]
    return None if text is None else (text.encode() if isinstance(text, str) else text).split(b" ")[:count]
