"""Tables of many dates: which rows are of a date, which of none, and whose columns they have."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, timezone
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.jobs.inputs import read_table
from buzzsaw.nightly import main, read
from buzzsaw.nightly.inputs import of_date
from nights import PLAIN, judgments, products, write_tables

DAYS = [date(2026, 3, day) for day in (1, 2, 3)]


@contextmanager
def time_zone(session, name):
    before = session.conf.get("spark.sql.session.timeZone")
    session.conf.set("spark.sql.session.timeZone", name)
    try:
        yield
    finally:
        session.conf.set("spark.sql.session.timeZone", before)


def write_days(folder: Path, days: dict[date, list[dict]]) -> Path:
    """A file for each day, in a folder of its name."""
    for day, rows in days.items():
        (folder / f"day={day}").mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / f"day={day}" / "part 0.parquet")
    return folder


def of_day(session, folder, day: date, column: str = "day"):
    return of_date(read_table(session, str(folder)), column, day).rows


def test_rows_have_the_columns_of_the_files_of_their_date(spark, tmp_path):
    rows = {
        DAYS[0]: [{"id": 1, "price": 5, "old": "x"}],
        DAYS[1]: [{"id": 2, "price": 2.5, "brand": "b"}],
        DAYS[2]: [{"id": 3, "brand": "c"}],
    }
    # Characters that choose among files, and that an address writes otherwise.
    folder = write_days(tmp_path / "a [1]{b} 100%25 é", rows)
    glob = str(folder).replace("[", r"\[").replace("]", r"\]").replace("{", r"\{").replace("}", r"\}")
    for day, of in rows.items():
        found = of_day(spark, glob, day)
        assert [row.asDict() for row in found.collect()] == [{**row, "day": day} for row in of]
        assert set(found.columns) == {*of[0], "day"}


def test_files_of_one_date_may_have_different_columns_and_not_different_types(spark, tmp_path):
    folder = write_days(tmp_path / "t", {DAYS[0]: [{"id": 0}], DAYS[1]: [{"id": 1}], DAYS[2]: [{"id": 2}]})
    pq.write_table(pa.table({"id": [7], "brand": ["b"]}), folder / f"day={DAYS[1]}" / "part-1.parquet")
    pq.write_table(pa.table({"id": ["text"]}), folder / f"day={DAYS[2]}" / "part-1.parquet")
    found = of_day(spark, folder, DAYS[1]).collect()
    assert sorted((row["id"], row["brand"]) for row in found if row["brand"]) == [(7, "b")]
    assert len(found) == 2
    with pytest.raises(bz.TypeMismatchError, match="one schema") as refused:
        of_day(spark, folder, DAYS[2])
    assert refused.value.place == str(folder)


def test_a_date_in_the_rows_and_not_in_the_folder(spark, tmp_path):
    (tmp_path / "t").mkdir()
    for day, more in ((DAYS[0], {"price": [1.0]}), (DAYS[2], {"brand": ["b"]})):
        pq.write_table(pa.table({"day": [day], **more}), tmp_path / "t" / f"{day}.parquet")
    assert of_day(spark, tmp_path / "t", DAYS[2]).collect()[0].asDict() == {"day": DAYS[2], "brand": "b"}
    assert of_day(spark, tmp_path / "t", DAYS[0]).columns == ["day", "price"]
    with pytest.raises(bz.InvalidValueError, match="no rows of 2026-03-02"):
        of_day(spark, tmp_path / "t", DAYS[1])


UTC = timezone.utc
#: Values of one column, and those that are of the second of March.
VALUES = {
    "dates": (pa.array([*DAYS, None]), [1, 3]),
    "times": (
        pa.array(
            [
                datetime(2026, 3, 1, 23, 59, 59, 999_999, UTC),
                datetime(2026, 3, 2, tzinfo=UTC),
                None,
                datetime(2026, 3, 2, 23, 59, 59, 999_999, UTC),
                datetime(2026, 3, 3, tzinfo=UTC),
            ],
            pa.timestamp("us", "UTC"),
        ),
        [1, 2, 3],
    ),
    "times without a zone": (
        pa.array([datetime(2026, 3, 1, 23, 59, 59), datetime(2026, 3, 2, 23, 59, 59), None], pa.timestamp("us")),
        [1, 2],
    ),
    "text": (
        # Of a time with an offset nobody can tell which date is meant.
        pa.array(["2026-03-01", "2026-03-02", "2026-03-02T23:30:00-05:00", "2026-02-31", "", None, "2026-03-03"]),
        [1, 2, 3, 4, 5],
    ),
}


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
@pytest.mark.parametrize("kind", VALUES)
def test_a_date_is_one_of_utc_and_a_row_without_one_is_not_lost(spark, tmp_path, kind, zone):
    values, wanted = VALUES[kind]
    pq.write_table(pa.table({"id": range(len(values)), "day": values}), tmp_path / "t.parquet")
    with time_zone(spark, zone):
        found = of_day(spark, tmp_path / "t.parquet", DAYS[1]).collect()
    assert sorted(row["id"] for row in found) == wanted


def test_a_column_of_another_type_is_refused(spark, tmp_path):
    pq.write_table(pa.table({"day": [20260302]}), tmp_path / "t.parquet")
    with pytest.raises(bz.TypeMismatchError, match="type bigint") as refused:
        of_day(spark, tmp_path / "t.parquet", DAYS[1])
    assert refused.value.place == f"{tmp_path}/t.parquet, column day"


@pytest.fixture
def dated_shop(tmp_path):
    """Products in a folder a day, of which the last lacks the price; judgments of each day, and some of none."""
    snapshots = {day: [dict(row) for row in products(8)] for day in DAYS}
    for row in snapshots[DAYS[2]]:
        del row["price"]
    judged = [{**row, "day": [*DAYS, None][i % 4]} for i, row in enumerate(judgments(40, of=8))]
    _, pairs = write_tables(tmp_path, products(1), judged)
    (tmp_path / "spec.yaml").write_text(PLAIN.format(features="[log_price, query_length]"), "utf-8")
    settings = "products_date: day\njudgments_date: day\nchecks: {judgments: {rejected: {warn: null, stop: 0.9}}}\n"
    (tmp_path / "settings.yaml").write_text(settings, "utf-8")
    words = ["--config", tmp_path / "settings.yaml", "--spec", tmp_path / "spec.yaml", "--output", tmp_path / "out"]
    words += ["--products", write_days(tmp_path / "snapshots", snapshots), "--judgments", pairs]
    return tmp_path / "out", [*map(str, words)]


def test_a_night_rejects_rows_without_a_date_and_stops_for_a_column_that_its_date_lacks(spark, dated_shop, capsys):
    output, words = dated_shop
    assert main([*words, "--now", "2026-03-02T00:00:00Z"], spark) == 0
    assert read(output, DAYS[1], session=spark).count() == 10
    rejected = read(output, DAYS[1], "rejected", session=spark).collect()
    assert [row["reasons"] for row in rejected] == [["day is no date"]] * 10
    before = sorted(path for path in output.rglob("*") if "rejected" in path.parts or "training" in path.parts)
    capsys.readouterr()
    assert main([*words, "--now", "2026-03-03T00:00:00Z"], spark) == 1
    told = capsys.readouterr().err
    assert "BZ_MISSING_INPUT" in told
    assert "price" in told
    assert before == sorted(path for path in output.rglob("*") if "rejected" in path.parts or "training" in path.parts)
