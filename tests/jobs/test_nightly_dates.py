"""Many nights in one output: partitions, backfills, readers, and specs that change between nights."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import date, datetime, timezone
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.jobs.stages import EVENT
from buzzsaw.nightly import NightlySettings, backfill, dates, main, read, run
from nights import PLAIN, SPEC, contents, judgments, lasting, products, versions, write_tables
from pyspark.sql import functions as fn

DAYS = [date(2026, 3, day) for day in (1, 2, 3)]


class Ended(BaseException):
    """A driver that is gone; nothing catches it."""


#: The point at which this process ends its run. An audit hook stays for good, so there is one for all tests.
_ending: list[str] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == EVENT and _ending and arguments[0] == _ending[0]:
        raise Ended(arguments[0])


sys.addaudithook(_listen)


@contextmanager
def ended_at(point):
    """Ends a run inside at a point."""
    _ending.append(point)
    try:
        with pytest.raises(Ended):
            yield
    finally:
        _ending.clear()


@pytest.fixture(scope="module")
def artifact(tmp_path_factory) -> Path:
    """A pipeline of the small spec, to pin."""
    folder = tmp_path_factory.mktemp("pinned")
    rows = [
        {**products()[int(row["product_id"][1:])], **row, "qid": row["query"], "group_id": row["query"]}
        | {"now": datetime(2026, 3, 1, tzinfo=timezone.utc)}
        for row in judgments()
    ]
    rows.sort(key=lambda row: row["query"])
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    documents = {name: [row[name] for row in products()] for name in products()[0]}
    bz.fit(bz.Spec.parse(SPEC), columns, documents).save(folder / "small.bzsw")
    return folder / "small.bzsw"


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> tuple[Path, Path]:
    """A day's snapshot of products, and judgments of each day."""
    snapshots = [
        {**row, "price": row["price"] and row["price"] + k, "day": day}
        for k, day in enumerate(DAYS)
        for row in products()
    ]
    judged = [{**row, "day": DAYS[i % 3]} for i, row in enumerate(judgments())]
    return write_tables(tmp_path_factory.mktemp("dated"), snapshots, judged)


@pytest.fixture(scope="module")
def filled(spark, tables, artifact, tmp_path_factory):
    """A backfill that ended in its second date, and was started again."""
    output = tmp_path_factory.mktemp("filled") / "out"
    words = [("--products", tables[0]), ("--judgments", tables[1]), ("--output", output), ("--artifact", artifact)]
    words += [("--from", DAYS[0]), ("--to", DAYS[2])]
    config = output.parent / "settings.yaml"
    config.write_text("products_date: day\njudgments_date: day\n", "utf-8")
    command = ["--config", str(config), *(str(word) for pair in words for word in pair)]

    def ends_in_the_second(session, settings, now, **more):
        _ending[:] = ["documents: after the commit"] if now.date() == DAYS[1] else []
        return run(session, settings, now, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["buzzsaw.nightly.backfill"], "run", ends_in_the_second)
        with pytest.raises(Ended):
            main(command, spark)
    _ending.clear()
    early = dates(output), versions(spark, output)
    assert main(command, spark) == 0
    return output, command, early


def test_a_backfill_that_ended_early_goes_on_where_it_was(spark, filled):
    output, _, (before, held) = filled
    assert before == DAYS[:1]
    assert held["documents"] == 1
    assert dates(output) == DAYS
    manifests = [json.loads((output / "runs" / str(day) / "manifest.json").read_text("utf-8")) for day in DAYS]
    assert [manifest["now"] for manifest in manifests] == [f"{day}T00:00:00+00:00" for day in DAYS]
    assert [manifest["tables"]["documents"]["version"] for manifest in manifests] == [0, 2, 3]
    assert len({manifest["artifact"]["content_hash"] for manifest in manifests}) == 1
    assert all(manifest["artifact"]["pinned"] for manifest in manifests)


