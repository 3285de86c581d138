"""The days of a run. A day is a number: whole days since 1970 in UTC, whatever the session's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn
from pyspark.sql.types import TimestampType

from buzzsaw.errors import TypeMismatchError
from buzzsaw.jobs import dated
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

#: The time of an event, microseconds since 1970 in UTC, and its day.
TIME, DAY = "time_us", "day"
#: The log's own date of an event, where it has one.
EVENT_DATE = "event_date"
#: Whether that is more than a day off.
MISDATED = "misdated"


@dataclass(frozen=True)
class Days:
    """Which days a run labels, and which it reads for that."""

    #: The first and the last day that are labelled.
    first: int
    last: int
    #: The first day whose events count for features.
    oldest: int
    #: The first day that is read: interactions of `oldest` may belong to its impressions.
    earliest: int
    #: The last day on which an interaction can count for a label.
    newest: int
    #: The time of the run in microseconds: an event at or after it counts for nothing.
    end_us: int

    @classmethod
    def of(cls, now: datetime, label_days: int, window: int, late_days: int, attribution_us: int) -> Days:
        """The days of a run.

        Args:
            now: The time of the run.
            label_days: How many days are labelled.
            window: The longest window of features, in days.
            late_days: How many days after its impression's an interaction still counts for features.
            attribution_us: How long after an impression an interaction counts; the last day that is labelled is the
                last one for which this has passed, so that a later run gives its rows the same labels.
        """
        end_us = (now - _EPOCH) // timedelta(microseconds=1)
        passed = end_us - attribution_us
        last = passed // DAY_US - 1
        first = last - label_days + 1
        oldest = first - window
        newest = ((last + 1) * DAY_US - 1 + attribution_us) // DAY_US
        return cls(first, last, oldest, oldest - late_days, newest, end_us)

    def dated(self, last: int) -> tuple[date, date]:
        """The first and the last date that events of the days from `earliest` to `last` can have in a log.

        A day more on both sides, for a log whose dates are those of another time zone.
        """
        return date_of(self.earliest - 1), date_of(last + 1)


def date_of(day: int) -> date:
    """The date of a day."""
    return (_EPOCH + timedelta(days=day)).date()


def timed(frame: DataFrame, days: Days, last: int, what: str) -> DataFrame:
    """The events from `days.earliest` to the day `last` and before the run, with their time and day.

    A column `event_date` is used to read less; what counts is `event_time`. `misdated` says where the two are more than
    a day apart, so that reading less may have left out others like it.

    Raises:
        TypeMismatchError: when `event_time` is not a timestamp, or `event_date` no date, timestamp or text.
    """
    kind = columns.select(frame, ["event_time"], what).schema[0].dataType
    if not isinstance(kind, TimestampType):
        raise TypeMismatchError.of(
            f"{what} has `event_time` of type {kind.simpleString()}, not timestamp",
            place="inputs.event_time",
            hint="an event is an instant: write the column with a time zone, such as UTC, or cast it",
        )
    misdated = fn.lit(False)
    if EVENT_DATE in frame.columns:
        low, high = days.dated(last)
        at = dated.date_of_column(frame, EVENT_DATE, what)
        # A date that is missing must not hide its row.
        frame = frame.where(at.isNull() | at.between(fn.lit(low), fn.lit(high)))
        misdated = fn.coalesce(fn.abs(fn.unix_date(at) - fn.col(DAY)) > 1, fn.lit(False))
    counts = fn.col(DAY).between(days.earliest, last) & (fn.col(TIME) < days.end_us)
    # Rows without a time, or with another date, stay, to be refused with the other bad ones.
    return (
        frame.withColumn(TIME, fn.unix_micros("event_time"))
        .withColumn(DAY, day_of(fn.col(TIME)))
        .withColumn(MISDATED, misdated)
        .where(fn.col(TIME).isNull() | fn.col(MISDATED) | counts)
    )


def day_of(time_us: Column) -> Column:
    """The day of a time."""
    return fn.floor(time_us / DAY_US).cast("int")
