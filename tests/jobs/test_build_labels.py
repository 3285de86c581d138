"""The label job: its rows against plain loops, no leak of later events, the bias it recovers, what it leaves behind."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from datetime import date, datetime, timedelta, timezone

import buzzsaw as bz
import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from buzzsaw.datasets import marketplace
from buzzsaw.jobs.caching import cached
from buzzsaw.labels import LabelSettings, behaviour, job, label_manifest_schema, main, propensity, run, sampling
from buzzsaw.labels.calendar import DAY, Days, timed
from buzzsaw.labels.propensity import Swap
from buzzsaw.nightly import NightlySettings
from buzzsaw.nightly import run as run_nightly
from frames import on_spark, rows_of
from label_reference import Rules, label_rows
from pyspark.sql import functions as fn
from shops import ROOT

UTC = timezone.utc
MARKET = marketplace.Marketplace(
    seed=5, products=600, sellers=40, queries=120, requests=16_000, days=9, start=date(2026, 10, 1)
)
#: The last whole day whose attribution of 24 hours is over is the 8th.
NOW = datetime(2026, 10, 10, 3, tzinfo=UTC)
RULES = Rules(
    {"click": 1, "cart": 2, "purchase": 3},
    datetime(2026, 10, 6, tzinfo=UTC),
    datetime(2026, 10, 8, tzinfo=UTC),
    # In a log this small a scraper sees some 440 a day.
    robot_impressions=300,
)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The files of a log, by name."""
    return marketplace.write(MARKET, tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def settings(log, tmp_path_factory):
    output = str(tmp_path_factory.mktemp("labels"))
    return LabelSettings(str(log["impressions"]), str(log["interactions"]), output, label_days=3, robot_impressions=300)


@pytest.fixture(scope="module")
def outcome(spark, settings):
    """One run."""
    return run(spark, settings, NOW)


@pytest.fixture(scope="module")
def rows(spark, outcome):
    """Its table, as its manifest names it."""
    named = outcome.manifest["tables"]["labels"]
    table = spark.read.format("delta").option("versionAsOf", named["version"]).load(str(outcome.output / named["path"]))
    return rows_of(table)


def columns_of(row):
    return {name: value for name, value in row.items() if name not in {"request_id", "day"}}


def test_rows_are_those_of_plain_loops(log, rows, outcome):
    want = label_rows(
        pq.read_table(log["impressions"]).to_pylist(), pq.read_table(log["interactions"]).to_pylist(), RULES
    )
    got = {(int(row["group_id"]), row["product_id"]): row for row in rows}
    assert len(got) == len(rows) > 40_000
    assert got.keys() == want.keys()
    for key, made in want.items():
        differ = {name: (value, got[key][name]) for name, value in made.items() if got[key][name] != value}
        assert not differ, key
    assert set(outcome.manifest["features"]) == set(made) - {"rating", "position", "query"}


def test_the_rules_remove_what_the_generator_planted(outcome, log):
    """Counts of the manifest beside the truth of the generator, for the days that were read: October 1 to 8."""
    removed = outcome.manifest["removed"]
    seen, done = pq.read_table(log["impressions"]), pq.read_table(log["interactions"])
    hidden = marketplace.table(MARKET, "impression_truth")
    acted = marketplace.table(MARKET, "interaction_truth")
    read = pc.less(seen["event_date"], date(2026, 10, 9))
    # Clicks and carts of the 9th can count for the 8th.
    newest = pc.less(done["event_date"], date(2026, 10, 10))
    assert removed["impression_copies"] == pc.sum(hidden["copy"].filter(read)).as_py()
    assert removed["interaction_copies"] == pc.sum(acted["copy"].filter(newest)).as_py()
    double = pc.and_(acted["double"], newest)
    assert removed["double_interactions"] == pc.sum(double).as_py()
    robots = pc.and_(pc.and_(pc.greater(hidden["robot"], 0), pc.invert(hidden["copy"])), read)
    assert removed["robot_impressions"] == pc.sum(robots).as_py()
    assert removed["robot_shopper_days"] == 2 * 8
    assert outcome.manifest["inputs"]["impressions"]["rows"] == pc.sum(read).as_py()


def test_the_bias_of_the_generator_is_recovered(outcome):
    """At 15,000 requests of people; a standard error at position 10 is some 3 percent."""
    found = outcome.manifest["propensities"]
    assert found["source"] == "estimated"
    truth = marketplace.examination(MARKET, np.arange(1, 11))
    errors = {int(k): p / truth[int(k) - 1] - 1 for k, p in found["by_position"].items()}
    assert list(errors) == list(range(1, 11))
    assert max(map(abs, errors.values())) < 0.10, errors
    assert np.sqrt(np.mean(np.square(list(errors.values())))) < 0.05, errors


def test_weights_of_a_log_that_is_not_sampled_are_inverse_propensities(rows, outcome):
    by_position = outcome.manifest["propensities"]["by_position"]
    for row in rows:
        p = by_position[str(row["position"])]
        assert (row["propensity"], row["sampling_rate"]) == (p, 1.0)
        assert row["weight"] == (min(20.0, 1 / p) if row["rating"] else 1.0)
    assert {str(k): n for k, n in pc_counts(rows).items()} == outcome.manifest["ratings"]


def pc_counts(rows):
    counts = {}
    for row in rows:
        counts[row["rating"]] = counts.get(row["rating"], 0) + 1
    return dict(sorted(counts.items()))


def test_robots_left_in_spoil_the_estimate(spark, settings, outcome):
    """The rules matter: without them the same log gives propensities that are further off."""
    blind = dataclasses.replace(settings, robot_impressions=10**9, robot_click_rate=1e9, duplicate_seconds=0.0)
    attributed = cleaned(spark, settings_tables(spark, settings), blind).attributed
    wrong = propensity.estimate(propensity.swaps(attributed), range(1, 11), 20_000, 1e-9)
    truth = marketplace.examination(MARKET, np.arange(1, 11))
    right = np.array(list(outcome.manifest["propensities"]["by_position"].values()))
    assert np.abs(np.array(wrong.values) / truth - 1).max() > 2 * np.abs(right / truth - 1).max()


def settings_tables(spark, settings):
    return spark.read.parquet(settings.impressions), spark.read.parquet(settings.interactions)


def cleaned(spark, tables, settings, now=NOW):
    attribution_us = int(settings.attribution_hours * 3_600e6)
    days = Days.of(now, settings.label_days, max(settings.windows), settings.late_days, attribution_us)
    seen = timed(tables[0], days, days.last, "impressions")
    done = timed(tables[1], days, days.newest, "interactions")
    return job.clean(seen, done, settings, attribution_us)


def made_of(spark, tables, settings, now):
    """The rows that the job makes of a log, with propensities of 1."""
    days = Days.of(now, settings.label_days, max(settings.windows), settings.late_days, 24 * 3_600_000_000)
    alike = propensity.given([1.0] * 10, range(1, 11))
    with cached(cleaned(spark, tables, settings, now).attributed) as attributed:
        labelled = attributed.where(attributed[DAY].between(days.first, days.last))
        with cached(behaviour.daily_counts(attributed, days, settings.late_days)) as daily:
            return rows_of(job.label_rows(labelled, daily, alike, settings, days))


# A small log of its own for what needs the features several times.
SMALL = marketplace.Marketplace(
    seed=11, products=400, sellers=20, queries=12, requests=240, days=6, start=date(2026, 10, 1)
)
#: Rows of this day and earlier must not see what happens from it on; so for the last day that is labelled.
TURN, LAST = datetime(2026, 10, 4, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def small():
    names = ("impressions", "interactions")
    return tuple(marketplace.table(SMALL, name).to_pylist() for name in names)


def features_of(spark, events, partitions=3):
    """The features of each row of a log as the job makes them, by request and product, with the row's day and query."""
    schemas = [marketplace.TABLES[name][2] for name in ("impressions", "interactions")]
    tables = [
        on_spark(spark, pa.Table.from_pylist(rows, schema)).repartition(partitions)
        for rows, schema in zip(events, schemas, strict=True)
    ]
    settings = LabelSettings("", "", "", label_days=4, robot_impressions=80, windows=[1, 3])
    kept = ("event_date", "query", *behaviour.names(settings.windows))
    made = made_of(spark, tables, settings, datetime(2026, 10, 7, 1, tzinfo=UTC))
    return {(row["group_id"], row["product_id"]): {name: row[name] for name in kept} for row in made}


def later(events, change, turn):
    """The log with its events from the day on put through `change`, which gives the rows that stand for a row."""
    return tuple(
        [new for row in rows for new in (change(row) if row["event_time"] >= turn else [row])] for rows in events
    )


def moved(row, by):
    time = row["event_time"] + by
    return {**row, "event_time": time, "event_date": time.date()}


def worse(row):
    """One more of what is counted, a purchase for each event, copies under another query and a day on."""
    copy = moved(row, timedelta(days=1))
    if "kind" not in row:
        # As of a request of another shopper: with the row's own request it would be a copy.
        request = {"request_id": row["request_id"] + 10**6, "shopper_id": row["request_id"] + 10**6}
        later_on = moved(row, timedelta(minutes=9))
        return [row, {**later_on, **request}, {**later_on, "shopper_id": 1, "query": "headphones"}, copy]
    bought = {"kind": "purchase", "event_id": row["event_id"] + 1, "shopper_id": 1}
    more = [{**moved(row, timedelta(minutes=9)), **bought}]
    if row["kind"] == "click":
        more.append({**moved(row, timedelta(seconds=5)), "event_id": row["event_id"] + 2})
    return [row, *more, copy]


CHANGES = {
    "gone": lambda row: [],
    "clocks an hour on": lambda row: [moved(row, timedelta(hours=1))],
    "more and other events": worse,
}


def leaks(before, after, turn):
    """Rows up to the day whose features differ; of the day itself those that are still that day's."""
    named = [{key: (row["event_date"], row["query"]) for key, row in rows.items()} for rows in (before, after)]
    shared = [key for key, name in named[0].items() if name[0] <= turn.date() and named[1].get(key) == name]
    earlier = [
        sum(row["event_date"] < turn.date() for row in rows) for rows in (before.values(), map(before.get, shared))
    ]
    assert earlier[0] == earlier[1] > 0
    return [key for key in shared if before[key] != after[key]]


@pytest.fixture(scope="module")
def features(spark, small):
    return features_of(spark, small)


@pytest.mark.parametrize(("name", "turn"), [*((name, TURN) for name in CHANGES), ("more and other events", LAST)])
def test_no_event_at_or_after_a_row_changes_its_features(spark, small, features, name, turn):
    """In another time zone of the session as well: days are UTC's."""
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        after = features_of(spark, later(small, CHANGES[name], turn), partitions=1)
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)
    assert not leaks(features, after, turn)


def counts_that_leak(spark, small, turn):
    """The counts by which the test above would find a leak: features of a count are made of it alone."""
    before, after = features_of(spark, small), features_of(spark, later(small, worse, turn))
    found = leaks(before, after, turn)
    differ = {name for key in found for name, value in before[key].items() if after[key][name] != value}
    return [count for count in behaviour.COUNTS if any(f"_{count}_" in name for name in differ)]


def test_a_planted_leak_of_the_own_day_is_caught_in_each_count(spark, small, monkeypatch):
    windowed = behaviour.windowed

    def leaky(daily, *rest):
        return windowed(daily.withColumn(DAY, daily[DAY] - 1), *rest)

    monkeypatch.setattr(behaviour, "windowed", leaky)
    assert counts_that_leak(spark, small, TURN) == list(behaviour.COUNTS)


def test_a_planted_leak_of_the_last_day_alone_is_caught_in_each_count(spark, small, monkeypatch):
    """Its events are counted, and its own rows see them."""
    daily_counts, windowed = behaviour.daily_counts, behaviour.windowed

    def counting_on(attributed, days, late_days):
        return daily_counts(attributed, dataclasses.replace(days, last=days.last + 1), late_days)

    def leaky(daily, keys, days, *rest):
        return windowed(daily.withColumn(DAY, fn.least(DAY, fn.lit(days.last - 1))), keys, days, *rest)

    monkeypatch.setattr(behaviour, "daily_counts", counting_on)
    monkeypatch.setattr(behaviour, "windowed", leaky)
    assert counts_that_leak(spark, small, LAST) == list(behaviour.COUNTS)


def test_the_table_is_the_same_at_any_partitioning_and_order(spark, settings, outcome, rows, tmp_path):
    shuffled = {}
    for name in ("impressions", "interactions"):
        table = pq.read_table(getattr(settings, name))
        order = np.random.default_rng(1).permutation(table.num_rows)
        shuffled[name] = str(tmp_path / name)
        on_spark(spark, table.take(pa.array(order))).repartition(5).write.parquet(shuffled[name])
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", "3")
    try:
        again = run(spark, dataclasses.replace(settings, output=str(tmp_path / "out"), **shuffled), NOW)
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", before)
    for part in ("removed", "ratings", "propensities"):
        assert again.manifest[part] == outcome.manifest[part]
    table = rows_of(spark.read.format("delta").load(str(tmp_path / "out" / "labels")))
    assert sorted(map(str, table)) == sorted(map(str, rows))


def test_sampling_is_by_hash_and_its_rates_are_recorded(spark, rows):
    table = pa.table(
        {
            "request_id": [int(row["group_id"]) for row in rows],
            "product_id": [row["product_id"] for row in rows],
            "rating": pa.array([row["rating"] for row in rows], pa.int32()),
        }
    )
    frame = on_spark(spark, table)
    kept = rows_of(sampling.sampled(frame, 0.3, 0.5, 0))
    again = rows_of(sampling.sampled(frame.repartition(7), 0.3, 0.5, 0))
    assert sorted(map(str, kept)) == sorted(map(str, again))
    positives = [row for row in rows if row["rating"]]
    clicked = {int(row["group_id"]) for row in positives}
    assert sum(row["rating"] > 0 for row in kept) == len(positives)
    assert {row["sampling_rate"] for row in kept if row["rating"]} == {1.0}
    for inside, rate in ((True, 0.3), (False, 0.15)):
        of = [row for row in kept if not row["rating"] and (row["request_id"] in clicked) is inside]
        assert {row["sampling_rate"] for row in of} == {rate}
        every = sum(not row["rating"] and (int(row["group_id"]) in clicked) is inside for row in rows)
        assert len(of) / every == pytest.approx(rate, abs=0.03)
    # A request without a click is kept or left out whole, then its rows one by one: with rate 1 it has all ten.
    whole = rows_of(sampling.sampled(frame, 1.0, 0.5, 0))
    left = [row["request_id"] for row in whole if row["request_id"] not in clicked]
    assert len(left) == 10 * len(set(left)) > 0
    other = rows_of(sampling.sampled(frame, 0.3, 0.5, 1))
    assert {str(row) for row in other} != {str(row) for row in kept}


def test_em_solves_noiseless_harvests_exactly():
    truth = np.array([0.9, 0.5, 0.3, 0.1])
    attractive = {(0, 1): 0.4, (1, 2): 0.7, (0, 3): 0.2}
    found = [Swap(i + 1, j + 1, 5, 100.0, 100 * truth[i] * r, 100 * truth[j] * r) for (i, j), r in attractive.items()]
    estimated = propensity.estimate(found, [1, 2, 3, 4], 50_000, 1e-13)
    assert estimated.values == pytest.approx(tuple(truth / 0.9), rel=1e-6)


def test_harvest_weighs_pairs_as_mantel_and_haenszel(spark):
    """One pair with 3 impressions at position 1 and 1 at 2, another with 2 and 2; clicks at both."""
    shows = [("a", 1, 1), ("a", 1, 0), ("a", 1, 0), ("a", 2, 1), ("b", 1, 2), ("b", 1, 0), ("b", 2, 0), ("b", 2, 0)]
    shows += [("only once", 1, 3)]
    rows = [("q", product, position, rating) for product, position, rating in shows]
    frame = spark.createDataFrame(rows, "qid string, product_id string, position int, rating int")
    assert propensity.swaps(frame) == [
        Swap(1, 2, 2, pytest.approx(3 / 4 + 1), pytest.approx(1 / 4 + 1 / 2), pytest.approx(3 / 4 + 0))
    ]


def test_positions_without_link_are_refused():
    found = [Swap(1, 2, 5, 100.0, 50.0, 30.0), Swap(3, 4, 5, 100.0, 20.0, 10.0), Swap(1, 5, 5, 100.0, 0.0, 0.0)]
    with pytest.raises(bz.InvalidValueError, match=r"3, 4, 5"):
        propensity.estimate(found, [1, 2, 3, 4, 5], 10, 0.0)


def test_the_manifest_fits_its_schema_and_names_what_is_there(outcome):
    manifest = json.loads(outcome.manifest_path.read_text("utf-8"))
    jsonschema.validate(manifest, label_manifest_schema())
    assert manifest["labelled"] == {"first": "2026-10-06", "last": "2026-10-08"}
    report = (outcome.output / manifest["report"]["path"]).read_bytes()
    assert hashlib.sha256(report).hexdigest() == manifest["report"]["sha256"]
    page = report.decode()
    assert "<script" not in page
    assert f"{manifest['removed']['robot_impressions']:,}" in page


def arguments(settings, *more):
    paths = (
        "--impressions",
        settings.impressions,
        "--interactions",
        settings.interactions,
        "--output",
        settings.output,
    )
    return [*paths, "--now", NOW.isoformat(), *more]


def test_the_same_run_again_writes_nothing_and_with_other_settings_is_refused(
    spark, settings, outcome, tmp_path, capsys
):
    before = {path: path.stat().st_mtime_ns for path in outcome.output.rglob("*") if path.is_file()}
    config = tmp_path / "settings.yaml"
    config.write_text("label_days: 3\nrobot_impressions: 300\n", "utf-8")
    assert main(arguments(settings, "--config", str(config)), spark) == 0
    assert "was done before" in capsys.readouterr().out
    config.write_text("label_days: 2\nrobot_impressions: 300\n", "utf-8")
    assert main(arguments(settings, "--config", str(config)), spark) == 1
    assert "BZ_INVALID_VALUE" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in outcome.output.rglob("*") if path.is_file()} == before


