"""Maps as lists of entries: repeated, empty and invalid keys, keys that repair makes equal, missing values, any order."""

# Data read better in rows than one value a line.

import random

from harness.categories import WORDS, words

_MAPS: list = [
    None, [], [("a", "x")], [("b", "x"), ("a", None)], [("a", "x"), ("b", "y"), ("a", "z")], [("", "x")], [(b"\xff", "x"), ("\ufffd", "y"), (b"\xfe", None)],
    [("Z", "x"), ("a", "x"), ("\u00e9", "x"), ("a\0", "x"), ("\U0001f642", "x"), ("\uffff", "x")], [("size", "9"), ("colour", "red")],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity map_keys")
    m = _MAPS + [
        [(key, rng.choice(["x", None])) for key in rng.choices(WORDS, k=rng.randint(0, 10))] for _ in range(60)
    ]
    w = [row and [(key, i) for i, (key, _) in enumerate(reversed(row))] for row in m]
    return {"m": m, "w": w}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    rows = [words(texts, i, 30) for i in range(3000)]
    m = [row if row is None else [(key, "x") for key in row] for row in rows]
    return {"m": m, "w": [row and [(key, 1) for key, _ in reversed(row)] for row in m]}
