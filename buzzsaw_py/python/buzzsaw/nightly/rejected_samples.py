"""Why rows were rejected, with a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as fn

from buzzsaw.nightly.report_contents import RejectedReason, RejectedRow

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Rows of each reason.
_SAMPLES = 3

#: Characters of a row that are kept.
_SHOWN = 1000


def rejected_reasons(rejected: DataFrame) -> list[RejectedReason]:
    """The reasons of a date's rows of the table of rejected ones, the most frequent of each input first."""
    by_reason = rejected.withColumn("reason", fn.explode("reasons"))
    counts = by_reason.groupBy("input", "reason").count().collect()
    # Rows that are alike in all of these look alike here, whichever is taken.
    rank = fn.row_number().over(Window.partitionBy("input", "reason").orderBy("product_id", "query", "row"))
    first = by_reason.withColumn("rank", rank).where(fn.col("rank") <= _SAMPLES)
    samples = first.select(
        "input", "reason", "rank", "query", "product_id", fn.substring("row", 1, _SHOWN).alias("row")
    ).collect()
    found = [
        RejectedReason(
            input=one["input"],
            reason=one["reason"],
            rows=one["count"],
            samples=[
                RejectedRow(row["query"], row["product_id"], row["row"])
                for row in sorted(samples, key=lambda row: row["rank"])
                if (row["input"], row["reason"]) == (one["input"], one["reason"])
            ],
        )
        for one in counts
    ]
    return sorted(found, key=lambda one: (one.input, -one.rows, one.reason))
