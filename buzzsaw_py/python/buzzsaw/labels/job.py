"""One label run, in order: read, clean, attribute, propensities, features, table, report, and the manifest last."""

from __future__ import annotations

import dataclasses
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as fn

from buzzsaw.errors import InvalidValueError
from buzzsaw.jobs import inputs, storage
from buzzsaw.jobs.caching import cached
from buzzsaw.jobs.dated import with_their_columns
from buzzsaw.jobs.delta import DATE, read_date, write_date
from buzzsaw.jobs.inputs import InputTable
from buzzsaw.jobs.manifest import NAME as MANIFEST
from buzzsaw.jobs.manifest import FileRef, TableRef, publish
from buzzsaw.jobs.runs import Outcome, done_before, done_meanwhile, folder_of, in_utc, libraries
from buzzsaw.jobs.watch import Watch
from buzzsaw.labels import attribution, behaviour, cleaning, manifest, propensity, sampling
from buzzsaw.labels.attribution import ATTRIBUTED, QID, RATING
from buzzsaw.labels.calendar import DAY, EVENT_DATE, HOUR_US, SECOND_US, TIME, Days, date_of, timed
from buzzsaw.labels.cleaning import COPIES, DOUBLE, KIND, POSITION, PRODUCT, QUERY, REQUEST, ROBOT
from buzzsaw.labels.manifest import LABELS, DayRange, LabelManifest, LogRef, PropensityRef, Removed
from buzzsaw.labels.propensity import Propensities, Swap
from buzzsaw.labels.report import render
from buzzsaw.labels.sampling import PROPENSITY, SAMPLING_RATE, WEIGHT
from buzzsaw.labels.settings import LabelSettings
from buzzsaw.spark.session import small_cached_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The columns in front of the features.
KEYS = (QUERY, PRODUCT, "group_id", "event_time", EVENT_DATE, POSITION, RATING, PROPENSITY, SAMPLING_RATE, WEIGHT)


@dataclass(frozen=True)
class Log:
    """The events of the days of a run, each once and marked; `attributed` has people's alone.

    Spark computes a frame again for each use of it, those behind later frames too, unless it is cached.
    """

    #: Each once, not yet marked.
    single_impressions: DataFrame
    single_interactions: DataFrame
    robots: DataFrame
    impressions: DataFrame
    interactions: DataFrame
    attributed: DataFrame


#: The stages of a run, in their order.
STAGES = (
    "read and check",
    "clean and attribute",
    "propensities",
    "label, count and write the table",
    "measure the table",
    "write report",
    "write manifest",
)


def run(
    session: SparkSession,
    settings: LabelSettings,
    now: datetime,
    *,
    any_time: bool = False,
    watch: Watch | None = None,
) -> Outcome:
    """Labels the days before `now`; the run is named by its date in UTC.

    A run that has a manifest is done: nothing is written, no Delta version made. A run that fails leaves no manifest,
    so whatever it wrote is not trusted, and it can be run again.

    Args:
        session: Spark with Delta.
        settings: What to compute.
        now: The time of the run, with its zone.
        any_time: Whether a run that was done at another time of the date will do.
        watch: Sees the run as it goes on.

    Raises:
        InvalidValueError: when the date was done with other settings or at another time; for rows of the log that lack
            a key; when there is no impression to label.
        BuzzsawError: whatever reading raises; before the table is written nothing is.
    """
    watch, now = watch or Watch(), in_utc(now)
    with watch.over(session, now.date()), small_cached_batches(session):
        return _run(session, settings, now, any_time, watch)


