"""The shapes of what the native module takes and gives, for its stub and for type checkers."""

from __future__ import annotations

from typing import Literal, TypedDict

import numpy as np
import numpy.typing as npt

#: The columns of a row's fingerprint in tables of features, and of the row as served where folds change values.
FINGERPRINT, FINGERPRINT_SERVED = "fingerprint", "fingerprint_served"
#: How rows see the folds of out-of-fold steps: not at all, or by the hash of their qid.
Folds = Literal["full", "of_qid"]
#: The tables that a fit reads.
SourceName = Literal["pairs", "documents"]
#: Where each group starts, and the number of rows.
Offsets = npt.NDArray[np.uint32]


class InputRow(TypedDict):
    """One input column."""

    name: str
    type: str
    side: Literal["query", "document", "pair"]
    role: Literal["label", "qid", "group", "weight"] | None


class TransformRow(TypedDict):
    """One version of a transform."""

    name: str
    version: int
    summary: str
    documentation: str
    schema: str


class VerifyReport(TypedDict):
    """What the check of an artifact found."""

    content_hash: str
    format_version: int
    library_version: str
    unicode_version: str
    snowball_version: str
    transforms: dict[str, int]
    entries: int
    golden_rows: int
