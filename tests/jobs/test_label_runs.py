"""Several label runs over one log: rows that do not depend on the run, readers that trust manifests, small data."""

from __future__ import annotations

import dataclasses
import json
import logging
from datetime import date, datetime, timedelta, timezone

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.labels import LabelSettings, cleaning, job, main, propensity, read, run
from buzzsaw.labels.calendar import DAY, Days
from buzzsaw.labels.propensity import Swap
from buzzsaw.nightly import NightlySettings
from buzzsaw.nightly import run as run_nightly
from frames import rows_of

UTC = timezone.utc
MARKET = marketplace.Marketplace(
    seed=3, products=400, sellers=20, queries=12, requests=3_000, days=9, start=date(2026, 10, 1)
)
#: Each run labels four days: October 4 to 7, and 5 to 8.
RUNS = [datetime(2026, 10, 9, 1, tzinfo=UTC), datetime(2026, 10, 10, 1, tzinfo=UTC)]
SPEC = """
buzzsaw: 1
name: labelled
inputs:
  title: {type: string, side: document}
  pair_clicks_1d: {type: int64, side: pair}
  rating: {type: int32, side: pair, role: label}
steps:
  clicks: {transform: log1p, input: pair_clicks_1d}
features: [clicks]
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return marketplace.write(MARKET, tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def settings(log, tmp_path_factory):
    """A log that is longer than the windows, so that runs see other parts of it."""
    return LabelSettings(
        str(log["impressions"]),
        str(log["interactions"]),
        str(tmp_path_factory.mktemp("labels")),
        label_days=4,
        windows=[1],
        propensities=[1.0] * 10,
        robot_impressions=80,
    )


@pytest.fixture(scope="module")
def runs(spark, settings):
    return [run(spark, settings, now) for now in RUNS]


def shared(spark, output, windows=("1d",)):
    """What two runs say of the rows that both have, by request and product; the date of the run is left out."""
    found = []
    for now in RUNS:
        rows = rows_of(read(output, now.date(), session=spark))
        found.append({(row["group_id"], row["product_id"]): {**row, "date": None} for row in rows})
    keys = found[0].keys() & found[1].keys()
    assert len(keys) > 5_000
    return [{key: rows[key] for key in keys} for rows in found]


def test_a_row_is_the_same_in_every_run_that_labels_it(spark, runs, settings):
    first, second = shared(spark, settings.output)
    assert first == second


@pytest.fixture(scope="module")
def sampled(spark, settings, tmp_path_factory):
    """The first run with negatives sampled, true propensities and a clip that is below one of the weights."""
    examined = [float(p) for p in marketplace.examination(MARKET, np.arange(1, 11))]
    output = str(tmp_path_factory.mktemp("sampled"))
    rates = {"negative_rate": 0.3, "clickless_rate": 0.5, "weight_clip": 5.2}
    assert 1 / examined[9] > 5.2 > 1 / examined[8]
    outcome = run(spark, dataclasses.replace(settings, output=output, propensities=examined, **rates), RUNS[0])
    return outcome, rows_of(read(output, RUNS[0].date(), session=spark)), examined


def test_a_weight_undoes_what_position_and_sampling_took(spark, runs, settings, sampled):
    outcome, rows, examined = sampled
    every = {
        (row["group_id"], row["product_id"]): row for row in rows_of(read(settings.output, "2026-10-09", session=spark))
    }
    clicked = {group for (group, _), row in every.items() if row["rating"]}
    for row in rows:
        p = examined[row["position"] - 1]
        rate = 1.0 if row["rating"] else 0.3 * (1.0 if row["group_id"] in clicked else 0.5)
        assert row["rating"] == every[row["group_id"], row["product_id"]]["rating"]
        assert (row["propensity"], row["sampling_rate"]) == (p, rate)
        assert row["weight"] == (min(5.2, 1 / p) if row["rating"] else 1.0) / rate
    assert len({(row["rating"] > 0, row["weight"]) for row in rows}) == 12
    assert outcome.manifest["removed"]["sampled_out"] == len(every) - len(rows) > 0


def test_weighted_labels_tell_true_attractiveness_below_the_first_positions(sampled):
    """Some 500 clicks at positions 6 to 9, a standard error of 4.5 percent; unweighted they tell a fourth of it."""
    _, rows, _ = sampled
    log, hidden = marketplace.table(MARKET, "impressions"), marketplace.table(MARKET, "impression_truth")
    pairs = zip(log["request_id"].to_pylist(), log["product_id"].to_pylist(), strict=True)
    relevance = dict(zip(pairs, hidden["relevance"].to_pylist(), strict=True))
    low = [row for row in rows if 6 <= row["position"] <= 9]
    shown = sum(1 / row["sampling_rate"] for row in low)
    attraction = sum(
        (0.05 + 0.85 * relevance[int(row["group_id"]), row["product_id"]]) / row["sampling_rate"] for row in low
    )
    clicks = [row for row in low if row["rating"]]
    assert sum(row["weight"] for row in clicks) / shown == pytest.approx(attraction / shown, rel=0.13)
    assert len(clicks) / shown < 0.35 * attraction / shown


def test_without_the_days_before_the_window_it_would_not_be(spark, settings, tmp_path, monkeypatch):
    """A purchase of the day before comes in part from impressions of days before that."""
    of = Days.of
    monkeypatch.setattr(
        job, "Days", type("Days", (), {"of": lambda *a: dataclasses.replace(of(*a), earliest=of(*a).oldest)})
    )
    alone = dataclasses.replace(settings, output=str(tmp_path))
    for now in RUNS:
        run(spark, alone, now)
    first, second = shared(spark, tmp_path)
    assert first != second


def test_an_interaction_after_the_late_days_counts_for_no_feature(spark, settings, tmp_path):
    noon = datetime(2026, 10, 2, 12, tzinfo=UTC)
    shown = [
        {"request_id": i, "shopper_id": i, "query": "lamp", "product_id": "p7", "position": 1, "event_time": noon}
        | {"event_time": noon + timedelta(days=days)}
        for i, days in enumerate([0, 1, 5])
    ]
    bought = [
        {"event_id": i, "request_id": i, "shopper_id": i, "product_id": "p7", "kind": "purchase"}
        | {"event_time": datetime(2026, 10, 6, 12, tzinfo=UTC)}
        for i in (0, 1)
    ]
    for name, rows in (("impressions", shown), ("interactions", bought)):
        dated = [{**row, "event_date": row["event_time"].date()} for row in rows]
        pq.write_table(pa.Table.from_pylist(dated, marketplace.TABLES[name][2]), tmp_path / name)
    found = {}
    for late in (0, 3, 4):
        own = LabelSettings(
            str(tmp_path / "impressions"),
            str(tmp_path / "interactions"),
            str(tmp_path / f"out{late}"),
            label_days=1,
            windows=[1],
            late_days=late,
            propensities=[1.0],
        )
        run(spark, own, datetime(2026, 10, 9, 1, tzinfo=UTC))
        (row,) = rows_of(read(own.output, "2026-10-09", session=spark))
        found[late] = row["product_purchases_1d"]
    assert found == {0: 0, 3: 1, 4: 2}


def test_a_backfill_runs_each_date_and_passes_over_those_that_are_done(spark, runs, settings, tmp_path, capsys):
    rules = {"label_days": 4, "windows": [1], "propensities": [1.0] * 10, "robot_impressions": 80}
    (tmp_path / "settings.yaml").write_text(json.dumps(rules), "utf-8")
    words = ["--config", str(tmp_path / "settings.yaml"), "--output", str(tmp_path / "out")]
    words += ["--impressions", settings.impressions, "--interactions", settings.interactions]
    assert main([*words, "--from", "2026-10-10", "--to", "2026-10-09"], spark) == 1
    assert "2026-10-09 is before 2026-10-10" in capsys.readouterr().err
    assert main([*words, "--from", "2026-10-09", "--to", "2026-10-09"], spark) == 0
    capsys.readouterr()
    assert main([*words, "--from", "2026-10-09", "--to", "2026-10-10"], spark) == 0
    said = capsys.readouterr().out
    assert said.count("was done before") == 1
    assert said.index("run 2026-10-09 was done before") < said.index("run 2026-10-10 is done")
    # An hour later the same days are labelled.
    for now in RUNS:
        made, want = (rows_of(read(of, now.date(), session=spark)) for of in (tmp_path / "out", settings.output))
        assert sorted(map(str, made)) == sorted(map(str, want))
    # Of an output with runs of another hour none is made again, and no other date either.
    words[3] = settings.output
    assert main([*words, "--from", "2026-10-08", "--to", "2026-10-10"], spark) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "2026-10-09 was done with another --now" in told
    assert "2026-10-10 was done with another --now" in told
    assert not (runs[0].output / "runs" / "2026-10-08").exists()


def test_readers_see_the_run_that_a_manifest_names_and_nothing_after_it(spark, runs, settings):
    named = runs[0].manifest["tables"]["labels"]
    before = sorted(map(str, rows_of(read(settings.output, "2026-10-09", session=spark))))
    assert len(before) == named["rows"]
    # What a run that never ended leaves: a commit of the same date, with a column more.
    path = str(runs[0].output / named["path"])
    table = spark.read.format("delta").load(path).where("date = '2026-10-09'").limit(3).selectExpr("*", "1 as more")
    writer = table.write.format("delta").mode("overwrite").option("replaceWhere", "date = '2026-10-09'")
    writer.option("mergeSchema", "true").save(path)
    after = read(settings.output, date(2026, 10, 9), session=spark)
    assert "more" not in after.columns
    assert sorted(map(str, rows_of(after))) == before


def test_the_nightly_job_takes_the_run_of_its_date_alone(spark, runs, settings, log, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    nightly = NightlySettings(
        str(log["products"]), None, str(tmp_path / "out"), spec=str(tmp_path / "spec.yaml"), labels=settings.output
    )
    night = run_nightly(spark, nightly, RUNS[1])
    assert night.manifest["rows"]["pairs"] == runs[1].manifest["tables"]["labels"]["rows"]
    table = night.manifest["inputs"]["judgments"]
    assert table["version"] == runs[1].manifest["tables"]["labels"]["version"]
    with pytest.raises(bz.InvalidValueError, match="2026-10-12 has not ended"):
        run_nightly(spark, nightly, datetime(2026, 10, 12, tzinfo=UTC))
    (tmp_path / "settings.yaml").write_text("products: p\njudgments: j\nlabels: l\noutput: o\nspec: s\n", "utf-8")
    with pytest.raises(bz.MissingInputError, match="not both"):
        NightlySettings.load(tmp_path / "settings.yaml", {})


def test_another_jobs_output_is_told_as_such(spark, settings, runs, log, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    nightly = NightlySettings(str(log["products"]), "unread", settings.output, spec=str(tmp_path / "spec.yaml"))
    with pytest.raises(bz.InvalidValueError, match="is one of build_labels, not of nightly_features"):
        run_nightly(spark, nightly, RUNS[0])


def test_a_shopper_of_many_clicks_is_a_robot_though_nothing_was_shown_that_day(spark):
    rules = cleaning.RobotRules(impressions=3, click_rate=0.6, least_impressions=2)
    seen = spark.createDataFrame([(1, 7), (1, 7), (1, 8)], f"{DAY} int, shopper_id bigint")
    done = [(2, 7, "click", False)] * 4 + [(2, 8, "click", False)] * 3 + [(1, 7, "click", False)] * 2
    done += [(2, None, "click", False)] * 9 + [(2, 9, "click", True)] * 9 + [(2, 9, "cart", False)] * 9
    found = cleaning.robot_days(
        seen, spark.createDataFrame(done, f"{DAY} int, shopper_id bigint, kind string, double boolean"), rules
    )
    assert sorted((row[DAY], row["shopper_id"]) for row in found.collect()) == [(1, 7), (2, 7)]


def test_a_position_without_a_click_has_no_propensity():
    for first, second in ((0.0, 30.0), (50.0, 0.0)):
        with pytest.raises(bz.InvalidValueError, match="positions 2 and"):
            propensity.estimate([Swap(1, 2, 5, 100.0, first, second)], [1, 2], 100, 1e-9)


def test_an_estimate_that_goes_on_changing_is_told(caplog):
    found = [Swap(1, 2, 5, 100.0, 40.0, 10.0), Swap(2, 3, 5, 100.0, 20.0, 5.0)]
    with caplog.at_level(logging.WARNING, "buzzsaw.labels"):
        propensity.estimate(found, [1, 2, 3], 2, 1e-12)
    assert "after 2 rounds" in caplog.text
    caplog.clear()
    propensity.estimate(found, [1, 2, 3], 20_000, 1e-6)
    assert not caplog.text


def test_a_title_and_a_later_setting_at_its_default_do_not_make_it_another_run(spark, settings, runs):
    again = run(spark, dataclasses.replace(settings, title="Another title"), RUNS[0])
    assert not again.wrote
    with pytest.raises(bz.InvalidValueError, match="done with other settings: `late_days` was 3 and is 2"):
        run(spark, dataclasses.replace(settings, late_days=2), RUNS[0])


def test_times_without_a_zone_are_told_how_to_be_mended(log, tmp_path, capsys, spark):
    table = pq.read_table(log["interactions"])
    naive = table["event_time"].cast(pa.timestamp("us"))
    at = table.schema.get_field_index("event_time")
    pq.write_table(table.set_column(at, "event_time", naive), tmp_path / "naive.parquet")
    words = ["--impressions", str(log["impressions"]), "--interactions", str(tmp_path / "naive.parquet")]
    assert main([*words, "--output", str(tmp_path / "out"), "--now", RUNS[0].isoformat()], spark) == 1
    message = capsys.readouterr().err
    assert "timestamp_ntz" in message
    assert "time zone" in message
