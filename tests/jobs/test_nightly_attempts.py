"""Several attempts of a date: each has files of its own, also where Delta makes no version of it."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone

import pytest
from buzzsaw.jobs import storage
from buzzsaw.nightly import NightlySettings, run
from buzzsaw.nightly.checks import Checks, Limits, TableChecks
from nights import PLAIN, judgments, products, versions, write_tables

NOW = datetime(2026, 3, 1, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path):
    """Judgments that are all rejected, and may be: the training table has no rows."""
    at = write_tables(tmp_path, products(6), [{**row, "query": None} for row in judgments(6, of=6)])
    (tmp_path / "spec.yaml").write_text(PLAIN.format(features="[log_price, title_length]"), "utf-8")
    checks = Checks(judgments=TableChecks(rejected=Limits(stop=1.0)))
    return NightlySettings(*map(str, at), str(tmp_path / "out"), spec=str(tmp_path / "spec.yaml"), checks=checks)


def test_attempts_of_a_date_without_rows_have_reports_of_their_own(spark, settings, tmp_path):
    """The second one begins before the first one has its manifest, and comes to its report after it."""
    output, folder = tmp_path / "out", tmp_path / "out" / "runs" / "2026-03-01"
    first = run(spark, settings, NOW).manifest
    assert first["tables"]["training"]["rows"] == 0
    held = {path: path.read_bytes() for path in folder.iterdir()}
    (folder / "manifest.json").unlink()
    second = run(spark, settings, NOW).manifest
    (folder / "manifest.json").write_bytes(held[folder / "manifest.json"])
    # Delta makes no version of a date without rows where there were none: both name the same one.
    version = versions(spark, output)["training"]
    assert version == first["tables"]["training"]["version"] == second["tables"]["training"]["version"]
    for manifest in (first, second):
        assert manifest["report_json"]["path"] == manifest["report"]["path"].replace(".html", ".json")
        for named in (manifest["report"], manifest["report_json"]):
            assert hashlib.sha256((output / named["path"]).read_bytes()).hexdigest() == named["sha256"]
    names = [one["report"]["path"] for one in (first, second)]
    assert names == [f"runs/2026-03-01/report-{version}{more}.html" for more in ("", "-2")]
    assert {path: path.read_bytes() for path in held} == held


def test_a_fresh_name_is_the_first_that_is_free(tmp_path):
    (tmp_path / "report-7-2.html").write_bytes(b"of another")
    made = [storage.put_fresh(tmp_path, "report-7", ".html", f"{i}\n") for i in range(3)]
    assert [path.name for path in made] == ["report-7.html", "report-7-3.html", "report-7-4.html"]
    assert [path.read_bytes() for path in made] == [b"0\n", b"1\n", b"2\n"]
    assert (tmp_path / "report-7-2.html").read_bytes() == b"of another"
