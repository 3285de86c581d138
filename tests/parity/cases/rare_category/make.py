"""Categories of every type, frequent, rare and unseen; shares and counts at their borders."""

import random

from harness.category_rows import category_bulk, category_rows, with_unseen


def fit_rows() -> dict[str, list]:
    made = category_rows("rare_category")
    missing = [None] * (len(made["s"]) - 30)
    return made | {"tens": ["three"] * 3 + ["two"] * 2 + ["four"] * 4 + ["rest"] * 21 + missing}


def rows() -> dict[str, list]:
    fitted = fit_rows()
    return with_unseen(fitted) | {"tens": fitted["tens"] + ["five", "three", "", "THREE", None] * 2}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    made = category_bulk(texts, numbers, rng)
    return made | {"tens": [rng.choice(["three", "two", None]) for _ in made["s"]]}
