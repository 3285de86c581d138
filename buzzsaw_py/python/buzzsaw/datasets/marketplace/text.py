"""Text columns out of tables of words, whole columns at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from buzzsaw.datasets.marketplace.randomness import Flags, Ints


def pick(words: Sequence[str], index: Ints) -> pa.Array:
    """The word of each index."""
    return pa.array(words, pa.string()).take(pa.array(index))


def number(values: Ints) -> pa.Array:
    """Decimal numbers."""
    return pc.cast(pa.array(values), pa.string())


def constant(word: str) -> pa.Scalar:
    """The same word in every row."""
    return pa.scalar(word)


def join(*parts: pa.Array | pa.Scalar) -> pa.Array:
    """The parts with single spaces between them, but none before a comma or semicolon; a missing part is left out."""
    joined = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
    if any(isinstance(part, pa.Scalar) for part in parts):
        for mark in (",", ";"):
            joined = pc.replace_substring(joined, f" {mark}", mark)
    return joined


def missing_where(values: pa.Array, missing: Flags) -> pa.Array:
    """The values, null where said."""
    return pc.if_else(pa.array(np.logical_not(missing)), values, pa.scalar(None, pa.string()))
