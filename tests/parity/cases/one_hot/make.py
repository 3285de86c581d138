"""Categories of every type, frequent and rare, with counts that tie."""

from harness.category_rows import category_bulk as bulk
from harness.category_rows import category_rows

__all__ = ["bulk", "rows"]


def rows() -> dict[str, list]:
    return category_rows("one_hot")
