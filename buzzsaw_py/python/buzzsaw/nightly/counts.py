"""The proof that no row was lost: what the tables hold against what was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.errors import InternalError
from buzzsaw.nightly.checking import CheckedRows
from buzzsaw.nightly.tables import DOCUMENTS, REJECTED, TRAINING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def prove(written: Mapping[str, DataFrame], checked: Mapping[str, CheckedRows]) -> dict[str, int]:
    """The rows of each table as they can be read back, once accepted and rejected ones add up to those read.

    Args:
        written: The tables by name, as the manifest is going to name them.
        checked: The inputs by name.

    Raises:
        InternalError: when a row is missing or too much; the run then ends without a manifest.
    """
    counts = {name: rows.count() for name, rows in written.items() if name != REJECTED}
    by_input = {
        row["input"]: row["rows"]
        for row in written[REJECTED].groupBy("input").agg(fn.count("*").alias("rows")).collect()
    }
    counts[REJECTED] = sum(by_input.values())
    for name, table in (("judgments", TRAINING), ("products", DOCUMENTS)):
        rows = checked[name]
        rejected = by_input.get(name, 0)
        accepted = counts.get(table, rows.read - rows.rejected)
        if accepted + rejected != rows.read or rejected != rows.rejected:
            raise InternalError.of(
                f"{rows.read} {name} were read and {rows.rejected} of them rejected; the tables have {accepted} that "
                f"were accepted and {rejected} that were rejected",
                place=table,
                hint="was the input changed during the run?",
            )
    return counts
