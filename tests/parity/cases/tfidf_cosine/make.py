"""Token lists of queries and documents: missing, empty, repeated, unseen, long and invalid tokens."""

import random

from harness.query_rows import fitted, from_texts, served

_SEED = "parity tfidf_cosine"


def fit_rows() -> dict[str, list]:
    return fitted(random.Random(_SEED))


def rows() -> dict[str, list]:
    return served(random.Random(_SEED))


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    return from_texts(texts, rng)