def test_each_date_has_its_own_rows_and_sees_its_own_midnight(spark, filled):
    output = filled[0]
    judged = judgments()
    for k, day in enumerate(DAYS):
        rows = read(output, day, session=spark).collect()
        want = sorted((row["query"], row["product_id"]) for i, row in enumerate(judged) if i % 3 == k)
        assert sorted((row["group_id"], row["product_id"]) for row in rows) == want
        assert {row["date"] for row in rows} == {day}
        released = {row["product_id"]: row["released_at"] for row in products()}
        midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        for row in rows:
            days = (midnight - released[row["product_id"]]).total_seconds() / 86_400
            assert row["age_days"] == pytest.approx(days, rel=1e-6)
        documents = read(output, str(day), "documents", session=spark)
        assert documents.count() == len(products())
        assert documents.columns == ["date", "product_id", "scaled", "title_rating", "tfidf", "fingerprint", "artifact"]


def test_a_backfill_that_is_done_writes_nothing(spark, filled, capsys):
    output, command, _ = filled
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()}
    assert main(command, spark) == 0
    assert capsys.readouterr().out.count("was done before; nothing was written") == 3
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("dated", "told"),
    [
        (("products_date", "judgments_date"), None),
        (("judgments_date",), "its own with products_date"),
        ((), "all rows of the products and judgments, later ones too"),
    ],
)
def test_a_backfill_whose_dates_have_all_rows_says_so(  # noqa: PLR0917  pytest passes by name
    spark, tables, artifact, caplog, monkeypatch, tmp_path, dated, told
):
    products, judgments = map(str, tables)
    settings = NightlySettings(
        products, judgments, str(tmp_path / "out"), artifact=str(artifact), **dict.fromkeys(dated, "day")
    )
    monkeypatch.setattr(sys.modules["buzzsaw.nightly.backfill"], "run_dates", lambda *_: iter(()))

    def said(first, last):
        caplog.clear()
        list(backfill(spark, settings, first, last))
        return [record.getMessage() for record in caplog.records if record.name == "buzzsaw.nightly"]

    assert [told in one for one in said(DAYS[0], DAYS[2])] == ([] if told is None else [True])
    assert not said(DAYS[0], DAYS[0])


def test_dates_done_otherwise_are_all_named_and_nothing_is_run(spark, filled, tables, artifact, tmp_path):
    output = filled[0]
    settings = NightlySettings(*map(str, tables), str(output), artifact=str(artifact))
    held = versions(spark, output)
    with pytest.raises(bz.InvalidValueError) as caught:
        list(backfill(spark, settings, date(2026, 2, 27), DAYS[1]))
    assert [problem["message"] for problem in caught.value.problems] == [
        f'{day} was done with other settings: `products_date` was "day" and is null, '
        '`judgments_date` was "day" and is null'
        for day in DAYS[:2]
    ]
    assert versions(spark, output) == held
    assert dates(output) == DAYS


def test_a_date_without_rows_is_refused(spark, tables, artifact, tmp_path, capsys):
    (tmp_path / "settings.yaml").write_text("judgments_date: day\n", "utf-8")
    words = ["--products", tables[0], "--judgments", tables[1], "--output", tmp_path / "out", "--artifact", artifact]
    words += ["--config", tmp_path / "settings.yaml", "--now", "2026-03-09T00:00:00Z"]
    assert main([str(word) for word in words], spark) == 1
    assert "there are no rows of 2026-03-09" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from", "2026-03-01"], "--to: a backfill needs its first and its last date"),
        (["--from", "2026-03-01", "--to", "March"], "--to: `March` is not a date"),
        (["--from", "2026-03-02", "--to", "2026-03-01"], "2026-03-01 is before 2026-03-02"),
        (["--from", "2026-03-01", "--to", "2026-03-01", "--now", "2026-03-01T00:00:00Z"], "exclude each other"),
    ],
)
def test_backfills_that_cannot_be_meant_are_refused(  # noqa: PLR0917  pytest passes by name
    spark, tables, artifact, tmp_path, capsys, words, told
):
    command = ["--products", tables[0], "--judgments", tables[1], "--output", tmp_path / "out", "--artifact", artifact]
    assert main([*map(str, command), *words], spark) == 1
    assert told in capsys.readouterr().err


