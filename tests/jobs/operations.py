"""Runs of the jobs by their commands, and what these said, wrote and measured."""

from __future__ import annotations

import contextlib
import io
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw.datasets import marketplace
from buzzsaw.labels import main as label_main
from buzzsaw.nightly import main
from nights import SPEC, judgments, products, write_tables
from prometheus import Metric, parsed
from shops import NOW

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DAY = NOW.date().isoformat()

#: The fields of each line, in their order.
ALWAYS = ["time", "level", "job", "run", "stage", "event", "message"]

#: The stages of a run that fits.
FITTED = [
    "load spec",
    "read and check inputs",
    "join",
    "write rejected rows",
    "fit",
    "look at inputs",
    "write training table",
    "write documents table",
    "write artifacts",
    "measure tables",
    "write report",
    "write manifest",
]


class Told(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Stderr as objects, one a line."""
        assert self.err.endswith("\n")
        return [json.loads(line) for line in self.err[:-1].split("\n")]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of an event."""
        return [line for line in self.lines if line["event"] == event]


def told(command, words, spark) -> Told:
    """Runs a command here."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = command([str(word) for word in words], spark)
    return Told(status, out.getvalue(), err.getvalue())


class Night(NamedTuple):
    """A run with rejected rows and a column of both inputs."""

    words: list[Any]
    folder: Path
    told: Told
    manifest: dict[str, Any]
    metrics: dict[str, Metric]


def run_night(spark: SparkSession, folder: Path) -> Night:
    """A run with rejected rows, a column of both inputs, progress and metrics."""
    documents, pairs = products(), judgments()
    documents[4]["price"] = -1.0
    pairs[7]["query"] = None
    at = write_tables(folder, documents, pairs)
    judged = pq.read_table(at[1])
    ours = pa.array([f"{i} of ours" for i in range(judged.num_rows)])
    pq.write_table(judged.append_column("title", ours).append_column("unread", ours), at[1])
    pq.write_table(pq.read_table(at[0]).append_column("unread", pa.array(["x"] * len(documents))), at[0])
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    checks = {"products": {"rejected": {"warn": None, "stop": 0.1}, "columns": {"price": {"min": 0}}}}
    checks["judgments"] = {"rejected": {"warn": None, "stop": 0.1}}
    (folder / "settings.yaml").write_text(json.dumps({"spec": "spec.yaml", "checks": checks}), "utf-8")
    words = ["--config", folder / "settings.yaml", "--products", at[0], "--judgments", at[1], "--log-format", "json"]
    run = [*words, "--now", NOW.isoformat(), "--output", folder / "out", "--metrics", folder / "metrics" / "a.prom"]
    said = told(main, [*run, "--progress-seconds", "0.05"], spark)
    assert said.status == 0, said.lines[-1]
    manifest = json.loads((folder / "out" / "runs" / DAY / "manifest.json").read_text("utf-8"))
    return Night(words, folder, said, manifest, parsed((folder / "metrics" / "a.prom").read_bytes()))


def samples(metrics: dict[str, Metric], name: str, label: str | None = None) -> Any:
    """The values of a metric by the value of its label, or its one value."""
    found = {dict(key).get(label): value for key, value in metrics[name].samples.items()}
    assert len(found) == len(metrics[name].samples)
    return found if label else found[None]


class Labels(NamedTuple):
    """A label run."""

    words: list[Any]
    folder: Path
    told: Told
    manifest: dict[str, Any]


def run_labels(spark: SparkSession, folder: Path) -> Labels:
    """A label run, with progress and metrics."""
    market = marketplace.Marketplace(
        seed=11, products=400, sellers=20, queries=12, requests=240, days=6, start=date(2026, 10, 1)
    )
    log = marketplace.write(market, folder)
    settings = {"label_days": 2, "windows": [1], "propensities": [1.0] * 10, "robot_impressions": 60}
    (folder / "settings.yaml").write_text(json.dumps(settings), "utf-8")
    words = ["--config", folder / "settings.yaml", "--output", folder / "out", "--log-format", "json"]
    words += ["--impressions", log["impressions"], "--interactions", log["interactions"]]
    at = ["--now", "2026-10-07T01:00:00Z", "--metrics", folder / "m.prom", "--progress-seconds", "0.05"]
    said = told(label_main, [*words, *at], spark)
    assert said.status == 0, said.lines[-1]
    manifest = json.loads((folder / "out" / "runs" / "2026-10-07" / "manifest.json").read_text("utf-8"))
    return Labels(words, folder, said, manifest)
