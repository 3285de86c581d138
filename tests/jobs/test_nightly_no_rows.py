"""Nights whose inputs have no rows, or none that is accepted: neither passes for a night as any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from buzzsaw.nightly import NightlySettings, main, run
from nights import PLAIN, judgments, products, write_tables
from shops import NOW


class Night(NamedTuple):
    settings: NightlySettings
    manifest: dict[str, Any]


@pytest.fixture(scope="module")
def before(spark, tmp_path_factory) -> Night:
    """A night of some rows."""
    folder = tmp_path_factory.mktemp("before")
    (folder / "spec.yaml").write_text(PLAIN.format(features="[log_price, title_hashed]"), "utf-8")
    at = write_tables(folder, products(6), judgments(12, of=6))
    settings = NightlySettings(*map(str, at), str(folder / "out"), spec=str(folder / "spec.yaml"))
    return Night(settings, run(spark, settings, NOW).manifest)


def next_night(spark, before, folder, day, rows):
    """Its exit status, with the artifact of the night before and the most that a limit of an input allows."""
    every = {"rejected": {"warn": None, "stop": 1.0}}
    given = {"checks": {"products": every, "judgments": every}, "report": {"drift": {"psi": {"stop": 0.25}}}}
    at = write_tables(folder, *rows)
    # JSON is YAML.
    (folder / "settings.yaml").write_text(json.dumps(given), "utf-8")
    output = before.settings.output
    artifact = f"{output}/{before.manifest['artifact']['path']}"
    words = ("--config", folder / "settings.yaml", "--products", at[0], "--judgments", at[1], "--artifact", artifact)
    return main([str(word) for word in (*words, "--output", output, "--now", NOW.replace(day=day).isoformat())], spark)


def files(night):
    paths = Path(night.settings.output).rglob("*")
    return {path: path.stat().st_mtime_ns for path in paths if path.is_file()}


def test_an_input_without_rows_is_refused_before_anything_is_written(spark, before, tmp_path, capsys):
    """As after an upstream job that wrote an empty table: no share of none is over a limit."""
    made = files(before)
    assert made
    for name, *rows in (("judgments", products(6), []), ("products", [], judgments(12, of=6)), ("", [], [])):
        assert next_night(spark, before, tmp_path / f"no_{name}", 23, rows) == 1
        message = capsys.readouterr().err
        assert "BZ_INVALID_VALUE" in message
        for told in ("judgments", "products"):
            there = f"{tmp_path / f'no_{name}' / told}.parquet: the table of {told} has no rows" in message
            assert there is (name in ("", told)), message
    assert files(before) == made


def test_a_night_of_which_nothing_is_accepted_is_over_a_limit_of_drift(spark, before, tmp_path, capsys):
    rejected = [{**row, "query": None} for row in judgments(12, of=6)]
    assert next_night(spark, before, tmp_path, 24, (products(6), rejected)) == 3
    assert "the training table has no rows, and that of 2026-11-22 has 12" in capsys.readouterr().out
    path = Path(before.settings.output) / "runs" / "2026-11-24" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    assert manifest["tables"]["training"]["rows"] == 0
    assert [one["place"] for one in manifest["checks"] if one["stopped"]] == ["report.drift.psi"]
