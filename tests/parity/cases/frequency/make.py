"""Categories of every type, frequent, rare and unseen, and a column of which every row is missing."""

import random

from harness.category_rows import category_bulk, category_rows, with_unseen


def fit_rows() -> dict[str, list]:
    return _with_none(category_rows("frequency"))


def rows() -> dict[str, list]:
    return _with_none(with_unseen(category_rows("frequency")), "seen nowhere")


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    return _with_none(category_bulk(texts, numbers, rng))


def _with_none(columns: dict[str, list], last: str | None = None) -> dict[str, list]:
    return {**columns, "none": [None] * (len(columns["s"]) - 1) + [last]}
