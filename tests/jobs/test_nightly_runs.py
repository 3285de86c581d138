"""Runs that get in each other's way, what makes two runs the same one, and inputs that cannot be used."""

from __future__ import annotations

import dataclasses
import json
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from buzzsaw.errors import InternalError
from buzzsaw.jobs.runs import done_before
from buzzsaw.jobs.settings_file import changed
from buzzsaw.nightly import NightlySettings, backfill, counts, dates, job, read, run
from buzzsaw.nightly import inputs as nightly_inputs
from buzzsaw.nightly import tables as nightly_tables
from buzzsaw.nightly.checks import Checks, ColumnChecks, Limits, TableChecks
from buzzsaw.nightly.manifest import FORM
from frames import cached
from nights import PLAIN, judgments, products, write_tables
from pyspark.sql import functions as fn
from shops import NOW


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> tuple[Path, Path]:
    return write_tables(tmp_path_factory.mktemp("plain"), products(), judgments())


@pytest.fixture
def settings(tables, tmp_path) -> NightlySettings:
    (tmp_path / "plain.yaml").write_text(PLAIN.format(features="[log_price, title_length]"), "utf-8")
    return NightlySettings(*map(str, tables), str(tmp_path / "out"), spec=str(tmp_path / "plain.yaml"))


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory) -> tuple[Path, Path]:
    """Two pipelines that differ."""
    folder = tmp_path_factory.mktemp("artifacts")
    made = []
    for name, features in (("one", "[log_price]"), ("two", "[log_price, title_length]")):
        bz.fit(bz.Spec.parse(PLAIN.format(features=features)), {}).save(folder / f"{name}.bzsw")
        made.append(folder / f"{name}.bzsw")
    return made[0], made[1]


def test_of_two_runs_at_once_the_second_fails_when_it_was_asked_for_something_else(spark, settings, monkeypatch):
    first = run(spark, settings, NOW)
    done_before, asked = job.done_before, []

    def not_yet_done(*given, **more):
        asked.append(given)
        # At its start the other one had not ended.
        return None if len(asked) == 1 else done_before(*given, **more)

    monkeypatch.setattr(job, "done_before", not_yet_done)
    again = run(spark, settings, NOW)
    assert (again.wrote, again.manifest) == (False, first.manifest)
    asked.clear()
    with pytest.raises(bz.InvalidValueError, match="done with other settings"):
        run(spark, dataclasses.replace(settings, folds=3), NOW)
    assert json.loads(first.manifest_path.read_text("utf-8")) == first.manifest


def test_an_artifact_that_changes_ends_the_backfill(spark, settings, artifacts, tmp_path):
    current = tmp_path / "current.bzsw"
    shutil.copy(artifacts[0], current)
    pinned = dataclasses.replace(settings, spec=None, artifact=str(current))
    nights = backfill(spark, pinned, NOW.date(), NOW.date() + timedelta(days=1))
    assert next(nights).wrote
    shutil.copy(artifacts[1], current)
    with pytest.raises(bz.InvalidValueError, match="changed while the job ran"):
        next(nights)
    assert dates(pinned.output) == [NOW.date()]


@pytest.mark.parametrize("pins", [False, True])
def test_a_column_of_the_spec_that_is_not_there_stops_the_run_before_it_writes(
    spark, settings, artifacts, tmp_path, pins
):
    without = tmp_path / "products.parquet"
    pq.write_table(pq.read_table(settings.products).drop_columns(["title"]), without)
    changed = dataclasses.replace(settings, products=str(without))
    if pins:
        changed = dataclasses.replace(changed, spec=None, artifact=str(artifacts[1]))
    with pytest.raises(bz.MissingInputError) as caught:
        run(spark, changed, NOW)
    assert [problem["place"] for problem in caught.value.problems] == ["inputs.title"]
    assert not [path for path in Path(settings.output).rglob("*") if path.is_file()]


