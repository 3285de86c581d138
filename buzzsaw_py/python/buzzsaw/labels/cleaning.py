"""What counts as an event: copies and double clicks go, and what robots did is marked.

Each rule looks only at events of the same day or earlier, so that no later event changes what an earlier day counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as fn
from pyspark.sql.types import IntegralType

from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.labels.calendar import DAY, MISDATED, TIME, day_of
from buzzsaw.labels.settings import LabelSettings
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

REQUEST, PRODUCT, SHOPPER, QUERY, POSITION = "request_id", "product_id", "shopper_id", "query", "position"
EVENT, KIND = "event_id", "kind"
#: The kinds of interactions that rules and behaviour features count.
CLICK, PURCHASE = "click", "purchase"
#: How many rows of the log are one event; whether it comes too soon after another; whether a robot's.
COPIES, DOUBLE, ROBOT = "copies", "double", "robot"

IMPRESSION_COLUMNS = (REQUEST, SHOPPER, QUERY, PRODUCT, POSITION)
INTERACTION_COLUMNS = (EVENT, REQUEST, SHOPPER, PRODUCT, KIND)


@dataclass(frozen=True)
class RobotRules:
    """When a shopper is a robot for a day."""

    impressions: int
    click_rate: float
    least_impressions: int

    @classmethod
    def of(cls, settings: LabelSettings) -> RobotRules:
        """Those of the settings."""
        return cls(settings.robot_impressions, settings.robot_click_rate, settings.robot_least_impressions)


def check(impressions: DataFrame, interactions: DataFrame) -> tuple[int, int]:
    """Counts the rows of both, and refuses ones that cannot be used.

    Raises:
        InvalidValueError: tells of each column how many rows lack it, of positions below 1, and of dates that are not
            those of the times.
    """
    problems: list[dict[str, str]] = []
    rows = []
    for frame, names, what in (
        (impressions, (REQUEST, QUERY, PRODUCT, POSITION, TIME), "impressions"),
        (interactions, (EVENT, REQUEST, PRODUCT, KIND, TIME), "interactions"),
    ):
        counted = [fn.count(fn.lit(1)).alias("rows")]
        counted += [fn.count_if(fn.col(name).isNull()).alias(name) for name in names]
        counted.append(fn.count_if(fn.col(MISDATED)).alias(MISDATED))
        if POSITION in names:
            counted.append(fn.count_if(fn.col(POSITION) < 1).alias("early"))
        found = frame.agg(*counted).collect()[0].asDict()
        rows.append(int(found["rows"]))
        for name in names:
            if found[name]:
                column = "event_time" if name == TIME else name
                message = f"{found[name]} of {found['rows']} rows have no `{column}`"
                problems += InvalidValueError.of(message, place=what, hint="mend or remove them").problems
        if found[MISDATED]:
            message = f"{found[MISDATED]} of {found['rows']} rows have an `event_date` more than a day off `event_time`"
            hint = "give the date of the time, or leave the column out: by it the job reads less than the whole table"
            problems += InvalidValueError.of(message, place=what, hint=hint).problems
        if found.get("early"):
            message = f"{found['early']} of {found['rows']} rows have a position below 1"
            problems += InvalidValueError.of(message, place=what, hint="positions count from 1").problems
    if problems:
        raise InvalidValueError(problems)
    return rows[0], rows[1]


def check_keys(impressions: DataFrame, interactions: DataFrame) -> None:
    """Refuses tables whose keys have different types: Spark would compare `007` and 7 as it pleases.

    Positions are whole numbers: a cast would make 1.9 the first.

    Raises:
        TypeMismatchError: names each column.
    """
    problems: list[dict[str, str]] = []
    for name in (REQUEST, SHOPPER, PRODUCT):
        kinds = [table.select(name).schema[0].dataType for table in (impressions, interactions)]
        if kinds[0] != kinds[1] and not all(isinstance(kind, IntegralType) for kind in kinds):
            seen, done = (kind.simpleString() for kind in kinds)
            message = f"{name} is {seen} in the impressions and {done} in the interactions"
            problems += TypeMismatchError.of(message, place=name, hint="give both one type").problems
    kind = impressions.select(POSITION).schema[0].dataType
    if not isinstance(kind, IntegralType):
        message = f"{POSITION} is {kind.simpleString()} in the impressions, not a whole number"
        hint = "cast it to int once you know that it holds nothing else; positions count from 1"
        problems += TypeMismatchError.of(message, place=POSITION, hint=hint).problems
    if problems:
        raise TypeMismatchError(problems)


def single_impressions(impressions: DataFrame) -> DataFrame:
    """One row for each product of a request, the earliest, with how many rows there were."""
    first = fn.min(fn.struct(TIME, POSITION, QUERY, SHOPPER)).alias("first")
    grouped = _together(impressions).groupBy(REQUEST, PRODUCT).agg(first, fn.count(fn.lit(1)).alias(COPIES))
    return grouped.select(REQUEST, PRODUCT, "first.*", day_of(fn.col(f"first.{TIME}")).alias(DAY), COPIES)


def single_interactions(interactions: DataFrame, duplicate_us: int) -> DataFrame:
    """One row for each event id of a request, product and kind, with how many rows there were.

    An event soon after another alike is a double one. The one before is the last of the same kind, product and request,
    itself a double one or not.
    """
    first = fn.min(fn.struct(TIME, SHOPPER)).alias("first")
    keys = (REQUEST, PRODUCT, KIND)
    grouped = _together(interactions).groupBy(*keys, EVENT).agg(first, fn.count(fn.lit(1)).alias(COPIES))
    events = grouped.select(*keys, EVENT, "first.*", day_of(fn.col(f"first.{TIME}")).alias(DAY), COPIES)
    before = fn.lag(TIME).over(Window.partitionBy(*keys).orderBy(TIME, EVENT))
    return events.withColumn(DOUBLE, fn.coalesce(fn.col(TIME) - before <= duplicate_us, fn.lit(False)))


def _together(events: DataFrame) -> DataFrame:
    """Shuffled by what copies, double clicks and the join of both tables have in common, so that none shuffles again.

    Few rows are copies: Spark would sort all rows before the shuffle, too, to make it a little smaller.
    """
    return events.repartition(REQUEST, PRODUCT)


def robot_days(impressions: DataFrame, interactions: DataFrame, rules: RobotRules) -> DataFrame:
    """The shoppers that are robots on a day, by what they did that day: `day`, `shopper_id`, `robot`.

    Shoppers that the log does not name are no robots.
    """
    key = (DAY, SHOPPER)
    seen = impressions.groupBy(*key).agg(fn.count(fn.lit(1)).alias("seen"))
    clicks = interactions.where((fn.col(KIND) == CLICK) & ~fn.col(DOUBLE))
    clicked = clicks.groupBy(*key).agg(fn.count(fn.lit(1)).alias("clicked"))
    both = seen.join(clicked, list(key), "outer").where(fn.col(SHOPPER).isNotNull()).fillna(0, ["seen", "clicked"])
    greedy = fn.greatest("seen", "clicked") > rules.impressions
    rate = fn.col("clicked") / fn.nullif(fn.col("seen"), fn.lit(0)) > rules.click_rate
    flagged = greedy | (fn.col("seen") >= rules.least_impressions) & fn.coalesce(rate, fn.lit(False))
    return both.where(flagged).select(*key, fn.lit(True).alias(ROBOT))


def mark_robots(events: DataFrame, robots: DataFrame) -> DataFrame:
    """The events, with whether a robot's. There are few robots: they go to each task whole."""
    marked = events.join(fn.broadcast(robots), [DAY, SHOPPER], "left")
    return marked.withColumn(ROBOT, fn.coalesce(fn.col(ROBOT), fn.lit(False)))


def select(frame: DataFrame, names: tuple[str, ...], what: str) -> DataFrame:
    """The columns of an input, and its times and dates."""
    dated = ("event_date",) if "event_date" in {name.lower() for name in frame.columns} else ()
    return columns.select(frame, (*names, "event_time", *dated), what)
