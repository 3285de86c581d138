"""Both jobs under a real `spark-submit`, with the commands that docs/nightly.md, spark_jvm.md and labels.md give."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import NamedTuple

import buzzsaw as bz
import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.labels import label_manifest_schema, read
from buzzsaw.nightly import manifest_schema
from buzzsaw.nightly.tables import KEYS
from cluster import environment
from executions import event_log, runtimes
from label_reference import Rules, label_rows
from shops import NOW, ROOT, SPEC, Shop
from test_spark_jvm import bits

RUN = NOW.date().isoformat()

#: Of jobs/build_labels.yaml.
GRADES = {"click": 1, "cart": 2, "purchase": 3}

#: For a small table on this machine; nothing that decides a value.
SMALL = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
    "spark.databricks.delta.snapshotPartitions": "2",
}


def documented(page: str) -> str:
    """The command of a page in docs that runs a job."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    blocks = re.findall(r"^```sh\n(spark-submit .*?)^```$", text, re.MULTILINE | re.DOTALL)
    (block,) = (block for block in blocks if " jobs/" in block)
    return block


def submit(
    folder: Path, page: str = "nightly.md", *, more: Mapping[str, str] | None = None, **instead: str | Path
) -> subprocess.CompletedProcess[str]:
    """Runs the command from the project's folder with `more` settings, and `instead` of the values of its options."""
    subprocess.run([ROOT / "tools" / "resolve_delta_jars.sh", ROOT / "build" / "delta-jars"], check=True)
    command = documented(page)
    for option, value in instead.items():
        command, count = re.subn(rf"--{option} \S+", lambda _, new=f"--{option} '{value}'": new, command)
        assert count == 1, f"docs/{page} has no --{option}"
    settings = {**SMALL, "spark.sql.warehouse.dir": str(folder / "warehouse"), **(more or {})}
    local = "spark-submit --master 'local[2]' " + " ".join(f"--conf '{key}={value}'" for key, value in settings.items())
    assert command.startswith("spark-submit ")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", local + command.removeprefix("spark-submit")],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


class Night(NamedTuple):
    """What one submitted run left."""

    output: Path
    events: Path
    done: subprocess.CompletedProcess[str]
    manifest: dict


def submitted(shop: Shop, folder: Path, page: str) -> Night:
    """The run of a page's command."""
    output, events = folder / "night", folder / "events"
    done = submit(folder, page, more=event_log(events), products=shop.products, judgments=shop.judgments, output=output)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return Night(output, events, done, json.loads((output / "runs" / RUN / "manifest.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def night(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Night:
    return submitted(shop, tmp_path_factory.mktemp("submitted"), "nightly.md")


def test_the_run_ends_well_and_says_where_everything_is(night: Night) -> None:
    assert "Traceback" not in night.done.stdout + night.done.stderr
    summary = night.done.stdout[night.done.stdout.index(f"run {RUN} is done") :]
    named = dict(re.findall(r"^  (\w+) +([^\s,]+)", summary, re.MULTILINE))
    assert set(named) == {"training", "documents", "rejected", "artifact", "report", "json", "manifest"}
    assert all(Path(path).exists() for path in named.values())
    assert named["training"] == str(night.output / "training")


def test_the_manifest_names_what_is_there(night: Night, shop: Shop, pipeline: bz.Pipeline) -> None:
    jsonschema.validate(night.manifest, manifest_schema())
    assert night.manifest["now"] == NOW.isoformat()
    assert night.manifest["settings"]["spec"] == str(SPEC)
    assert night.manifest["settings"]["folds"] == 5
    tables = night.manifest["tables"]
    rows = {"training": shop.pairs.num_rows, "documents": shop.documents.num_rows, "rejected": 0}
    assert {name: table["rows"] for name, table in tables.items()} == rows
    assert {(table["path"], table["version"]) for table in tables.values()} == {(name, 0) for name in rows}
    assert night.manifest["features"] == pipeline.feature_names
    artifact = bz.load(night.output / night.manifest["artifact"]["path"], check="full")
    assert artifact.content_hash == night.manifest["artifact"]["content_hash"] == pipeline.content_hash


def test_the_table_has_the_named_columns_and_the_bits_of_a_local_run(
    spark, night: Night, shop: Shop, pipeline: bz.Pipeline
) -> None:
    table = spark.read.format("delta").option("versionAsOf", 0).load(str(night.output / "training"))
    features = [*pipeline.feature_names, "fingerprint", "fingerprint_served"]
    assert table.columns == ["date", *KEYS, *features, "artifact"]
    types = dict(table.dtypes)
    assert {types[name] for name in pipeline.dense_names} == {"float"}
    assert {types[name] for name in pipeline.sparse_columns} == {"struct<indices:array<int>,values:array<float>>"}
    block, served = pipeline.transform(shop.pairs, mode="train"), pipeline.transform(shop.pairs)
    rows = {(row["group_id"], row["product_id"]): row for row in table.collect()}
    assert len(rows) == table.count() == shop.pairs.num_rows
    for i, pair in enumerate(shop.pairs.to_pylist()):
        row = rows[pair["query"], pair["product_id"]]
        assert (row["qid"], row["label"]) == (pair["qid"], pair["rating"])
        assert (row["fingerprint"], row["fingerprint_served"]) == (block.fingerprints[i], served.fingerprints[i])
        assert np.array([row[name] for name in block.dense_names], np.float32).tobytes() == block.dense[i].tobytes()
        for name, part in block.sparse.items():
            entries = slice(part.indptr[i], part.indptr[i + 1])
            assert row[name]["indices"] == part.indices[entries].tolist()
            assert np.array(row[name]["values"], np.float32).tobytes() == part.data[entries].tobytes()


def test_the_command_for_the_jvm_makes_the_same_tables_by_the_operator(
    spark, night: Night, shop: Shop, tmp_path: Path
) -> None:
    if not list((ROOT / "build" / "dist").glob("buzzsaw-spark_*.jar")):
        pytest.skip("no jar is built to hand out: run `make dist`")
    jvm = submitted(shop, tmp_path, "spark_jvm.md")
    assert runtimes(night.events) == {"training": {"python"}, "documents": {"python"}, "rejected": set()}
    assert runtimes(jvm.events) == {"training": {"jvm"}, "documents": {"jvm"}, "rejected": set()}
    for name, rows in (("training", shop.pairs.num_rows), ("documents", shop.documents.num_rows)):
        python, made = (spark.read.format("delta").load(str(run.output / name)) for run in (night, jvm))
        assert made.schema == python.schema
        wanted, found = (sorted(map(bits, table.collect())) for table in (python, made))
        assert found == wanted
        assert len(found) == rows


def test_the_report_is_the_manifests_and_shows_every_feature(night: Night) -> None:
    page = (night.output / night.manifest["report"]["path"]).read_bytes()
    assert hashlib.sha256(page).hexdigest() == night.manifest["report"]["sha256"]
    text = page.decode("utf-8")
    assert "Nightly features, shop search" in text
    assert all(name in text for name in night.manifest["features"])
    assert text.count("<svg") >= len(night.manifest["features"])


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            f"spec: {SPEC}\nfold: 5\nbins: many\n",
            ["BZ_INVALID_SPEC: fold: ", "did you mean `folds`?", "BZ_TYPE_MISMATCH: bins: "],
        ),
        ("spec: none.yaml\n", ["BZ_IO: ", "none.yaml: cannot read"]),
    ],
    ids=["bad settings", "no such spec"],
)
def test_a_broken_settings_file_ends_in_one_paragraph_and_writes_nothing(
    night: Night, shop: Shop, tmp_path: Path, settings: str, told: list[str]
) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text(settings, "utf-8")
    before = files(night.output)
    # Another night into the same output, so that also an older table is at stake.
    done = submit(
        tmp_path,
        config=config,
        now="2026-11-23T03:00:00Z",
        products=shop.products,
        judgments=shop.judgments,
        output=night.output,
    )
    assert done.returncode == 1
    written = done.stdout + done.stderr
    assert "Traceback" not in written
    (paragraph,) = (line for line in written.splitlines() if line.startswith("nightly_features failed. "))
    assert all(words in paragraph for words in told), paragraph
    assert files(night.output) == before
    assert list(tmp_path.iterdir()) == [config]