def _run(session: SparkSession, settings: LabelSettings, now: datetime, any_time: bool, watch: Watch) -> Outcome:
    output = storage.location_of(settings.output, session)
    folder = folder_of(output, now.date())
    digest = settings.digest()
    before = done_before(output, now, settings, digest, any_time=any_time, form=manifest.FORM)
    if before is not None:
        return before

    storage.check_writable(output)
    stages = watch.stages
    stages.plan(STAGES)
    attribution_us = int(settings.attribution_hours * HOUR_US)
    days = Days.of(now, settings.label_days, max(settings.windows), settings.late_days, attribution_us)
    with ExitStack() as held:
        with stages.stage("read and check"):
            tables = {
                name: inputs.read_table(session, getattr(settings, name)) for name in ("impressions", "interactions")
            }
            impressions, interactions = _selected(tables, days)
            rows = dict(zip(tables, cleaning.check(impressions, interactions), strict=True))
            watch.inputs = {name: (of, None) for name, of in rows.items()}
        with stages.stage("clean and attribute"):
            events = clean(impressions, interactions, settings, attribution_us)
            with ExitStack() as until_attributed:
                # In this order: a frame is cached with a plan that uses what was cached before it.
                for frame in (events.single_impressions, events.single_interactions, events.robots):
                    until_attributed.enter_context(cached(frame))
                held.enter_context(cached(events.attributed))
                # This computes all that is attributed: what is behind it is needed no more.
                removed = _removed(events, settings)
        with stages.stage("propensities"):
            found, propensities = _propensities(events.attributed, settings, days)
        labelled = events.attributed.where(fn.col(DAY) >= days.first).where(fn.col(DAY) <= days.last)
        if labelled.isEmpty():
            span = f"{date_of(days.first)} to {date_of(days.last)}"
            raise InvalidValueError.of(
                f"the log has no impressions of people from {span}, the days that are labelled",
                place="impressions",
                hint="give a --now that is one attribution window after a day of the log",
            )
        with stages.stage("label, count and write the table"):
            # Counted once for the windows of products, queries, pairs and the shop.
            daily = behaviour.daily_counts(events.attributed, days, settings.late_days)
            daily = held.enter_context(cached(daily))
            made = label_rows(labelled, daily, propensities, settings, days)
            path = storage.table_path(output / LABELS, session)
            dated = _dated(made, now.date())
            version = write_date(dated, path, now.date(), settings.retention_days)
            watch.tables[LABELS] = version
        with stages.stage("measure the table"):
            written = read_date(session, path, version, now.date())
            ratings = {row[RATING]: row["count"] for row in written.groupBy(RATING).count().collect()}
            wrote = sum(ratings.values())
            removed = dataclasses.replace(removed, sampled_out=labelled.count() - wrote)
    references = {name: LogRef(table.path, table.format, table.version, rows[name]) for name, table in tables.items()}
    with stages.stage("write report"):
        page = render(
            settings,
            now=now,
            days=(date_of(days.first), date_of(days.last), date_of(days.earliest)),
            inputs=references,
            removed=removed,
            ratings=dict(sorted(ratings.items())),
            propensities=propensities,
            swaps=found,
            stages=stages,
        )
        # Named by the version, and the attempt if several have it: none changes a file that a manifest may name.
        report = storage.put_fresh(folder, f"report-{version}", ".html", page)
    result = LabelManifest(
        format=manifest.FORMAT,
        job=manifest.FORM.job,
        run=now.date().isoformat(),
        now=now.isoformat(),
        finished=datetime.now(timezone.utc).isoformat(),
        settings=dataclasses.asdict(settings),
        settings_digest=digest,
        inputs=references,
        labelled=DayRange(date_of(days.first).isoformat(), date_of(days.last).isoformat()),
        read=DayRange(date_of(days.earliest).isoformat(), date_of(days.last).isoformat()),
        removed=removed,
        ratings={str(rating): ratings[rating] for rating in sorted(ratings)},
        propensities=PropensityRef(
            propensities.source,
            {str(position): p for position, p in zip(propensities.positions, propensities.values, strict=True)},
            propensities.rounds,
            propensities.pairs,
        ),
        features=behaviour.names(settings.windows),
        tables={LABELS: TableRef(LABELS, version, wrote, dated.columns)},
        report=FileRef(storage.within(report, output), hashlib.sha256(page.encode()).hexdigest()),
        libraries=libraries(),
    )
    with stages.stage("write manifest"):
        first = publish(folder, result)
    if not first:
        return done_meanwhile(output, now, settings, digest, any_time=any_time, form=manifest.FORM)
    return Outcome(dataclasses.asdict(result), folder / MANIFEST, output, wrote=True)


def clean(impressions: DataFrame, interactions: DataFrame, settings: LabelSettings, attribution_us: int) -> Log:
    """Each event once, robots marked, and people's impressions with their interactions.

    Args:
        impressions: Those of the days of the run, with their time and day.
        interactions: Likewise.
        settings: The rules.
        attribution_us: The attribution window in microseconds.
    """
    seen = cleaning.single_impressions(impressions)
    done = cleaning.single_interactions(interactions, int(settings.duplicate_seconds * SECOND_US))
    robots = cleaning.robot_days(seen, done, cleaning.RobotRules.of(settings))
    marked_seen, marked_done = (cleaning.mark_robots(events, robots) for events in (seen, done))
    attributed = attribution.attribute(marked_seen, marked_done, settings.grades, attribution_us)
    return Log(seen, done, robots, marked_seen, marked_done, attributed)


