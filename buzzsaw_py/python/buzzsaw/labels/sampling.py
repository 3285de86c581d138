"""Which rows of grade 0 are kept, and the weight of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.labels.attribution import RATING
from buzzsaw.labels.cleaning import POSITION, PRODUCT, REQUEST
from buzzsaw.labels.propensity import Propensities

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: The probability with which a row was kept.
SAMPLING_RATE = "sampling_rate"
PROPENSITY, WEIGHT = "propensity", "weight"


def sampled(rows: DataFrame, negative_rate: float, clickless_rate: float, seed: int) -> DataFrame:
    """All rows with a grade, and a sample of the others, each with the rate it was kept at.

    A request without any grade above 0 is kept at `clickless_rate`, as a whole; of what is then left, a row of grade 0
    at `negative_rate`. Both are decided by hashes of the keys, so the same rows are kept whatever the partitioning.

    Args:
        rows: Rows with `request_id`, `product_id` and `rating`.
        negative_rate: In (0, 1].
        clickless_rate: In (0, 1].
        seed: Another seed keeps other rows.
    """
    rate = fn.when(fn.col(RATING) > 0, 1.0).otherwise(negative_rate)
    kept = (fn.col(RATING) > 0) | (_drawn(seed, REQUEST, PRODUCT) < negative_rate)
    if clickless_rate < 1.0:
        clicked = rows.where(fn.col(RATING) > 0).select(REQUEST).distinct().withColumn("clicked", fn.lit(True))
        rows = rows.join(clicked, REQUEST, "left")
        rate *= fn.when(fn.col("clicked"), 1.0).otherwise(clickless_rate)
        kept &= fn.col("clicked").isNotNull() | (_drawn(seed, REQUEST) < clickless_rate)
    return rows.withColumn(SAMPLING_RATE, rate).where(kept).drop("clicked")


def weighted(rows: DataFrame, propensities: Propensities, clip: float) -> DataFrame:
    """The rows with the propensity of their position and their weight.

    weight = min(clip, 1 / propensity) for a row with a grade, else 1; divided by the sampling rate. The clip is of the
    first factor alone: what sampling took away is known exactly.
    """
    pairs = zip(propensities.positions, propensities.values, strict=True)
    table = fn.create_map(*(fn.lit(part) for pair in pairs for part in pair))
    rows = rows.withColumn(PROPENSITY, table[fn.col(POSITION)])
    inverse = fn.least(fn.lit(float(clip)), 1.0 / fn.col(PROPENSITY))
    weight = fn.when(fn.col(RATING) > 0, inverse).otherwise(1.0) / fn.col(SAMPLING_RATE)
    return rows.withColumn(WEIGHT, weight)


def _drawn(seed: int, *keys: str) -> Column:
    """A number in [0, 1) that depends on the seed and the keys as text."""
    # The number of keys is hashed, too: a request and its first product must not share their fate.
    hashed = fn.xxhash64(fn.lit(seed), fn.lit(len(keys)), *(fn.col(key).cast("string") for key in keys))
    return fn.shiftrightunsigned(hashed, 11) * 2.0**-53