def test_without_deltas_jars_the_job_says_so(shop: Shop, tmp_path: Path) -> None:
    job = [sys.executable, "jobs/nightly_features.py", "--spec", SPEC, "--output", tmp_path / "night"]
    tables = ["--products", shop.products, "--judgments", shop.judgments, "--now", "2026-11-23T03:00:00Z"]
    done = subprocess.run(
        [*map(str, job + tables)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "BZ_MISSING_INPUT: spark.jars: Delta Lake's jars are not on Spark's class path" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "night" / "training").exists()


def test_the_label_job_reads_a_delta_table_at_the_version_that_its_manifest_names(spark, tmp_path: Path) -> None:
    market = marketplace.Marketplace(
        seed=5, products=400, sellers=20, queries=12, requests=1_500, days=9, start=date(2026, 11, 13)
    )
    log = marketplace.write(market, tmp_path)
    impressions, output = tmp_path / "impressions", tmp_path / "labels"
    seen = spark.read.parquet(str(log["impressions"]))
    for rows in (seen.limit(5), seen):
        rows.write.format("delta").mode("overwrite").save(str(impressions))
    given = {"impressions": impressions, "interactions": log["interactions"], "output": output}
    done = submit(tmp_path, "labels.md", **given)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert f"run {RUN} is done" in done.stdout
    manifest = json.loads((output / "runs" / RUN / "manifest.json").read_text("utf-8"))
    jsonschema.validate(manifest, label_manifest_schema())
    # As the page and jobs/build_labels.yaml say: the seven days whose attribution is over.
    assert manifest["now"] == NOW.isoformat()
    assert manifest["labelled"] == {"first": "2026-11-14", "last": "2026-11-20"}
    read_in = {name: (table["format"], table["version"]) for name, table in manifest["inputs"].items()}
    assert read_in == {"impressions": ("delta", 1), "interactions": ("parquet", None)}
    tables = [pq.read_table(log[name]).to_pylist() for name in ("impressions", "interactions")]
    days = (datetime(2026, 11, day, tzinfo=timezone.utc) for day in (14, 20))
    want = {key: made["rating"] for key, made in label_rows(*tables, Rules(GRADES, *days, windows=())).items()}
    rows = read(output, RUN, session=spark).select("group_id", "product_id", "rating").collect()
    assert {(int(row[0]), row[1]): row[2] for row in rows} == want
    ratings = {str(rating): count for rating, count in Counter(want.values()).items()}
    assert len(ratings) == 4
    assert manifest["ratings"] == ratings
