"""Behaviour features: what shoppers did with a product, a query, and the two together, in the days before a row's day.

Point-in-time correct: a row of day D has the events of the days D - w to D - 1 and nothing else, neither of its own day
nor of a later one. An interaction counts on its own day, when that is at most `late_days` after its impression's; so
many days are read before the first of a window, and a row has the same features in any run that labels it.

Events are counted by day once, and each day's counts are added to the few label days they are in the windows of; no
event is joined with a row. Counts are whole numbers and their sums exact, so the order of rows and the number of tasks
change nothing.

Rates are drawn to that of the whole shop over the same days (a Beta prior's mean):

    click_rate    = (clicks + s * shop_clicks / shop_impressions) / (impressions + s)
    purchase_rate = (purchases + s * shop_purchases / shop_clicks) / (clicks + s)

with s = `prior_strength`. A rate is missing when the shop had no such event in the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.labels.attribution import EVENTS, QID
from buzzsaw.labels.calendar import DAY, Days
from buzzsaw.labels.cleaning import CLICK, KIND, PRODUCT, PURCHASE

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

COUNTS = ("impressions", "clicks", "purchases")

#: What is counted by which columns.
ENTITIES = {"product": (PRODUCT,), "query": (QID,), "pair": (QID, PRODUCT)}


def names(windows: Sequence[int]) -> list[str]:
    """The features, in the order of the table."""
    return [name for entity in ENTITIES for window in windows for name in _names_of(entity, window)]


def _names_of(entity: str, window: int) -> list[str]:
    return [f"{entity}_{what}_{window}d" for what in (*COUNTS, "click_rate", "purchase_rate")]


def daily_counts(attributed: DataFrame, days: Days, late_days: int) -> DataFrame:
    """Impressions, clicks and purchases by query, product and day, from `days.oldest` to before the last label day.

    Args:
        attributed: Impressions with `qid`, `product_id`, `day` and `events`, each event with `day` and `kind`.
        days: The days of the run.
        late_days: How many days after its impression's an interaction counts.
    """

    def counted(rows: DataFrame, *counts: Column) -> DataFrame:
        named = (count.cast("long").alias(name) for name, count in zip(COUNTS, counts, strict=True))
        return rows.select(QID, PRODUCT, DAY, *named)

    # Not one list of both to explode: Spark interprets functions of lists, and most impressions have no event.
    done = attributed.where(fn.size(EVENTS) > 0).withColumn("event", fn.explode(EVENTS))
    soon = done.where(fn.col(f"event.{DAY}") - fn.col(DAY) <= late_days)
    events = soon.select(QID, PRODUCT, "event.*")
    no, kind = fn.lit(False), fn.col(KIND)
    seen = counted(attributed, ~no, no, no)
    rows = seen.union(counted(events, no, kind == CLICK, kind == PURCHASE))
    sums = [fn.sum(count).alias(count) for count in COUNTS]
    return rows.where(fn.col(DAY).between(days.oldest, days.last - 1)).groupBy(QID, PRODUCT, DAY).agg(*sums)


def windowed(daily: DataFrame, keys: Sequence[str], days: Days, windows: Sequence[int], prefix: str) -> DataFrame:
    """The counts of each key in the windows before each label day: keys, `day`, then the counts.

    Args:
        daily: Counts by day.
        keys: What to count by; none for the whole shop.
        days: The days of the run.
        windows: Lengths in days.
        prefix: Put before the names of counts.
    """
    longest = max(windows)
    by_day = daily.groupBy(*keys, DAY).agg(*(fn.sum(count).alias(count) for count in COUNTS))
    first = fn.greatest(fn.col(DAY) + 1, fn.lit(days.first))
    last = fn.least(fn.col(DAY) + longest, fn.lit(days.last))
    # `sequence` would count down where there is no such day.
    spread = by_day.where(first <= last).withColumn("of", fn.explode(fn.sequence(first, last)))
    age = fn.col("of") - fn.col(DAY)
    sums = [
        fn.sum(fn.when(age <= window, fn.col(count)).otherwise(0)).alias(f"{prefix}{count}_{window}d")
        for window in windows
        for count in COUNTS
    ]
    return spread.groupBy(*keys, "of").agg(*sums).withColumnRenamed("of", DAY)


def add_features(
    rows: DataFrame, daily: DataFrame, days: Days, windows: Sequence[int], prior_strength: float
) -> DataFrame:
    """The rows with the features of `names(windows)`.

    Args:
        rows: Label rows with `qid`, `product_id` and `day`.
        daily: Counts by day.
        days: The days of the run.
        windows: Lengths in days.
        prior_strength: How many events the shop's rate counts for.
    """
    kept = list(rows.columns)
    for entity, keys in ENTITIES.items():
        rows = rows.join(windowed(daily, keys, days, windows, f"{entity}_"), [*keys, DAY], "left")
    shop = windowed(daily, (), days, windows, "shop_")
    rows = rows.join(fn.broadcast(shop), [DAY], "left")
    features = []
    for entity in ENTITIES:
        for window in windows:

            def count(of: str, entity: str = entity, window: int = window) -> Column:
                return fn.coalesce(fn.col(f"{entity}_{of}_{window}d"), fn.lit(0))

            def rate(of: str, out_of: str, count: Callable[[str], Column] = count, window: int = window) -> Column:
                whole = fn.col(f"shop_{out_of}_{window}d")
                shop_rate = fn.when(whole > 0, fn.col(f"shop_{of}_{window}d") / whole)
                return (count(of) + prior_strength * shop_rate) / fn.nullif(
                    count(out_of) + fn.lit(float(prior_strength)), fn.lit(0.0)
                )

            made = [*(count(of) for of in COUNTS), rate("clicks", "impressions"), rate("purchases", "clicks")]
            named = zip(made, _names_of(entity, window), strict=True)
            features += [column.alias(name) for column, name in named]
    return rows.select(*kept, *features)