def null_some(table, name):
    column = table[name].combine_chunks()
    mask = np.arange(len(column)) % 1_000 == 0
    return table.set_column(table.schema.get_field_index(name), name, pc.if_else(pa.array(mask), None, column))


@pytest.mark.parametrize(
    ("of", "change", "told"),
    [
        ("impressions", lambda table: null_some(table, "position"), "have no `position`"),
        ("interactions", lambda table: null_some(table, "event_time"), "have no `event_time`"),
        ("impressions", lambda table: table.drop_columns(["shopper_id"]), "has no column `shopper_id`"),
        ("interactions", lambda table: table.set_column(5, "event_time", table["event_date"]), "type date"),
    ],
)
def test_nothing_is_written_when_the_log_is_bad(spark, log, tmp_path, capsys, of, change, told):  # noqa: PLR0917
    path = tmp_path / "bad.parquet"
    pq.write_table(change(pq.read_table(log[of])), path)
    paths = {name: str(path if name == of else log[name]) for name in ("impressions", "interactions")}
    settings = LabelSettings(**paths, output=str(tmp_path / "out"))
    assert main(arguments(settings), spark) == 1
    message = capsys.readouterr().err
    assert told in message
    assert "\n" not in message.strip()
    assert not (tmp_path / "out").exists()


