"""Categories of every type with labels and qids, for the cases that learn from labels."""

from __future__ import annotations

import random

_S = ["acme", "", None, "Acme", "a\0b", b"\xff", "\ufffd", b"\xed\xa0\x80", "\U0001f469\u200d\U0001f467", "42"]
#: Categories that no fitted row has, one that has them, and labels and qids from which nothing is learnt.
_UNSEEN = {
    "s": ["unseen", "acm", "acme", "ACME", None],
    "raw": [b"unseen", b"\0\0", b"\xff", b"acme", None],
    "n": [1, 43, 77, -42, None],
    "b": [True, False, None, True, False],
    "day": [1, -2, 19_674, 0, None],
    "qid": ["q0", "q1", "unseen", None, "q5"],
    "rating": [3.0, None, 0.0, 1.0, 2.0],
}


def labelled_rows(rng: random.Random, count: int) -> dict[str, list]:
    """Columns of each type and qids, some of each missing; the case adds the label."""
    pick = lambda values: [rng.choice(values) for _ in range(count)]  # noqa: E731
    return {
        "s": pick(_S),
        "raw": pick([b"", b"\0", b"\xff\xfe", None]),
        "n": [77, *pick([0, 42, -1, None, 2**63 - 1, -(2**63)])[1:]],
        "b": pick([True, False, None]),
        "day": pick([0, -1, 19_675, None]),
        "qid": pick([f"q{i}" for i in range(12)] + [None, "", b"\xff"]),
    }


def with_unseen(columns: dict[str, list]) -> dict[str, list]:
    """The columns and below them rows of categories that are in none of their rows."""
    return {name: values + _UNSEEN[name] for name, values in columns.items()}