def test_an_input_that_no_feature_reads_may_be_missing(spark, settings, artifacts, tmp_path):
    without = tmp_path / "products.parquet"
    pq.write_table(pq.read_table(settings.products).drop_columns(["title"]), without)
    unread = dataclasses.replace(settings, products=str(without), spec=None, artifact=str(artifacts[0]))
    assert run(spark, unread, NOW).manifest["features"] == ["log_price"]


def test_checks_and_rejected_rows_do_not_depend_on_the_sessions_time_zone(spark, settings, tmp_path):
    documents = products()
    day = datetime(2021, 1, 1, tzinfo=timezone.utc)
    for hours, row in zip((-6, -1, 0, 1), documents[:4], strict=True):
        row["released_at"] = day + timedelta(hours=hours)
    for row in documents[4:]:
        row["released_at"] = day + timedelta(days=1)
    paths = write_tables(tmp_path / "timed", documents, judgments())
    limits = Limits(stop=1.0)
    checked = TableChecks(
        rejected=limits, columns={"released_at": ColumnChecks(min="2021-01-01", max="2021-02-01T00:00Z")}
    )
    asked = dataclasses.replace(
        settings,
        products=str(paths[0]),
        checks=Checks(products=checked, judgments=TableChecks(rejected=limits), unknown_products=limits),
    )
    found = []
    zone = spark.conf.get("spark.sql.session.timeZone")
    try:
        for name in ("UTC", "America/New_York"):
            spark.conf.set("spark.sql.session.timeZone", name)
            output = str(tmp_path / name.replace("/", "-"))
            run(spark, dataclasses.replace(asked, output=output), NOW)
            found.append(sorted(map(str, read(output, NOW.date(), "rejected", session=spark).collect())))
    finally:
        spark.conf.set("spark.sql.session.timeZone", zone)
    assert found[0] == found[1]
    assert len(found[0]) == 2
    assert "2020-12-31T18:00:00.000Z" in "".join(found[0])


def test_a_check_of_times_that_is_no_time_is_told(spark, settings):
    columns = {"released_at": ColumnChecks(min="long ago")}
    with pytest.raises(bz.InvalidValueError, match="`long ago` is not a time"):
        run(spark, dataclasses.replace(settings, checks=Checks(products=TableChecks(columns=columns))), NOW)


def test_a_date_that_was_done_otherwise_says_what_is_another(settings, tmp_path):
    folder = tmp_path / "out" / "runs" / str(NOW.date())
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"key": ["a"]}), tmp_path / "words.parquet")
    given = dataclasses.replace(settings, tables={"words": str(tmp_path / "words.parquet")})
    done = {"job": FORM.job, "format": FORM.version, "now": NOW.isoformat(), "settings": dataclasses.asdict(given)}
    # As a version would write it that did not have the setting.
    del done["settings"]["judgments_date"]
    (folder / "manifest.json").write_text(json.dumps({**done, "settings_digest": given.digest()}), "utf-8")
    assert done_before(tmp_path / "out", NOW, given, given.digest(), form=FORM) is not None

    def refused(**changes: object) -> str:
        other = dataclasses.replace(given, **changes)
        with pytest.raises(bz.InvalidValueError) as caught:
            done_before(tmp_path / "out", NOW, other, other.digest(), form=FORM)
        return caught.value.problems[0]["message"].partition(" was done with ")[2]

    shutil.copy(given.tables["words"], tmp_path / "copy.parquet")
    # Where a file is that counts by its bytes, and what no table depends on, is not told.
    moved = {"words": str(tmp_path / "copy.parquet")}
    assert refused(folds=3, tables=moved, bins=7) == "other settings: `folds` was 5 and is 3"
    assert refused(judgments_date="day") == 'other settings: `judgments_date` was null and is "day"'
    assert refused(tables={**moved, "more": moved["words"]}).startswith("other settings: `tables` was ")
    assert refused(artifact=settings.spec) == f'other settings: `artifact` was null and is "{settings.spec}"'
    checks = Checks(products=TableChecks(columns={name: ColumnChecks(min=0) for name in ("price", "stock", "weight")}))
    assert refused(checks=checks) == "other settings: `checks` was another one"
    (tmp_path / "plain.yaml").write_text(PLAIN.format(features="[log_price]"), "utf-8")
    assert refused() == "other contents of `spec` or `tables`"


