"""Runs of both jobs that end by force, and what must be true after the next one."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buzzsaw import labels, nightly
from buzzsaw.datasets import marketplace
from buzzsaw.nightly import dates
from cluster import environment
from nights import SPEC, contents, judgments, lasting, products, versions, write_tables
from shops import NOW, ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Job:
    """One of the jobs, and its inputs."""

    name: str
    now: datetime
    main: Callable[[Sequence[str], SparkSession], int]
    #: Writes inputs to a folder; arguments of the job that name them, without settings.
    write: Callable[[Path], list[Any]]
    settings: dict[str, Any]
    #: Where tasks of Spark run or data files are half written; the job announces its other points itself.
    inside: list[str]

    @property
    def day(self) -> date:
        """The date of its run; there is a run of the day before."""
        return self.now.date()


def _night(folder: Path) -> list[Any]:
    """Some rows are rejected."""
    documents, pairs = products(), judgments()
    documents[4]["price"] = -1.0
    pairs[7]["query"] = None
    at = write_tables(folder, documents, pairs)
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    return ["--products", at[0], "--judgments", at[1]]


def _log(folder: Path) -> list[Any]:
    market = marketplace.Marketplace(
        seed=11, products=400, sellers=20, queries=12, requests=240, days=6, start=date(2026, 10, 1)
    )
    log = marketplace.write(market, folder)
    return ["--impressions", log["impressions"], "--interactions", log["interactions"]]


NIGHTLY = Job(
    "nightly",
    NOW,
    nightly.main,
    _night,
    {
        "spec": "spec.yaml",
        "checks": {
            "products": {"rejected": {"warn": None, "stop": 0.1}, "columns": {"price": {"min": 0}}},
            "judgments": {"rejected": {"warn": None, "stop": 0.1}},
        },
    },
    [
        "read and check inputs: tasks run",
        "join: tasks run",
        "write rejected rows: tasks run",
        "rejected: half written",
        "fit: tasks run",
        "look at inputs: tasks run",
        "write training table: tasks run",
        "training: half written",
        "write documents table: tasks run",
        "documents: half written",
        "measure tables: tasks run",
    ],
)

LABELS = Job(
    "labels",
    datetime(2026, 10, 7, 1, tzinfo=timezone.utc),
    labels.main,
    _log,
    {"label_days": 2, "windows": [1], "propensities": [1.0] * 10, "robot_impressions": 60},
    [
        "read and check: tasks run",
        "clean and attribute: tasks run",
        "propensities: tasks run",
        "label, count and write the table: tasks run",
        "labels: half written",
        "measure the table: tasks run",
    ],
)


@dataclass(frozen=True)
class Undisturbed:
    """A run without a fault, its inputs, and what it left."""

    job: Job
    #: Arguments of the run, but for the output.
    words: list[str]
    #: An output with the run of the day before.
    earlier: Path
    output: Path
    #: Of both dates.
    contents: dict[date, dict[str, list[str]]]

    def begin(self, output: Path) -> None:
        """An output as the run finds it."""
        shutil.copytree(self.earlier, output)


def manifest_of(output: Path, day: date) -> dict[str, Any]:
    """The manifest of a date."""
    manifest: dict[str, Any] = json.loads((output / "runs" / str(day) / "manifest.json").read_text("utf-8"))
    return manifest


def report_of(output: Path, day: date) -> dict[str, Any]:
    """What the report of a date says that does not depend on clocks or on earlier attempts; nothing without one."""
    named = manifest_of(output, day).get("report_json")
    if named is None:
        return {}
    whole = json.loads((output / named["path"]).read_text("utf-8"))
    return {name: part for name, part in whole.items() if name not in ("timings", "table_version")}


def undisturbed(session: SparkSession, folder: Path, job: Job = NIGHTLY) -> Undisturbed:
    """A run of the day before and one of the day, and their contents."""
    folder.mkdir(exist_ok=True)
    paths = job.write(folder)
    words = {}
    # The table must learn to keep versions for longer, which is a commit of its own.
    for name, days in (("before", 30), ("settings", 400)):
        (folder / f"{name}.yaml").write_text(json.dumps({**job.settings, "retention_days": days}), "utf-8")
        now = job.now - timedelta(days=name == "before")
        words[name] = [str(word) for word in ["--config", folder / f"{name}.yaml", *paths, "--now", now.isoformat()]]
    earlier, output = folder / "earlier", folder / "whole"
    assert job.main([*words["before"], "--output", str(earlier)], session) == 0
    shutil.copytree(earlier, output)
    assert job.main([*words["settings"], "--output", str(output)], session) == 0
    made = {day: contents(session, output, day) for day in dates(output)}
    assert list(made) == [job.day - timedelta(days=1), job.day]
    assert all(len(rows) > 1 for tables in made.values() for rows in tables.values())
    return Undisturbed(job, words["settings"], earlier, output, made)


def drive(whole: Undisturbed, way: str, point: str, output: Path) -> subprocess.CompletedProcess[str]:
    """A driver in a session of its own, with a fault."""
    script = str(Path(__file__).with_name("faulty_driver.py"))
    # A process that is killed leaves its scratch files.
    scratch = output.parent / f"{output.name} scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, script, whole.job.name, way, point, *whole.words, "--output", str(output)],
        cwd=ROOT,
        env=environment() | {"SPARK_LOCAL_DIRS": str(scratch), "TMPDIR": str(scratch)},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )


def die(whole: Undisturbed, output: Path, point: str) -> None:
    """A run over what the output has, which ends at `point` by force."""
    done = drive(whole, "die", point, output)
    assert done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}\n{done.stderr[-3000:]}"


def kill(whole: Undisturbed, output: Path, point: str) -> None:
    """A run that ends at `point` by force, its JVM and workers with it."""
    whole.begin(output)
    before = dates(output)
    die(whole, output, point)
    published = (output / "runs" / str(whole.job.day) / "manifest.json").exists()
    # Only the very last point is one at which the run has ended.
    assert published == (point == "write manifest: ends"), point
    assert dates(output) == before + ([whole.job.day] if published else [])


def assert_made_whole(session: SparkSession, whole: Undisturbed, output: Path, point: str) -> None:
    """Runs the job after it was killed at `point`, and compares all that the tables hold, of the day before as well."""
    published = whole.job.day in dates(output)
    before = versions(session, output)
    assert whole.job.main([*whole.words, "--output", str(output)], session) == 0
    assert_equal(session, whole, output, point)
    after = versions(session, output)
    assert not published or after == before, point
    # And once more: nothing is written.
    assert whole.job.main([*whole.words, "--output", str(output)], session) == 0
    assert versions(session, output) == after, point


def assert_equal(session: SparkSession, whole: Undisturbed, output: Path, point: str = "") -> None:
    """That tables, manifest and report are those of the undisturbed run."""
    day = whole.job.day
    assert {one: contents(session, output, one) for one in dates(output)} == whole.contents, point
    assert lasting(manifest_of(output, day)) == lasting(manifest_of(whole.output, day)), point
    assert report_of(output, day) == report_of(whole.output, day), point
