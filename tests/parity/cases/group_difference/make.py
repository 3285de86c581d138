"""Groups of one, of equal numbers, with missing, infinite, tiny and huge members, and one of 200."""

import random

from harness.groups import drawn, ids, many
from harness.groups import rows as columns

_MEMBERS = drawn("parity group_difference")


def groups() -> list[int]:
    return ids(_MEMBERS)


def rows() -> dict[str, list]:
    return columns(_MEMBERS)


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return many(numbers, rng)