def test_a_log_of_no_day_that_counts_is_refused(spark, settings, tmp_path):
    with pytest.raises(bz.InvalidValueError, match="no impressions"):
        run(spark, dataclasses.replace(settings, output=str(tmp_path)), datetime(2027, 10, 10, tzinfo=UTC))
    # Days that are read for the windows, and none to label.
    given = dataclasses.replace(settings, output=str(tmp_path), propensities=[1.0] * 50)
    with pytest.raises(bz.InvalidValueError, match="from 2026-10-16 to 2026-10-18, the days that are labelled"):
        run(spark, given, datetime(2026, 10, 20, 3, tzinfo=UTC))
    assert not list(tmp_path.iterdir())


def test_a_run_that_dies_before_the_manifest_is_not_trusted(spark, small, tmp_path, monkeypatch):
    for name, rows in zip(("impressions", "interactions"), small, strict=True):
        pq.write_table(pa.Table.from_pylist(rows, marketplace.TABLES[name][2]), tmp_path / name)
    narrow = LabelSettings(
        str(tmp_path / "impressions"),
        str(tmp_path / "interactions"),
        str(tmp_path / "out"),
        propensities=[1.0] * 10,
        windows=[1],
        label_days=1,
    )
    now = datetime(2026, 10, 7, 1, tzinfo=UTC)

    def dies(*_, **__):
        raise OSError("the driver is gone")

    with monkeypatch.context() as patch:
        patch.setattr(job, "render", dies)
        with pytest.raises(OSError, match="gone"):
            run(spark, narrow, now)
    assert not list(tmp_path.rglob("manifest.json"))
    again = run(spark, narrow, now)
    assert again.wrote
    assert again.manifest["tables"]["labels"]["version"] == 1
    assert again.manifest["propensities"]["source"] == "given"
    table = spark.read.format("delta").load(str(tmp_path / "out" / "labels"))
    assert table.count() == again.manifest["tables"]["labels"]["rows"]
    assert table.select("weight").distinct().count() == 1


