"""Logs and settings of the label job that are not as usual: kinds without a grade, times, dates, types, other runs."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone

import buzzsaw as bz
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.labels import LabelSettings, read, run
from buzzsaw.nightly import NightlySettings
from buzzsaw.nightly import run as run_nightly
from frames import rows_of

UTC = timezone.utc
MARKET = marketplace.Marketplace(
    seed=7, products=400, sellers=20, queries=12, requests=900, days=6, start=date(2026, 10, 1)
)
NOW = datetime(2026, 10, 6, 3, tzinfo=UTC)
IN_GROUP = """
buzzsaw: 1
name: in_group
inputs:
  title: {type: string, side: document}
  pair_clicks_1d: {type: int64, side: pair}
  rating: {type: int32, side: pair, role: label}
steps:
  rank: {transform: group_rank, input: pair_clicks_1d}
features: [rank]
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return marketplace.write(MARKET, tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def base(log, tmp_path_factory) -> LabelSettings:
    return LabelSettings(
        str(log["impressions"]),
        str(log["interactions"]),
        str(tmp_path_factory.mktemp("base")),
        label_days=2,
        windows=[1],
        propensities=[1.0] * 10,
        robot_impressions=80,
    )


@pytest.fixture(scope="module")
def made(spark, base):
    """The rows of a usual run."""
    run(spark, base, NOW)
    return rows_of(read(base.output, NOW.date(), session=spark))


@pytest.fixture
def settings(base, tmp_path) -> LabelSettings:
    return dataclasses.replace(base, output=str(tmp_path / "labels"))


def with_interactions(settings: LabelSettings, table: pa.Table, folder) -> LabelSettings:
    pq.write_table(table, folder / "interactions.parquet")
    return dataclasses.replace(settings, interactions=str(folder / "interactions.parquet"))


def test_purchases_are_counted_without_a_grade_of_their_own(spark, settings, made):
    every = {(row["group_id"], row["product_id"]): row for row in made}
    ungraded = dataclasses.replace(settings, grades={"click": 1})
    outcome = run(spark, ungraded, NOW)
    rows = rows_of(read(ungraded.output, NOW.date(), session=spark))
    assert sum(row["product_purchases_1d"] for row in rows) > 0
    graded = {name for name in rows[0] if name not in ("rating", "weight")}
    for row in rows:
        same = every[row["group_id"], row["product_id"]]
        assert {name: row[name] for name in graded} == {name: same[name] for name in graded}
        assert row["rating"] == min(same["rating"], 1)
    # Carts and purchases of graded runs are the ungraded ones of this.
    assert outcome.manifest["removed"]["ungraded_interactions"] > 0
    assert outcome.manifest["removed"]["unattributed_interactions"] >= 0


def test_a_day_that_is_not_read_says_nothing_of_the_columns(spark, settings, made, tmp_path):
    """Of a log whose events had no id in its first days, years ago, and a price once."""
    events = pq.read_table(settings.interactions)
    (tmp_path / "log" / "event_date=2020-01-01").mkdir(parents=True)
    old = events.slice(0, 1).drop_columns(["event_id", "event_date"]).append_column("price", pa.array([1.0]))
    pq.write_table(old, tmp_path / "log" / "event_date=2020-01-01" / "part-0.parquet")
    for day in set(events["event_date"].to_pylist()):
        of_day = events.filter(pc.equal(events["event_date"], day)).drop_columns(["event_date"])
        (tmp_path / "log" / f"event_date={day}").mkdir()
        pq.write_table(of_day, tmp_path / "log" / f"event_date={day}" / "part-0.parquet")
    dated = dataclasses.replace(settings, interactions=str(tmp_path / "log"))
    run(spark, dated, NOW)
    assert rows_of(read(dated.output, NOW.date(), session=spark)) == made


def test_a_run_names_its_own_columns_and_not_those_of_earlier_dates(spark, settings):
    run(spark, dataclasses.replace(settings, windows=[1, 2]), NOW - timedelta(days=1))
    outcome = run(spark, settings, NOW)
    assert not [name for name in outcome.manifest["tables"]["labels"]["columns"] if name.endswith("_2d")]
    assert not [name for name in read(settings.output, NOW.date(), session=spark).columns if name.endswith("_2d")]


def test_what_happens_after_the_run_counts_for_nothing(spark, settings, tmp_path):
    """A shopper's clicks of later in the day make no robot of the day's earlier ones."""
    midnight = NOW.replace(hour=0)
    shown, done = (pq.read_table(path).to_pylist() for path in (settings.impressions, settings.interactions))
    schemas = [pq.read_schema(path) for path in (settings.impressions, settings.interactions)]
    # Shown before midnight, on a day that is labelled, and clicked after it.
    late = next(row for row in shown if row["event_time"].date() == midnight.date() - timedelta(days=1))
    late["event_time"] = midnight - timedelta(minutes=10)
    done = [row for row in done if (row["request_id"], row["product_id"]) != (late["request_id"], late["product_id"])]
    click = {**late, "event_id": 10**12, "kind": "click", "event_time": midnight + timedelta(minutes=10)}
    later = [{**click, "event_id": 10**12 + i, "event_time": NOW + timedelta(minutes=i)} for i in range(1, 601)]
    found = []
    for name, events in (("before", [*done, click]), ("after", [*done, click, *later])):
        (tmp_path / name).mkdir()
        for table, held, schema in zip(("impressions", "interactions"), (shown, events), schemas, strict=True):
            dated = [{**row, "event_date": row["event_time"].date()} for row in held]
            kept = [{column: row[column] for column in schema.names} for row in dated]
            pq.write_table(pa.Table.from_pylist(kept, schema), tmp_path / name / f"{table}.parquet")
        paths = {table: str(tmp_path / name / f"{table}.parquet") for table in ("impressions", "interactions")}
        early = dataclasses.replace(settings, **paths, attribution_hours=1.0, output=str(tmp_path / name / "out"))
        outcome = run(spark, early, NOW)
        rows = rows_of(read(early.output, NOW.date(), session=spark))
        (rating,) = (
            row["rating"]
            for row in rows
            if (row["group_id"], row["product_id"]) == (str(late["request_id"]), late["product_id"])
        )
        found.append((rating, outcome.manifest["inputs"]["interactions"]["rows"], sorted(map(str, rows))))
    assert found[0] == found[1]
    assert found[0][0] == 1


def test_keys_of_two_types_are_refused(spark, settings, tmp_path):
    table = pq.read_table(settings.interactions)
    place = table.column_names.index("product_id")
    other = table.set_column(
        place, "product_id", table["product_id"].cast(pa.string() if _whole(table) else pa.int64())
    )
    with pytest.raises(bz.TypeMismatchError, match=r"product_id is .* in the impressions and .* in the interactions"):
        run(spark, with_interactions(settings, other, tmp_path), NOW)


def test_whole_numbers_of_two_widths_are_one_type(spark, settings, made, tmp_path):
    table = pq.read_table(settings.interactions)
    place = table.column_names.index("request_id")
    narrow = table.set_column(place, "request_id", table["request_id"].cast(pa.int32()))
    wide = with_positions(settings, pa.int64(), tmp_path)
    run(spark, with_interactions(wide, narrow, tmp_path), NOW)
    rows = rows_of(read(settings.output, NOW.date(), session=spark))
    assert sorted(map(str, rows)) == sorted(map(str, made))


@pytest.mark.parametrize("kind", [pa.float64(), pa.decimal128(12, 1), pa.string()], ids=str)
def test_a_position_that_is_no_whole_number_is_refused(spark, settings, tmp_path, kind):
    with pytest.raises(bz.TypeMismatchError, match=r"position is .* in the impressions, not a whole number") as caught:
        run(spark, with_positions(settings, kind, tmp_path), NOW)
    assert caught.value.place == "position"
    assert not (tmp_path / "labels").exists()


def with_positions(settings: LabelSettings, kind: pa.DataType, folder) -> LabelSettings:
    table = pq.read_table(settings.impressions)
    place = table.column_names.index("position")
    other = table.set_column(place, "position", table["position"].cast(kind))
    pq.write_table(other, folder / "impressions.parquet")
    return dataclasses.replace(settings, impressions=str(folder / "impressions.parquet"))


def _whole(table: pa.Table) -> bool:
    return pa.types.is_integer(table.schema.field("product_id").type)


def test_dates_that_are_not_those_of_the_times_are_refused(spark, settings, tmp_path):
    table = pq.read_table(settings.interactions)
    days = pc.cast(table["event_time"], pa.date32()).cast(pa.int32())
    own = table.drop_columns([name for name in ("event_date",) if name in table.column_names])
    dated = own.append_column("event_date", days.cast(pa.date32()))
    run(spark, with_interactions(settings, dated, tmp_path), NOW)
    # As by arrival: some came days later.
    late = pc.add(days, pc.if_else(pc.equal(pc.bit_wise_and(days, 1), 1), 2, 0)).cast(pa.int32()).cast(pa.date32())
    arrived = own.append_column("event_date", late)
    other = dataclasses.replace(settings, output=str(tmp_path / "other"))
    with pytest.raises(bz.InvalidValueError, match="an `event_date` more than a day off `event_time`"):
        run(spark, with_interactions(other, arrived, tmp_path), NOW)


@pytest.mark.parametrize("name", ["weight_clip", "attribution_hours"])
def test_settings_are_finite(tmp_path, name):
    path = tmp_path / "settings.yaml"
    path.write_text(f"impressions: i\ninteractions: i\noutput: o\n{name}: .inf\n", "utf-8")
    with pytest.raises(bz.TypeMismatchError, match=f"{name}: must be a finite number, not inf"):
        LabelSettings.load(path, {})


def test_features_within_a_group_want_whole_groups(spark, settings, log, tmp_path):
    run(spark, dataclasses.replace(settings, negative_rate=0.5), NOW)
    (tmp_path / "spec.yaml").write_text(IN_GROUP, "utf-8")
    nightly = NightlySettings(
        str(log["products"]), None, str(tmp_path / "out"), spec=str(tmp_path / "spec.yaml"), labels=settings.output
    )
    with pytest.raises(bz.InvalidValueError, match="keep 50% of a group's rows without a grade"):
        run_nightly(spark, nightly, NOW)
    assert not (tmp_path / "out").exists()
    whole = dataclasses.replace(settings, output=str(tmp_path / "whole"), clickless_rate=0.5)
    run(spark, whole, NOW)
    assert run_nightly(spark, dataclasses.replace(nightly, labels=whole.output), NOW).wrote
    # The groups of labels are the requests, whatever the spec calls them.
    (tmp_path / "named.yaml").write_text(
        IN_GROUP.replace("steps:", "  request: {type: string, side: query, role: group}\nsteps:"), "utf-8"
    )
    named = dataclasses.replace(
        nightly, labels=whole.output, spec=str(tmp_path / "named.yaml"), output=str(tmp_path / "named")
    )
    assert run_nightly(spark, named, NOW).wrote
    alone = IN_GROUP.replace("group_rank", "log1p")
    (tmp_path / "alone.yaml").write_text(alone, "utf-8")
    without = dataclasses.replace(nightly, spec=str(tmp_path / "alone.yaml"), output=str(tmp_path / "alone"))
    assert run_nightly(spark, without, NOW).wrote
