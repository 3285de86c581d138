"""Categories of every type: empty, missing, invalid text, and the ends of integers."""

from harness.category_rows import category_bulk as bulk
from harness.category_rows import category_rows

__all__ = ["bulk", "rows"]


def rows() -> dict[str, list]:
    return category_rows("hash_bucket")