def test_the_nightly_job_reads_the_labels_as_judgments(spark, log, outcome, rows, tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        """
buzzsaw: 1
name: behaviour
inputs:
  query: {type: string, side: query}
  title: {type: string, side: document}
  pair_click_rate_7d: {type: float64, side: pair}
  product_purchases_30d: {type: int64, side: pair}
  rating: {type: int32, side: pair, role: label}
  weight: {type: float64, side: pair, role: weight}
steps:
  query_terms: {transform: tokenize, input: query, analyzer: english}
  title_terms: {transform: tokenize, input: title, analyzer: english}
  title_bm25: {transform: bm25, inputs: [query_terms, title_terms]}
  purchases: {transform: log1p, input: product_purchases_30d}
features: [title_bm25, pair_click_rate_7d, purchases]
""",
        "utf-8",
    )
    output = str(tmp_path / "night")
    settings = NightlySettings(str(log["products"]), None, output, spec=str(spec), labels=str(outcome.output))
    night = run_nightly(spark, settings, NOW)
    training = rows_of(spark.read.format("delta").load(str(tmp_path / "night" / "training")))
    assert len(training) == len(rows) == night.manifest["rows"]["pairs"]
    want = {(row["group_id"], row["product_id"]): row for row in rows}
    for row in training:
        label = want[row["group_id"], row["product_id"]]
        assert (row["label"], row["weight"]) == (label["rating"], label["weight"])
        assert row["pair_click_rate_7d"] == np.float32(label["pair_click_rate_7d"])
        assert not np.isnan(row["title_bm25"])


