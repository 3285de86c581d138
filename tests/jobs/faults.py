"""Runs of the nightly job that end by force, and what must be true after the next one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buzzsaw.nightly import dates, main
from cluster import environment
from nights import SPEC, contents, judgments, lasting, products, versions, write_tables
from shops import NOW, ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DAY = NOW.date()

#: Where tasks of Spark run or data files are half written; the job announces its other points itself.
INSIDE = [
    "read and check inputs: tasks run",
    "join: tasks run",
    "write rejected rows: tasks run",
    "rejected: half written",
    "fit: tasks run",
    "write training table: tasks run",
    "training: half written",
    "write documents table: tasks run",
    "documents: half written",
    "measure tables: tasks run",
]


@dataclass(frozen=True)
class Undisturbed:
    """A run without a fault, its inputs, and what it left."""

    words: list[str]
    contents: dict[str, list[str]]
    manifest: dict[str, Any]


def inputs(folder: Path) -> list[str]:
    """Arguments of the job, but for the output; some rows of the tables are rejected."""
    documents, pairs = products(), judgments()
    documents[4]["price"] = -1.0
    pairs[7]["query"] = None
    at = write_tables(folder, documents, pairs)
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    checks = {"products": {"rejected": {"stop": 0.1}, "columns": {"price": {"min": 0}}}}
    checks["judgments"] = {"rejected": {"stop": 0.1}}
    (folder / "settings.yaml").write_text(json.dumps({"spec": "spec.yaml", "checks": checks}), "utf-8")
    words = ["--config", folder / "settings.yaml", "--products", at[0], "--judgments", at[1], "--now", NOW.isoformat()]
    return [str(word) for word in words]


def manifest_of(output: Path) -> dict[str, Any]:
    """The manifest of the one run."""
    manifest: dict[str, Any] = json.loads((output / "runs" / str(DAY) / "manifest.json").read_text("utf-8"))
    return manifest


def undisturbed(session: SparkSession, folder: Path) -> Undisturbed:
    """One run, and its contents."""
    words = inputs(folder)
    assert main([*words, "--output", str(folder / "whole")], session) == 0
    made = Undisturbed(words, contents(session, folder / "whole", DAY), manifest_of(folder / "whole"))
    assert len(made.contents["rejected"]) == 3
    return made


def drive(way: str, point: str, words: list[str], output: Path) -> subprocess.CompletedProcess[str]:
    """A driver in a session of its own, with a fault."""
    command = [sys.executable, str(Path(__file__).with_name("faulty_driver.py")), way, point, *words]
    # A process that is killed leaves its scratch files.
    scratch = output.parent / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [*command, "--output", str(output)],
        cwd=ROOT,
        env=environment() | {"SPARK_LOCAL_DIRS": str(scratch), "TMPDIR": str(scratch)},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )


def kill(whole: Undisturbed, output: Path, point: str) -> None:
    """A run that ends at `point` by force, its JVM and workers with it."""
    done = drive("die", point, whole.words, output)
    assert done.returncode == -signal.SIGKILL, f"{point}: {done.returncode}\n{done.stderr[-3000:]}"
    published = (output / "runs" / str(DAY) / "manifest.json").exists()
    # Only the very last point is one at which the run has ended.
    assert published == (point == "write manifest: ends"), point
    assert dates(output) == ([DAY] if published else [])


def assert_made_whole(session: SparkSession, whole: Undisturbed, output: Path, point: str) -> None:
    """Runs the job after it was killed at `point`, and compares all that the tables hold."""
    published = dates(output) == [DAY]
    before = versions(session, output)
    assert main([*whole.words, "--output", str(output)], session) == 0
    assert contents(session, output, DAY) == whole.contents, point
    assert lasting(manifest_of(output)) == lasting(whole.manifest), point
    after = versions(session, output)
    assert not published or after == before, point
    # And once more: nothing is written.
    assert main([*whole.words, "--output", str(output)], session) == 0
    assert versions(session, output) == after, point
