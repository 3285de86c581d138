"""The nightly job, whole: what it writes, in which order, and what it leaves when it fails."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re

import buzzsaw as bz
import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from buzzsaw.jobs.delta import newest_version
from buzzsaw.jobs.inputs import qid_of
from buzzsaw.nightly import NightlySettings, job, main, manifest_schema, parse_now, read, run
from buzzsaw.nightly.tables import KEYS
from pyspark.sql import functions as fn
from shops import NOW, ROOT, SPEC

ISO = NOW.isoformat()


def arguments(shop, output, *more):
    tables = ("--products", shop.products, "--judgments", shop.judgments)
    return [str(word) for word in ("--spec", SPEC, *tables, "--output", output, "--now", ISO, *more)]


@pytest.fixture(scope="module")
def night(spark, shop, tmp_path_factory):
    """The output of one run."""
    output = tmp_path_factory.mktemp("night")
    assert main(arguments(shop, output), spark) == 0
    return output


@pytest.fixture(scope="module")
def manifest(night):
    return json.loads((night / "runs" / "2026-11-22" / "manifest.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def training(spark, night):
    """The table as the manifest names it."""
    return read(night, NOW.date(), session=spark)


def test_the_manifest_fits_its_schema_and_names_what_is_there(night, manifest, pipeline, shop):
    jsonschema.validate(manifest, manifest_schema())
    assert manifest["now"] == ISO
    assert manifest["artifact"]["content_hash"] == pipeline.content_hash
    assert bz.load(night / manifest["artifact"]["path"], check="full").content_hash == pipeline.content_hash
    report = (night / manifest["report"]["path"]).read_bytes()
    assert hashlib.sha256(report).hexdigest() == manifest["report"]["sha256"]
    assert manifest["rows"]["pairs"] == shop.pairs.num_rows
    assert manifest["rows"]["groups"] == pc.count_distinct(shop.pairs["query"]).as_py()


def test_the_schema_file_is_current():
    assert json.loads((ROOT / "schemas" / "run_manifest.schema.json").read_text("utf-8")) == manifest_schema()


def test_the_table_holds_the_local_features(training, pipeline, shop):
    rows = {(row["group_id"], row["product_id"]): row for row in training.collect()}
    block = pipeline.transform(shop.pairs, mode="train")
    served = pipeline.transform(shop.pairs).fingerprints
    assert len(rows) == shop.pairs.num_rows
    for i, pair in enumerate(shop.pairs.to_pylist()):
        row = rows[pair["query"], pair["product_id"]]
        assert (row["qid"], row["label"]) == (pair["qid"], pair["rating"])
        assert row["fingerprint"] == block.fingerprints[i]
        assert row["fingerprint_served"] == served[i]
        dense = np.array([row[name] for name in block.dense_names], np.float32)
        assert dense.tobytes() == block.dense[i].tobytes()


def test_a_query_is_in_one_fold(training):
    folds = training.groupBy("qid").agg(fn.countDistinct("fold").alias("folds"))
    assert folds.where("folds <> 1").count() == 0
    assert training.select("fold").distinct().count() > 1


def test_now_is_constant_for_the_run(training, shop):
    released = dict(
        zip(shop.documents["product_id"].to_pylist(), shop.documents["released_at"].to_pylist(), strict=True)
    )
    for row in training.select("product_id", "age_days").collect():
        days = (NOW - released[row["product_id"]]).total_seconds() / 86_400
        assert row["age_days"] == np.float32(days)


def test_the_same_run_again_writes_nothing(spark, shop, night, capsys):
    before = {path: path.stat().st_mtime_ns for path in night.rglob("*") if path.is_file()}
    version = newest_version(spark, str(night / "training"))
    assert main(arguments(shop, night), spark) == 0
    assert "was done before" in capsys.readouterr().out
    assert newest_version(spark, str(night / "training")) == version
    assert {path: path.stat().st_mtime_ns for path in night.rglob("*") if path.is_file()} == before


def test_the_same_run_with_other_settings_is_refused(spark, shop, night, tmp_path, capsys):
    settings = tmp_path / "settings.yaml"
    settings.write_text("folds: 4\n", "utf-8")
    version = newest_version(spark, str(night / "training"))
    assert main(arguments(shop, night, "--config", settings), spark) == 1
    assert "was done with other settings: `folds` was 5 and is 4" in capsys.readouterr().err
    assert newest_version(spark, str(night / "training")) == version


def test_another_night_with_a_pinned_artifact_makes_a_new_version(spark, shop, night, manifest):
    artifact = night / manifest["artifact"]["path"]
    settings = NightlySettings(str(shop.products), str(shop.judgments), str(night), artifact=str(artifact))
    outcome = run(spark, settings, parse_now("2026-11-24T01:30:00+02:00"))
    assert outcome.manifest["run"] == "2026-11-23"
    assert outcome.manifest["artifact"]["pinned"] is True
    assert outcome.manifest["artifact"]["content_hash"] == manifest["artifact"]["content_hash"]
    assert outcome.manifest["tables"]["training"]["version"] == manifest["tables"]["training"]["version"] + 1


def test_delta_inputs_are_pinned_to_a_version(spark, shop, tmp_path):
    spark.read.parquet(str(shop.judgments)).limit(40).write.format("delta").save(str(tmp_path / "judgments"))
    spark.read.parquet(str(shop.judgments)).limit(9).write.format("delta").mode("append").save(
        str(tmp_path / "judgments")
    )
    settings = NightlySettings(str(shop.products), str(tmp_path / "judgments"), str(tmp_path / "out"), spec=str(SPEC))
    outcome = run(spark, settings, NOW)
    read = outcome.manifest["inputs"]["judgments"]
    assert (read["format"], read["version"], read["rows"]) == ("delta", 1, 49)


def with_column(shop, tmp_path, name, values):
    """The judgments with one column changed."""
    table = pq.read_table(shop.judgments)
    path = tmp_path / "judgments.parquet"
    pq.write_table(table.set_column(table.schema.get_field_index(name), name, values(table[name])), path)
    return shop._replace(judgments=path)


@pytest.mark.parametrize(
    "bad",
    [
        ("rating", lambda column: column.cast(pa.string()), "BZ_TYPE_MISMATCH"),
        ("query", lambda column: pc.if_else(pc.equal(column, column[0]), None, column), "BZ_INVALID_VALUE"),
        ("product_id", lambda column: pa.nulls(len(column), pa.string()), "BZ_INVALID_VALUE"),
    ],
    ids=["label of text", "null queries", "null products"],
)
def test_nothing_is_written_when_the_judgments_are_bad(spark, shop, tmp_path, capsys, bad):
    name, values, code = bad
    output = tmp_path / "out"
    assert main(arguments(with_column(shop, tmp_path, name, values), output), spark) == 1
    message = capsys.readouterr().err
    assert code in message
    assert "Traceback" not in message
    assert not output.exists()


@pytest.mark.parametrize("fails", ["spark", "system"])
def test_any_failure_is_one_paragraph_and_the_log_has_its_traceback(  # noqa: PLR0917  pytest passes by name
    spark, shop, tmp_path, capsys, caplog, fails
):
    (tmp_path / "file").write_bytes(b"PAR1 and nothing of Parquet PAR1")
    output = tmp_path / "file" / "out" if fails == "system" else tmp_path / "out"
    given = shop._replace(products=tmp_path / "file") if fails == "spark" else shop
    for more in ([], ["--verbose"]):
        caplog.clear()
        assert main(arguments(given, output, *more), spark) == 1
        told = capsys.readouterr().err.strip()
        assert told.startswith("nightly_features failed. ")
        assert "\n" not in told
        assert str(tmp_path / "file") in told
        assert "Traceback" not in told
        assert "\tat " not in told
        assert len(told) < 1_000
        # Not caplog.text: pytest gives its handler to the logger that PySpark keeps once a query has failed, which sets
        # a formatter of its own, without tracebacks.
        assert any(record.exc_info for record in caplog.records if record.name == "buzzsaw.jobs") == bool(more)
    assert not (tmp_path / "out").exists()


def test_judgments_of_unknown_products_stay_with_missing_features(spark, shop, tmp_path):
    table = pq.read_table(shop.judgments)
    unknown = pa.array(["unknown", *table["product_id"].to_pylist()[1:]])
    changed = with_column(shop, tmp_path, "product_id", lambda _: unknown)
    settings = NightlySettings(str(shop.products), str(changed.judgments), str(tmp_path / "out"), spec=str(SPEC))
    outcome = run(spark, settings, NOW)
    assert outcome.manifest["rows"]["unknown_products"] == 1
    assert outcome.manifest["rows"]["pairs"] == table.num_rows
    rows = spark.read.format("delta").load(str(tmp_path / "out" / "training")).where("product_id = 'unknown'").collect()
    assert len(rows) == 1
    assert np.isnan(rows[0]["title_bm25"])
    assert rows[0]["title_tfidf"]["indices"] == []


@pytest.mark.parametrize("fails", ["assemble", "libraries"])
def test_a_run_that_dies_before_the_manifest_is_not_trusted_and_runs_again(spark, shop, tmp_path, monkeypatch, fails):
    settings = NightlySettings(str(shop.products), str(shop.judgments), str(tmp_path), spec=str(SPEC))

    def dies(*_, **__):
        raise OSError("the driver is gone")

    with monkeypatch.context() as patch:
        patch.setattr(job, fails, dies)
        with pytest.raises(OSError, match="gone"):
            run(spark, settings, NOW)
    assert not list(tmp_path.rglob("manifest.json"))
    outcome = run(spark, settings, NOW)
    assert outcome.wrote
    table = outcome.manifest["tables"]["training"]
    assert (table["path"], table["version"], table["rows"]) == ("training", 1, shop.pairs.num_rows)


def test_folds_other_than_the_specs_are_refused(spark, shop, tmp_path, capsys):
    settings = tmp_path / "settings.yaml"
    settings.write_text("folds: 4\n", "utf-8")
    assert main(arguments(shop, tmp_path / "out", "--config", settings), spark) == 1
    assert "steps.supplier_rating.folds" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_of_two_manifests_of_a_run_the_first_stands(tmp_path):
    from buzzsaw.jobs.storage import put_if_absent

    assert put_if_absent(tmp_path / "a" / "manifest.json", "first\n")
    assert not put_if_absent(tmp_path / "a" / "manifest.json", "second\n")
    assert [path.read_bytes() for path in (tmp_path / "a").iterdir()] == [b"first\n"]


def test_the_report_counts_missing_values_in_no_bar(spark, training, pipeline, night, manifest):
    from buzzsaw.nightly.statistics import measure

    measured = measure(training, pipeline, bins=10)
    by_name = {one.name: one for one in measured.dense}
    bm25 = by_name["description_bm25"]
    values = np.array([row[0] for row in training.select("description_bm25").collect()], np.float64)
    assert bm25.missing == np.isnan(values).sum() > 0
    assert sum(bm25.counts) == (~np.isnan(values)).sum()
    assert bm25.mean == pytest.approx(np.nanmean(values))
    labels = np.array([row[0] for row in training.select("label").collect()], np.float64)
    present = ~np.isnan(values)
    assert bm25.label_correlation == pytest.approx(np.corrcoef(values[present], labels[present])[0, 1])
    constant = by_name["log_price"]
    assert sum(constant.counts) == measured.rows == manifest["rows"]["pairs"]
    tfidf = next(part for part in measured.sparse if part.name == "title_tfidf")
    sizes = [len(row[0]) for row in training.select("title_tfidf.indices").collect()]
    assert (tfidf.entries, tfidf.most_entries, tfidf.empty_rows) == (sum(sizes), max(sizes), sizes.count(0))


def test_the_report_is_one_page_that_fetches_nothing(night, manifest):
    page = (night / manifest["report"]["path"]).read_text("utf-8")
    assert "<script" not in page
    assert "<link" not in page
    assert "src=" not in page
    assert all(name in page for name in manifest["features"])
    assert page.count("<svg") >= len(manifest["features"])


def test_qids_are_trimmed_lower_case_with_single_spaces(spark):
    raw = ["  USB\tCable  2 m ", "usb cable 2 m", "usb\u00a0CABLE\u30002 m\n", "Ünïcode"]
    frame = spark.createDataFrame([(text,) for text in raw], "query string")
    found = [row[0] for row in frame.select(qid_of(fn.col("query"))).collect()]
    assert found == ["usb cable 2 m"] * 3 + ["ünïcode"]


def test_settings_name_every_problem(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("judgment: x\nfolds: five\nspec: s.yaml\nbins: 1\ntables: {glove: 5}\n", "utf-8")
    with pytest.raises(bz.InvalidSpecError) as caught:
        NightlySettings.load(settings, {"products": "p"})
    places = {problem["place"]: problem for problem in caught.value.problems}
    assert places["judgment"]["hint"] == "did you mean `judgments`?"
    assert places["folds"]["code"] == places["tables"]["code"] == "BZ_TYPE_MISMATCH"
    assert places["judgments"]["code"] == places["output"]["code"] == "BZ_MISSING_INPUT"
    assert places["bins"]["code"] == "BZ_INVALID_VALUE"


def test_the_settings_file_holds_every_setting_with_its_description_and_default():
    text = (ROOT / "jobs" / "nightly_features.yaml").read_text("utf-8")
    shown = yaml.safe_load(re.sub(r"^#(\w+:)", r"\1", text, flags=re.MULTILINE))
    known = {field.name: field for field in dataclasses.fields(NightlySettings)}
    assert list(shown) == list(known)
    comments = re.findall(r"((?:^# .*\n)+)#?(\w+):", text, re.MULTILINE)
    assert [name for _, name in comments] == list(known)
    for comment, name in comments:
        words, default = " ".join(comment.replace("#", " ").split()), known[name].default
        assert words.startswith(known[name].metadata["description"])
        if default is dataclasses.MISSING:
            assert "Needed" in words
        elif default is not None and name not in ("checks", "report"):
            assert words.endswith(f"Default: {default}.")
            assert shown[name] == default or name in yaml.safe_load(text)
    settings = NightlySettings.load(
        ROOT / "jobs" / "nightly_features.yaml", dict.fromkeys(("products", "judgments", "output"), "x")
    )
    assert settings.spec == str(SPEC)


def test_paths_of_a_settings_file_are_relative_to_it(tmp_path, monkeypatch):
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        "products: p\njudgments: ../j\noutput: s3://bucket/o\nspec: s.yaml\n"
        "tables: {glove: t/glove, same: file:///t/glove, far: hdfs://name/t}\n",
        "utf-8",
    )
    monkeypatch.chdir("/")
    read = NightlySettings.load(settings, {"products": "flag"})
    assert read.products == "/flag"
    assert read.judgments == str(tmp_path.parent / "j")
    assert read.output == "s3://bucket/o"
    # What is of this machine counts by its bytes, also with its scheme.
    assert read.tables == {"glove": str(tmp_path / "t" / "glove"), "same": "/t/glove", "far": "hdfs://name/t"}


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T00:00:00", ""])
def test_a_time_without_a_zone_is_refused(text):
    with pytest.raises(bz.InvalidValueError):
        parse_now(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("spec: a\nspec: b\n", "not valid YAML: line 2, column 1: `spec` is given twice"),
        ("checks:\n  products: {columns: {a: {min: 0}, a: {max: 5}}}\n", "line 2, column 37: `a` is given twice"),
        ("spec: [{a: 1, a: 2}]\n", "line 1, column 15: `a` is given twice"),
        # A node that has itself, which is no map of settings.
        ("spec: &a [*a]\n", "spec"),
        ("spec: [1,\nfold 5\n", "not valid YAML: line 3, column 1: "),
    ],
)
def test_settings_that_are_no_yaml_are_told_with_their_place(tmp_path, text, told) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(bz.BuzzsawError) as caught:
        NightlySettings.load(path, {})
    assert told in str(caught.value)


def test_weights_reach_the_training_table(spark, shop, tmp_path):
    judged = pq.read_table(shop.judgments).slice(0, 60)
    trust = [None if i == 7 else i / 8 for i in range(60)]
    pq.write_table(judged.append_column("trust", pa.array(trust, pa.float64())), tmp_path / "judgments.parquet")
    spec = tmp_path / "spec.yaml"
    text = SPEC.read_text("utf-8")
    spec.write_text(
        text.replace("\ninputs:\n", "\ninputs:\n  trust: {type: float64, side: pair, role: weight}\n"), "utf-8"
    )
    judgments = str(tmp_path / "judgments.parquet")
    outcome = run(spark, NightlySettings(str(shop.products), judgments, str(tmp_path / "out"), spec=str(spec)), NOW)
    table = spark.read.format("delta").load(str(outcome.output / "training"))
    assert table.columns[: len(KEYS) + 2] == ["date", *KEYS, "weight"]
    assert "trust" not in table.columns
    want = {(row["query"], row["product_id"]): trust[i] for i, row in enumerate(judged.to_pylist())}
    assert {(row["group_id"], row["product_id"]): row["weight"] for row in table.collect()} == want