def test_settings_name_every_problem(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        "label_day: 3\nwindows: 7\ngrades: {click: yes}\nimpressions: i\nclickless_rate: half\n", "utf-8"
    )
    with pytest.raises(bz.InvalidSpecError) as caught:
        LabelSettings.load(settings, {"output": "o"})
    places = {problem["place"]: problem for problem in caught.value.problems}
    assert places["label_day"]["hint"] == "did you mean `label_days`?"
    assert {places[name]["code"] for name in ("windows", "grades", "clickless_rate")} == {"BZ_TYPE_MISMATCH"}
    assert places["interactions"]["code"] == "BZ_MISSING_INPUT"
    settings.write_text(
        "impressions: i\ninteractions: i\noutput: o\nnegative_rate: 0\nwindows: [7, 7]\ngrades: {cart: 2}\n"
        "weight_clip: 0.5\npropensities: [1.0, 0]\nclickless_rate: 2\n",
        "utf-8",
    )
    with pytest.raises(bz.InvalidValueError) as caught:
        LabelSettings.load(settings, {})
    places = {problem["place"] for problem in caught.value.problems}
    assert places == {"negative_rate", "windows", "grades", "weight_clip", "propensities", "clickless_rate"}


def test_the_settings_file_holds_every_setting_with_its_description_and_default():
    text = (ROOT / "jobs" / "build_labels.yaml").read_text("utf-8")
    shown = yaml.safe_load(re.sub(r"^#(\w+:)", r"\1", text, flags=re.MULTILINE))
    known = {field.name: field for field in dataclasses.fields(LabelSettings)}
    assert list(shown) == list(known)
    comments = re.findall(r"((?:^# .*\n)+)#?(\w+):", text, re.MULTILINE)
    assert [name for _, name in comments] == list(known)
    defaults = LabelSettings("i", "i", "o")
    for comment, name in comments:
        words = " ".join(comment.replace("#", " ").split())
        assert words.startswith(known[name].metadata["description"])
        if known[name].metadata.get("path"):
            assert "Needed" in words
        elif getattr(defaults, name) is not None:
            written = json.dumps(getattr(defaults, name)).replace('"', "")
            assert words.endswith(f"Default: {written}.") or name == "title"
            assert shown[name] == getattr(defaults, name) or name == "title"
    settings = LabelSettings.load(
        ROOT / "jobs" / "build_labels.yaml", {"impressions": "i", "interactions": "i", "output": "o"}
    )
    assert dataclasses.replace(settings, title="Labels", impressions="i", interactions="i", output="o") == defaults


def test_days_are_whole_and_their_attribution_over():
    hour = 3_600_000_000
    days = Days.of(datetime(2026, 10, 10, tzinfo=UTC), 3, 30, 2, 24 * hour)
    assert days.last == (date(2026, 10, 8) - date(1970, 1, 1)).days
    assert (days.first, days.oldest, days.newest) == (days.last - 2, days.last - 32, days.last + 1)
    assert days.earliest == days.oldest - 2
    assert Days.of(datetime(2026, 10, 9, 23, 59, 59, tzinfo=UTC), 3, 30, 2, 24 * hour).last == days.last - 1
    assert Days.of(datetime(2026, 10, 10, tzinfo=UTC), 3, 30, 2, 0).last == days.last + 1