def test_a_backfill_without_a_pinned_artifact_is_refused(spark, tables, tmp_path, capsys):
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    command = [
        "--products",
        tables[0],
        "--judgments",
        tables[1],
        "--output",
        tmp_path,
        "--spec",
        tmp_path / "spec.yaml",
    ]
    assert main([*map(str, command), "--from", "2026-03-01", "--to", "2026-03-01"], spark) == 1
    assert "a backfill needs a pinned artifact" in capsys.readouterr().err


def test_another_time_of_a_date_that_is_done_is_refused_unless_the_clock_gave_it(spark, filled, tables, artifact):
    output = filled[0]
    settings = NightlySettings(
        *map(str, tables), str(output), artifact=str(artifact), products_date="day", judgments_date="day"
    )
    later = datetime(2026, 3, 1, 7, tzinfo=timezone.utc)
    with pytest.raises(bz.InvalidValueError, match=r"2026-03-01 was done with another --now, 2026-03-01T00:00:00"):
        run(spark, settings, later)
    assert not run(spark, settings, later, any_time=True).wrote


def test_readers_see_only_what_a_manifest_names(spark, filled, tables, artifact, tmp_path):
    output = filled[0]
    with pytest.raises(bz.InvalidValueError, match=r"the run of 2026-03-04 has not ended.*2026-03-01 to 2026-03-03"):
        read(output, "2026-03-04", session=spark)
    with pytest.raises(bz.InvalidValueError, match=r"made no table `pairs`.*rejected, training, documents"):
        read(output, DAYS[0], "pairs", session=spark)
    with pytest.raises(bz.InvalidValueError, match="is not a date"):
        read(output, "yesterday", session=spark)
    before = contents(spark, output, DAYS[1])
    settings = NightlySettings(
        *map(str, tables), str(output), artifact=str(artifact), products_date="day", judgments_date="day"
    )
    # A second attempt at a date, for which a person has moved the manifest away, ends in the middle.
    path = output / "runs" / str(DAYS[1]) / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.rename(tmp_path / "manifest.json")
    with ended_at("training: after the commit"):
        run(spark, settings, datetime(2026, 3, 2, tzinfo=timezone.utc))
    (tmp_path / "manifest.json").rename(path)
    assert versions(spark, output)["training"] == manifest["tables"]["training"]["version"] + 2
    assert contents(spark, output, DAYS[1]) == before
    path.rename(tmp_path / "manifest.json")
    again = run(spark, settings, datetime(2026, 3, 2, tzinfo=timezone.utc)).manifest
    assert lasting(again) == lasting(manifest)
    assert contents(spark, output, DAYS[1]) == before


def test_features_that_come_go_and_change_their_type(spark, tmp_path, capsys):
    """The table of docs/nightly.md, a night a row."""
    at = write_tables(tmp_path, products(8), judgments(12, of=8))
    output = tmp_path / "out"

    def night(day: int, features: str) -> int:
        (tmp_path / f"spec-{day}.yaml").write_text(PLAIN.format(features=features), "utf-8")
        words = ["--products", at[0], "--judgments", at[1], "--output", output, "--spec", tmp_path / f"spec-{day}.yaml"]
        return main([*map(str, words), "--now", f"2026-03-0{day}T00:00:00Z"], spark)

    assert night(1, "[log_price, query_length]") == 0
    first = contents(spark, output, "2026-03-01")
    added = "[log_price, query_length, title_length]"
    assert night(2, added) == 0
    assert night(3, "[{step: log_price, name: price_log}, title_length, query_length]") == 0
    assert night(4, "[query_length]") == 0
    held = versions(spark, output)
    assert night(5, "[{step: title_hashed, name: query_length}]") == 1
    told = capsys.readouterr().err
    assert "BZ_TYPE_MISMATCH" in told
    assert "column query_length: would be of type struct<indices:array<int>,values:array<float>>" in told
    assert "give the feature another name with `name:`" in told
    # The documents' table never had the name; neither table was written.
    assert versions(spark, output) == held
    assert dates(output) == [date(2026, 3, day) for day in (1, 2, 3, 4)]

    features = {}
    for day in (1, 2, 3, 4):
        keys = {"date", "qid", "group_id", "product_id", "label", "fold", "fingerprint", "artifact"}
        features[day] = [name for name in read(output, f"2026-03-0{day}", session=spark).columns if name not in keys]
    assert features == {
        1: ["log_price", "query_length"],
        2: ["log_price", "query_length", "title_length"],
        3: ["price_log", "title_length", "query_length"],
        4: ["query_length"],
    }
    assert contents(spark, output, "2026-03-01") == first
    renamed = {row["product_id"]: row["price_log"] for row in read(output, "2026-03-03", session=spark).collect()}
    named = {row["product_id"]: row["log_price"] for row in read(output, "2026-03-02", session=spark).collect()}
    assert repr(sorted(renamed.items())) == repr(sorted(named.items()))
    raw = spark.read.format("delta").load(str(output / "training"))
    lacking = raw.where("price_log is null").select("date").distinct().collect()
    assert {row["date"].day for row in lacking} == {1, 2, 4}
    # The fourth night has no feature of documents alone.
    fourth = json.loads((output / "runs" / "2026-03-04" / "manifest.json").read_text("utf-8"))
    assert set(fourth["tables"]) == {"rejected", "training"}
    assert fourth["document_artifact"] is None