def label_rows(
    labelled: DataFrame, daily: DataFrame, propensities: Propensities, settings: LabelSettings, days: Days
) -> DataFrame:
    """The rows of the table: keys, rating, propensity, weight, and the behaviour features.

    Args:
        labelled: Attributed impressions of the label days.
        daily: Counts by day, of all days; they are read several times.
        propensities: By position.
        settings: The rules.
        days: The days of the run.
    """
    kept = sampling.sampled(labelled, settings.negative_rate, settings.clickless_rate, settings.sampling_seed)
    rows = sampling.weighted(kept, propensities, settings.weight_clip).select(
        QUERY,
        PRODUCT,
        QID,
        DAY,
        fn.col(REQUEST).cast("string").alias("group_id"),
        fn.timestamp_micros(TIME).alias("event_time"),
        fn.date_add(fn.lit(date(1970, 1, 1)), fn.col(DAY)).alias(EVENT_DATE),
        POSITION,
        RATING,
        PROPENSITY,
        SAMPLING_RATE,
        WEIGHT,
    )
    rows = behaviour.add_features(rows, daily, days, settings.windows, settings.prior_strength)
    return rows.select(*KEYS, *behaviour.names(settings.windows))


def _selected(tables: dict[str, InputTable], days: Days) -> tuple[DataFrame, DataFrame]:
    """The columns and days that count, of both inputs."""

    def recent(name: str, last: int) -> DataFrame:
        table = tables[name]
        if EVENT_DATE not in {column.lower() for column in table.rows.columns}:
            return table.rows
        return with_their_columns(table, EVENT_DATE, *days.dated(last)).rows

    impressions, interactions = recent("impressions", days.last), recent("interactions", days.newest)
    impressions = cleaning.select(impressions, cleaning.IMPRESSION_COLUMNS, "the table of impressions")
    interactions = cleaning.select(interactions, cleaning.INTERACTION_COLUMNS, "the table of interactions")
    cleaning.check_keys(impressions, interactions)
    seen = timed(impressions, days, days.last, "the table of impressions")
    done = timed(interactions, days, days.newest, "the table of interactions")
    return seen.withColumn(POSITION, fn.col(POSITION).cast("int")), done


def _removed(events: Log, settings: LabelSettings) -> Removed:
    def total(condition: Any) -> Any:
        return fn.coalesce(fn.count_if(condition), fn.lit(0))

    one = fn.coalesce(fn.sum(fn.col(COPIES) - 1), fn.lit(0)).alias("copies")
    seen = events.impressions.agg(one, total(fn.col(ROBOT)).alias("robots")).collect()[0]
    double, robot, graded = fn.col(DOUBLE), fn.col(ROBOT), fn.col(KIND).isin(list(settings.grades))
    done = events.interactions.agg(
        one,
        total(double).alias("doubles"),
        total(~double & robot).alias("robots"),
        total(~double & ~robot & ~graded).alias("ungraded"),
        total(~double & ~robot & graded).alias("left"),
    ).collect()[0]
    attributed = events.attributed.agg(fn.coalesce(fn.sum(ATTRIBUTED), fn.lit(0)).alias("n")).collect()[0]["n"]
    return Removed(
        impression_copies=seen["copies"],
        interaction_copies=done["copies"],
        double_interactions=done["doubles"],
        robot_shopper_days=events.robots.count(),
        robot_impressions=seen["robots"],
        robot_interactions=done["robots"],
        ungraded_interactions=done["ungraded"],
        unattributed_interactions=done["left"] - attributed,
        sampled_out=0,
    )


def _propensities(attributed: DataFrame, settings: LabelSettings, days: Days) -> tuple[list[Swap], Propensities]:
    seen = sorted(row[POSITION] for row in attributed.select(POSITION).distinct().collect())
    if not seen:
        raise InvalidValueError.of(
            f"the log has no impressions of people from {date_of(days.earliest)} to {date_of(days.last)}, the days that"
            " are read",
            place="impressions",
            hint="give another --now, or look at the rules on robots",
        )
    if settings.propensities is not None:
        return [], propensity.given(settings.propensities, seen)
    found = propensity.swaps(attributed)
    return found, propensity.estimate(found, seen, settings.em_rounds, settings.em_tolerance)


def _dated(rows: DataFrame, day: date) -> DataFrame:
    return rows.select(fn.lit(day).alias(DATE), "*")
