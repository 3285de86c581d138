"""How often a label run computes what it needs several times, and that it leaves nothing cached."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timezone

import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.jobs import inputs
from buzzsaw.labels import LabelSettings, behaviour, job, run
from buzzsaw.labels.calendar import HOUR_US, Days
from buzzsaw.labels.cleaning import REQUEST
from frames import cached, counting

MARKET = marketplace.Marketplace(
    seed=11, products=400, sellers=20, queries=12, requests=240, days=6, start=date(2026, 10, 1)
)
NOW = datetime(2026, 10, 7, 1, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path):
    log = marketplace.write(MARKET, tmp_path)
    return LabelSettings(
        str(log["impressions"]),
        str(log["interactions"]),
        str(tmp_path / "out"),
        label_days=2,
        windows=[1, 3],
        robot_impressions=60,
        propensities=[1.0] * 10,
        # Requests without a click are looked for in a pass of their own.
        clickless_rate=0.9,
    )


def test_the_log_is_read_for_its_checks_and_once_more_and_days_are_counted_once(spark, settings, monkeypatch):
    context, read_table, daily_counts = spark.sparkContext, inputs.read_table, behaviour.daily_counts
    read: dict[str, tuple[int, object]] = {}
    days = context.accumulator(0)
    by_day = []

    def read_counting(session, path):
        table = read_table(session, path)
        read[path] = table.rows.count(), context.accumulator(0)
        return dataclasses.replace(table, rows=counting(table.rows, read[path][1]))

    def days_counting(*given):
        daily = daily_counts(*given)
        by_day.append(daily)
        return counting(daily, days)

    monkeypatch.setattr(job.inputs, "read_table", read_counting)
    monkeypatch.setattr(job.behaviour, "daily_counts", days_counting)
    before = cached(spark)
    run(spark, settings, NOW)
    assert cached(spark) == before
    assert {path: counted.value / rows for path, (rows, counted) in read.items()} == dict.fromkeys(read, 2.0)
    assert len(read) == 2
    monkeypatch.undo()
    assert days.value == by_day[0].count() > 0


def test_what_finds_copies_double_clicks_and_impressions_shuffles_events_once(spark, settings):
    tables = {name: inputs.read_table(spark, getattr(settings, name)) for name in ("impressions", "interactions")}
    window = int(settings.attribution_hours * HOUR_US)
    days = Days.of(NOW, settings.label_days, max(settings.windows), settings.late_days, window)
    events = job.clean(*job._selected(tables, days), settings, window)
    plan = events.attributed._jdf.queryExecution().executedPlan().toString()
    shuffles = [line for line in plan.splitlines() if f"Exchange hashpartitioning({REQUEST}#" in line]
    # What Spark adds by itself is marked otherwise.
    assert len(shuffles) >= 2
    assert all("REPARTITION_BY_COL" in line for line in shuffles), plan


@pytest.mark.parametrize("broken", ["_removed", "write_date"])
def test_a_run_that_fails_leaves_nothing_cached(spark, settings, monkeypatch, broken):
    def breaks(*_):
        raise OSError("the disk is gone")

    monkeypatch.setattr(job, broken, breaks)
    before = cached(spark)
    with pytest.raises(OSError, match="gone"):
        run(spark, settings, NOW)
    assert cached(spark) == before
