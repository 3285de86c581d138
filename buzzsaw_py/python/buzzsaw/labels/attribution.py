"""Which interactions belong to which impression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.jobs.inputs import qid_of
from buzzsaw.labels.calendar import DAY, TIME
from buzzsaw.labels.cleaning import CLICK, DOUBLE, KIND, POSITION, PRODUCT, PURCHASE, QUERY, REQUEST, ROBOT

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

QID, RATING = "qid", "rating"
#: Interactions of the impression, at or after its time, each with its time, day and kind.
EVENTS = "events"
#: How many of them are within the attribution window.
ATTRIBUTED = "attributed"


def attribute(impressions: DataFrame, interactions: DataFrame, grades: dict[str, int], window_us: int) -> DataFrame:
    """Impressions of people with `qid`, their interactions, how many of these count, and the rating.

    Clicks and purchases are among the interactions, also without a grade, as behaviour is counted by them. An
    interaction belongs to the impression of the same request and product when it is not earlier. Its grade counts when
    it is at most `window_us` later; the rating is the best grade, or 0.

    Args:
        impressions: Single impressions, marked.
        interactions: Single interactions, marked.
        grades: The grade of each kind; no other counts for the rating.
        window_us: The attribution window in microseconds.
    """
    kinds = sorted({*grades, CLICK, PURCHASE})
    kept = interactions.where(~fn.col(ROBOT) & ~fn.col(DOUBLE) & fn.col(KIND).isin(kinds))
    # Nothing below depends on the order of the list.
    lists = kept.groupBy(REQUEST, PRODUCT).agg(fn.collect_list(fn.struct(TIME, DAY, KIND)).alias(EVENTS))
    people = impressions.where(~fn.col(ROBOT)).select(
        REQUEST, PRODUCT, QUERY, qid_of(fn.col(QUERY)).alias(QID), POSITION, TIME, DAY
    )
    joined = people.join(lists, [REQUEST, PRODUCT], "left")
    nothing = fn.array().cast(lists.schema[EVENTS].dataType)
    # `when`: Spark interprets functions of lists, and few impressions have a list.
    own = fn.when(fn.col(EVENTS).isNotNull(), fn.filter(EVENTS, lambda event: event[TIME] >= fn.col(TIME)))
    grade = fn.create_map(*(fn.lit(part) for pair in grades.items() for part in pair))

    def counts(event: Column) -> Column:
        return (event[TIME] - fn.col(TIME) <= window_us) & event[KIND].isin(list(grades))

    def of_events(value: Column) -> Column:
        return fn.coalesce(fn.when(fn.size(EVENTS) > 0, value), fn.lit(0))

    within = fn.filter(EVENTS, counts)
    return (
        joined.withColumn(EVENTS, fn.coalesce(own, nothing))
        .withColumn(ATTRIBUTED, of_events(fn.size(within)))
        .withColumn(RATING, of_events(fn.array_max(fn.transform(within, lambda event: grade[event[KIND]]))))
    )
