"""Categories of every type, frequent and rare, and a column of which every row is missing."""

import random

from harness.category_rows import category_bulk, category_rows


def rows() -> dict[str, list]:
    return _with_none(category_rows("frequency"))


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    return _with_none(category_bulk(texts, numbers, rng))


def _with_none(columns: dict[str, list]) -> dict[str, list]:
    return {**columns, "none": [None] * len(columns["s"])}
