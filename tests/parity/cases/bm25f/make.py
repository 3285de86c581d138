"""Token lists of queries and documents: missing, empty, repeated, unseen, long and invalid tokens.

Every fitted row has an empty `notes` or none.
"""

import random

from harness.query_rows import drawn, fitted, from_texts, served

_NOTES: list = [["new"], ["new", "red"], ["red"] * 9, [], None]


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity bm25f")
    made = fitted(rng)
    bodies = [None if i % 9 == 4 else drawn(rng, 0, 40) for i in range(len(made["query"]))]
    return {**made, "body": bodies, "notes": [None if i % 4 == 3 else [] for i in range(len(bodies))]}


def rows() -> dict[str, list]:
    made, learnt = served(random.Random("parity bm25f")), fit_rows()
    unseen = len(made["query"]) - len(learnt["query"])
    bodies = learnt["body"] + [["new", "w1"] if i % 2 else None for i in range(unseen)]
    return {**made, "body": bodies, "notes": [_NOTES[i % len(_NOTES)] for i in range(len(bodies))]}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    made = from_texts(texts, rng)
    return {
        **made,
        "body": rng.sample(made["title"], 2_000),
        "notes": [None if i % 4 == 3 else [] for i in range(2_000)],
    }