def test_settings_differ_where_their_digests_do(settings):
    def against(before, **changes):
        return changed(dataclasses.replace(settings, **changes), json.loads(json.dumps(before, default=str)))

    def limited(least):
        return Checks(products=TableChecks(columns={"price": ColumnChecks(min=least)}))

    # For a digest 1 and 1.0 are two, as they are for JSON; a default has none.
    whole = dataclasses.replace(settings, checks=limited(1))
    assert whole.digest() != dataclasses.replace(settings, checks=limited(1.0)).digest()
    assert against(dataclasses.asdict(whole), checks=limited(1)) == []
    (told,) = against(dataclasses.asdict(whole), checks=limited(1.0))
    assert told.startswith("`checks` was ")
    assert against({**dataclasses.asdict(settings), "folds": float(settings.folds)}) == []
    # What is elsewhere counts by its address.
    far = {**dataclasses.asdict(settings), "tables": {"words": "hdfs://name/words"}}
    assert against(far, tables={"words": "hdfs://name/words"}) == []
    (told,) = against(far, tables={"words": "hdfs://name/others"})
    assert told == '`tables` was {"words": "hdfs://name/words"} and is {"words": "hdfs://name/others"}'


def test_word_lists_in_files_of_their_own_count_by_what_is_in_them(settings, tmp_path):
    steps = "steps:\n  words: {transform: tokenize, input: title, analyzer: {stop_words: {file: stop.txt}}}\n"
    text = Path(settings.spec).read_text("utf-8").replace("steps:\n", steps, 1)
    (tmp_path / "spec.yaml").write_text(text, "utf-8")
    listed = dataclasses.replace(settings, spec=str(tmp_path / "spec.yaml"))
    # Which YAML takes for no document.
    tabs = json.dumps(yaml.safe_load(text), indent="\t", default=str)
    for written in (text, tabs):
        (tmp_path / "spec.yaml").write_text(written, "utf-8")
        digests = []
        for words in ("the\n", "the\n# a comment\n", "the\nof\n"):
            (tmp_path / "stop.txt").write_text(words, "utf-8")
            digests.append(listed.digest())
        assert digests[0] == digests[1] != digests[2]
    (tmp_path / "stop.txt").unlink()
    with pytest.raises(bz.IoError, match=r"stop\.txt"):
        listed.digest()


def test_what_no_table_depends_on_does_not_make_it_another_run(settings, tmp_path):
    digest = settings.digest()
    for name, value in (("title", "t"), ("bins", 7), ("fit_partitions", 3), ("retention_days", 9), ("output", "o")):
        assert dataclasses.replace(settings, **{name: value}).digest() == digest, name
    assert dataclasses.replace(settings, folds=9).digest() != digest
    digests = set()
    for vector in ([1.0, 2.0], [1.0, 3.0], [1.0, 2.0]):
        table = pa.table({"key": ["a"], "vector": pa.array([vector], pa.list_(pa.float32()))})
        pq.write_table(table, tmp_path / "glove.parquet")
        digests.add(dataclasses.replace(settings, tables={"glove": str(tmp_path / "glove.parquet")}).digest())
    assert len(digests) == 2
    assert digest not in digests


def test_a_run_has_the_date_that_its_time_has_in_utc(spark, settings):
    tokyo = timezone(timedelta(hours=9))
    made = run(spark, settings, datetime(2026, 11, 22, 3, tzinfo=tokyo))
    assert (made.manifest["run"], made.manifest["now"]) == ("2026-11-21", "2026-11-21T18:00:00+00:00")
    with pytest.raises(bz.InvalidValueError, match="no time zone"):
        run(spark, settings, datetime(2026, 11, 22, 3))