def test_folds_and_weights_come_and_go_as_columns(spark, tmp_path):
    at = write_tables(tmp_path, products(8), judgments(12, of=8))
    judged = pq.read_table(at[1])
    pq.write_table(judged.append_column("trust", pa.array([1.0 + i % 3 for i in range(12)])), at[1])
    plain = PLAIN.format(features="[log_price]")
    weighted = plain.replace("  rating: {", "  trust: {type: float64, side: pair, role: weight}\n  rating: {")
    folded = plain.replace("  rating: {", "  qid: {type: string, side: query, role: qid}\n  rating: {")
    folded = folded.replace("steps:", "steps:\n  mean: {transform: target_mean, input: title, folds: 5}")
    specs = {1: plain, 2: weighted, 3: folded.replace("[log_price]", "[log_price, mean]"), 4: plain}
    for day, spec in specs.items():
        (tmp_path / f"{day}.yaml").write_text(spec, "utf-8")
        settings = NightlySettings(*map(str, at), str(tmp_path / "out"), spec=str(tmp_path / f"{day}.yaml"))
        run(spark, settings, datetime(2026, 3, day, tzinfo=timezone.utc))
    rows = {day: read(tmp_path / "out", f"2026-03-0{day}", session=spark) for day in specs}
    more = {day: set(rows[day].columns) - set(rows[1].columns) for day in specs}
    assert more == {1: set(), 2: {"weight"}, 3: {"mean", "fingerprint_served"}, 4: set()}
    assert {row["weight"] for row in rows[2].collect()} == {1.0, 2.0, 3.0}
    raw = spark.read.format("delta").load(str(tmp_path / "out" / "training"))
    for name, day in (("weight", 2), ("mean", 3), ("fingerprint_served", 3)):
        (there,) = raw.where(fn.col(name).isNotNull()).select("date").distinct().collect()
        assert there["date"] == date(2026, 3, day), name


def test_a_sparse_feature_of_other_columns_is_told_apart_by_its_artifact(spark, tmp_path):
    at = write_tables(tmp_path, products(8), judgments(12, of=8))
    columns, artifacts = {}, {}
    for day, bits in ((1, 4), (2, 12)):
        spec = PLAIN.format(features="[title_hashed]").replace("bits: 8", f"bits: {bits}")
        (tmp_path / f"{bits}.yaml").write_text(spec, "utf-8")
        words = ["--products", at[0], "--judgments", at[1], "--spec", tmp_path / f"{bits}.yaml"]
        words += ["--output", tmp_path / "out", "--now", f"2026-03-0{day}T00:00:00Z"]
        assert main([str(word) for word in words], spark) == 0
        rows = read(tmp_path / "out", f"2026-03-0{day}", session=spark).collect()
        columns[day] = {column for row in rows for column in row["title_hashed"]["indices"]}
        (artifacts[day],) = {row["artifact"] for row in rows}
    assert max(columns[1]) < 16 < max(columns[2])
    assert artifacts[1] != artifacts[2]
