"""Categories of every type, frequent, rare and unseen, with counts that tie."""

from harness.category_rows import category_bulk as bulk
from harness.category_rows import category_rows, with_unseen

__all__ = ["bulk", "fit_rows", "rows"]


def fit_rows() -> dict[str, list]:
    return category_rows("vocabulary_index")


def rows() -> dict[str, list]:
    return with_unseen(fit_rows())