def test_a_folder_that_was_set_aside_is_no_run(spark, settings):
    made = run(spark, settings, NOW)
    folder = made.manifest_path.parent
    for name in (f"{folder.name}.old", "0000", "2026-11-2"):
        shutil.copytree(folder, folder.with_name(name))
    assert dates(settings.output) == [NOW.date()]
    later = run(spark, settings, NOW + timedelta(days=1))
    assert dates(settings.output) == [NOW.date(), NOW.date() + timedelta(days=1)]
    report = json.loads((made.output / later.manifest["report_json"]["path"]).read_text("utf-8"))
    assert [point["run"] for point in report["trends"][0]["points"]] == [str(day) for day in dates(settings.output)]


def test_a_join_that_fails_leaves_nothing_cached(spark, settings, monkeypatch):
    join = nightly_inputs.join

    def failing(*given):
        return join(*given).withColumn("title", fn.raise_error(fn.lit("the join failed")).cast("string"))

    monkeypatch.setattr(nightly_inputs, "join", failing)
    before = cached(spark)
    with pytest.raises(Exception, match="the join failed"):
        run(spark, settings, NOW)
    assert cached(spark) == before


def test_cached_batches_are_small_for_as_long_as_a_run_lasts_unless_the_user_sets_them(spark, settings, monkeypatch):
    key = "spark.sql.inMemoryColumnarStorage.batchSize"
    assemble, seen = job.assemble, []

    def looking(*given, **more):
        seen.append(spark.conf.get(key))
        return assemble(*given, **more)

    monkeypatch.setattr(job, "assemble", looking)
    before = spark.conf.get(key)
    run(spark, settings, NOW)
    assert spark.conf.get(key) == before
    spark.conf.set(key, "77")
    try:
        run(spark, settings, NOW + timedelta(days=1))
        assert spark.conf.get(key) == "77"
    finally:
        spark.conf.unset(key)
    assert seen == ["500", "77"]


@pytest.mark.parametrize(
    ("table", "left", "told"),
    [
        ("training_rows", 59, "60 judgments were read and 0 of them rejected; the tables have 59 that were accepted"),
        ("document_rows", 23, "24 products were read and 0 of them rejected; the tables have 23 that were accepted"),
    ],
)
def test_a_row_that_is_lost_ends_the_run_without_a_manifest(spark, settings, monkeypatch, table, left, told):  # noqa: PLR0917
    make = getattr(nightly_tables, table)
    monkeypatch.setattr(nightly_tables, table, lambda *given: make(*given).limit(left))
    with pytest.raises(InternalError, match=told):
        run(spark, settings, NOW)
    assert dates(settings.output) == []
    assert (Path(settings.output) / "training" / "_delta_log").is_dir()


@pytest.mark.parametrize(
    ("training", "documents", "rejected", "place"),
    [
        (4, 5, ["judgments", "products"], None),
        (4, None, ["judgments", "products"], None),
        (5, 5, ["judgments", "products"], "training"),
        (4, 6, ["judgments", "products"], "documents"),
        # As many as were read, the wrong ones.
        (5, 5, ["products"], "training"),
    ],
)
def test_accepted_and_rejected_rows_add_up_to_those_read(spark, training, documents, rejected, place):
    checked = {name: SimpleNamespace(read=read, rejected=1) for name, read in (("judgments", 5), ("products", 6))}
    written = {"training": spark.range(training)} | ({} if documents is None else {"documents": spark.range(documents)})
    written["rejected"] = spark.createDataFrame([(name,) for name in rejected], "input string")
    if place is None:
        want = {name: rows for name, rows in (("training", training), ("documents", documents)) if rows is not None}
        assert counts.prove(written, checked) == want | {"rejected": len(rejected)}
        return
    with pytest.raises(InternalError) as caught:
        counts.prove(written, checked)
    assert caught.value.place == place
