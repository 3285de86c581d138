"""Logs, progress and metrics of the label job."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest
from buzzsaw.labels import main as label_main
from operations import samples, told
from prometheus import parsed
from shops import ROOT


def test_the_label_job_tells_the_same(spark, labels):
    begins = labels.told.of("stage_begins")
    assert len(begins) == 7
    numbers = [(line["stage_number"], line["stage_count"]) for line in begins]
    assert numbers == [(i, 7) for i in range(1, 8)]
    assert {(line["job"], line["run"]) for line in labels.told.lines} == {("build_labels", "2026-10-07")}
    assert labels.told.of("progress")
    (commit,) = labels.told.of("commit")
    (written,) = labels.told.of("manifest")
    table = labels.manifest["tables"]["labels"]
    assert (commit["table"], commit["version"]) == ("labels", table["version"])
    assert written["tables"] == {"labels": {"version": table["version"], "rows": table["rows"]}}
    assert labels.told.lines[-1]["event"] == "done"
    assert labels.told.out == ""
    (kept,) = spark.sql(f"DESCRIBE DETAIL delta.`{labels.folder / 'out' / 'labels'}`").select("properties").collect()
    assert set(kept["properties"].values()) == {"interval 400 days"}
    assert len(kept["properties"]) == 2


def test_the_label_job_without_a_time_takes_that_of_its_date(spark, labels):
    """Runs of the clock on a date that is done are that one; a time that is given must be the same."""
    today = datetime.now(timezone.utc).date()
    # The clock may pass midnight before the run asks it.
    for day in (today, today + timedelta(days=1)):
        copy = labels.manifest | {"run": day.isoformat(), "now": f"{day}T00:00:01+00:00"}
        folder = labels.folder / "out" / "runs" / day.isoformat()
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps(copy), "utf-8")
    said = told(label_main, labels.words, spark)
    assert (said.status, said.lines[-1]["event"], said.lines[-1]["wrote"]) == (0, "done", False)
    said = told(label_main, [*labels.words, "--now", f"{today}T00:00:02+00:00"], spark)
    assert (said.status, said.lines[-1]["code"]) == (1, "BZ_INVALID_VALUE")
    assert "another --now" in said.lines[-1]["message"]


def test_the_label_job_has_metrics_of_its_own(labels):
    metrics, manifest = parsed((labels.folder / "m.prom").read_bytes()), labels.manifest
    assert samples(metrics, "buzzsaw_run_success") == 1
    removed = samples(metrics, "buzzsaw_run_removed", "rule")
    assert removed == manifest["removed"]
    assert sum(removed.values()) > 0
    assert samples(metrics, "buzzsaw_run_rating_rows", "rating") == manifest["ratings"]
    assert samples(metrics, "buzzsaw_run_propensity", "position") == dict.fromkeys(map(str, range(1, 11)), 1.0)
    read = samples(metrics, "buzzsaw_run_input_read_rows", "input")
    assert read == {name: table["rows"] for name, table in manifest["inputs"].items()}
    assert samples(metrics, "buzzsaw_run_table_rows", "table") == {"labels": sum(manifest["ratings"].values())}
    assert "buzzsaw_run_input_rejected_rows" not in metrics


def test_the_label_manifest_fits_its_schema_file(labels):
    schema = json.loads((ROOT / "schemas" / "label_manifest.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(labels.manifest, schema)
    for broken in ({"run": "yesterday"}, {"removed": {}}, {"more": 1}, {"job": "nightly_features"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(labels.manifest | broken, schema)


def test_a_failing_label_run_is_one_object(spark, labels, tmp_path):
    at = ["--now", "2027-10-07T01:00:00Z", "--metrics", tmp_path / "m.prom"]
    said = told(label_main, [*labels.words, *at], spark)
    assert said.status == 1
    failed = said.lines[-1]
    assert (failed["event"], failed["code"], failed["run"]) == ("failed", "BZ_INVALID_VALUE", "2027-10-07")
    assert failed["stage"] == "propensities"
    assert failed["problems"][0]["place"] == "impressions"
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    assert samples(metrics, "buzzsaw_run_success") == 0
    assert samples(metrics, "buzzsaw_run_input_read_rows", "input") == {"impressions": 0, "interactions": 0}
