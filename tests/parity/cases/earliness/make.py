"""Token lists of few words, so that runs and windows differ: missing, empty, repeated, unseen and invalid tokens."""

import random

from harness.token_lists import EDGES, drawn, from_texts


def rows() -> dict[str, list]:
    return drawn(EDGES, random.Random("parity earliness"))


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return from_texts(texts, rng)
