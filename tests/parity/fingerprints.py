"""Very many hostile rows through every runtime, their fingerprints alone compared; a range of rows at a time.

`fingerprints.py --first 30000000 --rows 10000000` serves those rows of a seed with one spec in Rust, the wheel, the
jar, the jar with Java's strings and both Spark runtimes. Row i is the same whatever the range, so 100 million rows can
be done in parts, on several days; each part adds a line of JSON to the file of --record. Equal fingerprints are equal
bits: `run.py` holds each runtime's fingerprints against the bytes of its rows, on fewer rows.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import hostile
import numpy as np
import numpy.typing as npt
import run
import xxhash
from harness.hostile_specs import hostile_specs
from harness.paths import products
from harness.task import Refused, Runner, Task
from runners import JarRunner, SparkRunner, every_runner

#: Rows of a task: Spark's fixed costs are small beside them, and memory holds several of them.
CHUNK = 200_000


@dataclass
class Printed:
    """What one runtime said of the rows."""

    build: str
    rows: int = 0
    seconds: float = 0.0
    #: Of all fingerprints in the order of the rows: two runs over one range can be compared by it.
    digest: xxhash.xxh3_128 = field(default_factory=xxhash.xxh3_128)


@dataclass(frozen=True)
class Range:
    """Rows of a seed, and the spec that serves them; both ends are rounded to whole blocks."""

    first: int
    rows: int
    spec: str = "mixed"
    seed: int = 1

    def blocks(self) -> range:
        """The blocks of the rows."""
        return range(self.first // hostile.BLOCK, -(-(self.first + self.rows) // hostile.BLOCK))


@dataclass
class Compared:
    """A range of rows, and what came of it."""

    asked: Range
    rows: int = 0
    differing: int = 0
    runtimes: dict[str, Printed] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def take(self, made: dict[str, npt.NDArray[np.int64]], rows: int) -> None:
        """Counts the rows of a chunk in which not all runtimes agree; one that lacks rows differs in each of them."""
        some = next((prints for prints in made.values() if len(prints) == rows), None)
        odd = np.zeros(rows, bool)
        for name, prints in made.items():
            other = np.ones(rows, bool) if some is None or len(prints) != rows else prints != some
            if other.any() and len(self.notes) < 5:
                self.notes.append(f"row {self.asked.first + self.rows + int(other.argmax())}: {name} differs")
            odd |= other
        self.rows += rows
        self.differing += int(odd.sum())


def compare_range(asked: Range, runners: Sequence[Runner], folder: Path) -> Compared:
    """Serves the rows in every runtime."""
    artifact = run.fitted(folder, asked.seed, [asked.spec])[asked.spec]
    found = Compared(asked, runtimes={runner.name: Printed(runner.build()) for runner in runners})
    # Spark takes both cores for itself.
    alone = [runner for runner in runners if isinstance(runner, SparkRunner)]
    beside = [runner for runner in runners if runner not in alone]
    if any(isinstance(runner, JarRunner) for runner in beside):
        JarRunner.start()
    names = [runner.name for runner in (*beside, *alone)]
    with ThreadPoolExecutor(2) as pool, closing(_chunks(asked, folder, artifact)) as chunks:
        for task, rows in chunks:
            serve = partial(_served, task=task, found=found)
            made = [*pool.map(serve, beside), *map(serve, alone)]
            found.take(dict(zip(names, made, strict=True)), rows)
            if sys.stderr.isatty():
                print(f"\r{found.rows:,} of {asked.rows:,} rows  ", end="", file=sys.stderr, flush=True)
    return found


def _chunks(asked: Range, folder: Path, artifact: Path) -> Iterator[tuple[Task, int]]:
    """The tasks of the rows and how many rows each has; while one is served a process of its own makes the next."""
    numbers = asked.blocks()
    parts = [
        numbers[start : start + CHUNK // hostile.BLOCK] for start in range(0, len(numbers), CHUNK // hostile.BLOCK)
    ]
    places = [folder / "even", folder / "odd"]
    for place in places:
        place.mkdir(exist_ok=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as maker:
        pending = maker.submit(_made, asked.seed, parts[0], places[0], artifact)
        for i in range(len(parts)):
            made = pending.result()
            if i + 1 < len(parts):
                pending = maker.submit(_made, asked.seed, parts[i + 1], places[(i + 1) % 2], artifact)
            yield made


def _made(seed: int, numbers: range, folder: Path, artifact: Path) -> tuple[Task, int]:
    chunk = hostile.joined([hostile.block(seed, number) for number in numbers])
    (whole,) = run.hostile_tasks(folder, artifact, chunk, ("serve",))
    return replace(whole, prints_alone=True), chunk.rows


def _served(runner: Runner, task: Task, found: Compared) -> npt.NDArray[np.int64]:
    printed, started = found.runtimes[runner.name], time.monotonic()
    try:
        prints = np.ascontiguousarray(runner.run(task).fingerprints, np.int64)
    except Refused as refused:
        found.notes.append(f"{runner.name} refused: {refused}")
        prints = np.zeros(0, np.int64)
    printed.seconds += time.monotonic() - started
    printed.rows += len(prints)
    printed.digest.update(prints.astype("<i8").tobytes())
    return prints


def record(found: Compared) -> dict[str, object]:
    """The line of a range."""
    return {
        "parity": found.asked.spec,
        "mode": "serve",
        "real_titles": products() is not None,
        "seed": found.asked.seed,
        "first": found.asked.first,
        "rows": found.rows,
        "differing": found.differing,
        "ended": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "runtimes": {
            name: {
                "build": printed.build,
                "rows": printed.rows,
                "fingerprints_xxh3_128": printed.digest.hexdigest(),
                "seconds": round(printed.seconds, 1),
            }
            for name, printed in found.runtimes.items()
        },
    }


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help=f"the first row, a multiple of {hostile.BLOCK}")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many, rounded up to such a multiple")
    parser.add_argument("--seed", type=int, default=1, help="rows are a function of the seed")
    parser.add_argument("--spec", default="mixed", choices=list(hostile_specs()), help="the hostile spec")
    parser.add_argument("--record", type=Path, help="a file of JSON lines to add to")
    given = parser.parse_args()
    if given.first % hostile.BLOCK:
        parser.error(f"--first must be a multiple of {hostile.BLOCK}")
    asked = Range(given.first, given.rows, given.spec, given.seed)
    with tempfile.TemporaryDirectory(prefix="buzzsaw-parity-") as folder:
        found = compare_range(asked, every_runner(), Path(folder))
    SparkRunner.stop()
    line = json.dumps(record(found))
    if given.record is not None:
        with given.record.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    for note in found.notes:
        print(f"! {note}")
    print(line)
    print(f"{found.rows:,} rows, {found.differing:,} differing")
    return 1 if found.differing or not found.rows else 0


if __name__ == "__main__":
    sys.exit(main())
