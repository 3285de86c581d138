"""How long tables keep the versions that manifests name."""

from __future__ import annotations

import dataclasses
import os
import time
from datetime import date, datetime, timezone
from pathlib import Path

import pytest
from buzzsaw.errors import InvalidValueError
from buzzsaw.jobs.delta import newest_version, quoted, write_date
from buzzsaw.jobs.retention import lengthen, properties
from buzzsaw.labels import LabelSettings
from buzzsaw.nightly import NightlySettings, read, run
from buzzsaw.spark.versions import has_operator
from nights import PLAIN, judgments, products, versions, write_tables
from pyspark.errors import PySparkException
from pyspark.sql import functions as fn

LOG, FILES = "delta.logRetentionDuration", "delta.deletedFileRetentionDuration"
DAYS = [date(2026, 3, day) for day in (1, 2)]


def held(session, path):
    """The properties of a table."""
    return session.sql(f"DESCRIBE DETAIL {quoted(str(path))}").collect()[0]["properties"]


def night(day):
    return datetime(day.year, day.month, day.day, 3, tzinfo=timezone.utc)


def grow_older(session, path: Path, days: int) -> None:
    """What Delta's log was written, it was so many days ago."""
    at = time.time() - 86_400 * days
    for file in (path / "_delta_log").iterdir():
        os.utime(file, (at, at))
    session.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def test_the_job_sets_it_lengthens_it_and_never_touches_a_date_that_is_done(spark, tmp_path):
    at = write_tables(tmp_path, products(6), judgments(6, of=6))
    (tmp_path / "spec.yaml").write_text(PLAIN.format(features="[log_price, title_length]"), "utf-8")
    default = NightlySettings(*map(str, at), str(tmp_path / "out"), spec=str(tmp_path / "spec.yaml"))
    outcome = run(spark, default, night(DAYS[0]))
    tables = [tmp_path / "out" / name for name in outcome.manifest["tables"]]
    assert len(tables) == 3
    for table in tables:
        assert held(spark, table) == {LOG: "interval 400 days", FILES: "interval 400 days"}
    made = versions(spark, tmp_path / "out")
    assert set(made.values()) == {0}
    # The setting is no part of what the date computes: it is done, and stays as it is.
    for days in (500, 30, None):
        other = dataclasses.replace(default, retention_days=days)
        assert not run(spark, other, night(DAYS[0])).wrote
    assert versions(spark, tmp_path / "out") == made
    # Left to itself, Delta would refuse the first date now, and remove its log.
    for table in tables:
        grow_older(spark, table, 39)
    longer = dataclasses.replace(default, retention_days=500)
    assert run(spark, longer, night(DAYS[1])).wrote
    for table in tables:
        assert held(spark, table) == {LOG: "interval 500 days", FILES: "interval 500 days"}
    # Nothing is rejected, so of that table only the properties have a version.
    assert versions(spark, tmp_path / "out") == {"training": 2, "documents": 2, "rejected": 1}
    assert read(tmp_path / "out", DAYS[0], session=spark).count() == 6


def test_a_new_date_with_fewer_days_shortens_nothing_and_is_one_commit(spark, tmp_path):
    path = str(tmp_path / "table")

    def write(day: date, days: int | None) -> int:
        return write_date(spark.range(4).withColumn("date", fn.lit(day)), path, day, days)

    assert write(DAYS[0], 60) == 0
    for version, days in enumerate((7, 59, None), start=1):
        assert write(date(2026, 3, 10 + version), days) == version == newest_version(spark, path)
        assert held(spark, path) == properties(60)
    grow_older(spark, Path(path), 50)
    assert write(DAYS[1], 8) == 4
    first = spark.read.format("delta").option("versionAsOf", 0).load(path)
    assert [row["date"] for row in first.select("date").distinct().collect()] == DAYS[:1]


def test_tables_of_others_are_lengthened_only_where_they_are_shorter(spark, tmp_path):
    path = str(tmp_path / "table")
    spark.range(3).write.format("delta").option(LOG, "interval 60 weeks").save(path)
    lengthen(spark, quoted(path), "held", None)
    lengthen(spark, quoted(path), "held", 7)
    assert newest_version(spark, path) == 0
    lengthen(spark, quoted(path), "held", 8)
    assert held(spark, path) == {LOG: "interval 60 weeks", FILES: "interval 8 days"}
    lengthen(spark, quoted(path), "held", 8)
    assert newest_version(spark, path) == 1
    lengthen(spark, quoted(path), "held", 420)
    assert held(spark, path) == {LOG: "interval 60 weeks", FILES: "interval 420 days"}
    lengthen(spark, quoted(path), "held", 421)
    assert held(spark, path) == properties(421)


@pytest.mark.parametrize("days", [None, 400])
def test_old_versions_are_read_after_checkpoints_cleaning_and_vacuum(spark, tmp_path, days):
    """Of a table that Delta keeps as it likes, versions of last week are lost, and the log of last month."""
    table = tmp_path / "table"

    def write(number: int) -> int:
        rows = spark.range(number).withColumn("date", fn.lit(DAYS[number % 2]))
        return write_date(rows, str(table), DAYS[number % 2], days)

    def count(version: int) -> int | None:
        try:
            rows = spark.read.format("delta").option("versionAsOf", version).load(str(table))
            return rows.where(fn.col("date") == DAYS[1]).count()
        except PySparkException:
            return None

    first = write(1)
    spark.sql(f"ALTER TABLE {quoted(str(table))} SET TBLPROPERTIES ('delta.checkpointInterval' = '2')")
    for number in (3, 5, 2):
        write(number)
    grow_older(spark, table, 8)
    write(7)
    # The Delta of Spark 3.5 may read a version while its files are there.
    if days is not None or has_operator(spark.version):
        assert count(first) == (None if days is None else 1)
    grow_older(spark, table, 40)
    for number in (9, 11, 13):
        write(number)
    logs = {int(path.stem) for path in (table / "_delta_log").glob("*.json")}
    assert (first in logs) == (days is not None)
    for file in table.rglob("*.parquet"):
        if "_delta_log" not in file.parts:
            os.utime(file, (time.time() - 86_400 * 40,) * 2)
    # By default VACUUM lists folders in 10,000 tasks.
    spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
    try:
        spark.sql(f"VACUUM {quoted(str(table))}")
    finally:
        spark.conf.unset("spark.sql.sources.parallelPartitionDiscovery.parallelism")
    spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()
    assert count(first) == (None if days is None else 1)
    assert count(newest_version(spark, str(table))) == 13


def test_the_identity_of_settings_is_without_retention():
    nightly = NightlySettings("p", "j", "o")
    labels = LabelSettings("i", "i", "o")
    for settings in (nightly, labels):
        assert settings.retention_days == 400
        for days in (None, 1):
            assert dataclasses.replace(settings, retention_days=days).digest() == settings.digest()


@pytest.mark.parametrize(
    ("kind", "inputs", "more"),
    [
        (NightlySettings, ("products", "judgments"), "spec: s\n"),
        (LabelSettings, ("impressions", "interactions"), ""),
    ],
)
def test_no_days_are_refused_and_null_is_taken(tmp_path, kind, inputs, more):
    file, flags = tmp_path / "settings.yaml", dict.fromkeys((*inputs, "output"), "x")
    file.write_text(f"retention_days: 0\n{more}", "utf-8")
    with pytest.raises(InvalidValueError, match="retention_days: must be at least 1, not 0"):
        kind.load(file, flags)
    file.write_text(f"retention_days: null\n{more}", "utf-8")
    assert kind.load(file, flags).retention_days is None
