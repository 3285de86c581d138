"""`make parity ROWS=n`: the same rows through Rust, the wheel, the jar and Spark, compared bit for bit.

Fits each spec of `hostile_specs` once, through the wheel, on the first block of rows; every runtime then loads that
artifact. Ends with `N rows, D differing`; the exit code is 1 when D is above 0, or when a runtime did not run every row
of every spec.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import buzzsaw as bz
import hostile
import pyarrow as pa
from harness import examples
from harness.bulk import catalogue_texts, hostile_numbers, hostile_texts
from harness.cases import Case, all_cases
from harness.compare import Tally, compare, compare_errors, table
from harness.hostile_specs import hostile_specs
from harness.tables import GROUPS, write_batch
from harness.task import Mode, Runner, Task
from runners import JarRunner, RustRunner, SparkRunner, WheelRunner, every_runner

CHUNK = 50_000
#: How many of a chunk's rows are in the batch that is explained, and about how many explanations it gives.
_SAMPLE = 1_000
_EXPLAINED = 10


def fitted(folder: Path, seed: int, names: Sequence[str] = ()) -> dict[str, Path]:
    """The artifacts of the hostile specs by name: of those named, or all."""
    first = hostile.block(seed, 0)
    tables = hostile.lookup_tables()
    made = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bz.FitWarning)
        for name in names or hostile_specs():
            made[name] = folder / f"{name}.bzsw"
            hostile_specs()[name].fit(first.columns, tables).save(made[name])
    return made


def planned(rows: int, names: Sequence[str] = ()) -> int:
    """How many rows of all specs a runtime serves."""
    return sum(hostile_specs()[name].rows(rows) for name in names or hostile_specs())


def hostile_tasks(folder: Path, artifact: Path, chunk: hostile.Block, modes: Sequence[Mode]) -> list[Task]:
    """The chunk's file and a task a mode."""
    batch = folder / f"{artifact.stem}.arrow"
    inputs = hostile_specs()[artifact.stem].inputs
    write_batch(batch, {name: chunk.columns[name] for name in inputs}, pa.array(chunk.groups))
    return [Task(artifact, batch, mode, GROUPS) for mode in modes]


def explained_tasks(folder: Path, artifact: Path, chunk: hostile.Block, modes: Sequence[Mode]) -> list[Task]:
    """The chunk's first rows again, some of them explained: an explanation computes its whole batch."""
    first = hostile.cut(chunk, min(chunk.rows, _SAMPLE))
    step = max(1, first.rows // _EXPLAINED)
    tasks = hostile_tasks(folder, artifact, first, modes)
    return [replace(task, explain=tuple(range(0, first.rows, step))) for task in tasks]


def run_hostile(  # noqa: PLR0917  the run's own parameters
    rows: int, seed: int, runners: Sequence[Runner], tally: Tally, folder: Path, names: Sequence[str] = ()
) -> None:
    """All runtimes over `rows` rows, with each spec over its share of them."""
    artifacts = fitted(folder, seed, names)
    left = {name: hostile_specs()[name].rows(rows) for name in artifacts}
    explaining = [runner for runner in runners if runner.explains]
    started = time.monotonic()
    for chunk in hostile.chunks(seed, rows, CHUNK):
        for name, artifact in artifacts.items():
            part = hostile.cut(chunk, min(chunk.rows, left[name]))
            if not part.rows:
                continue
            left[name] -= part.rows
            for task in hostile_tasks(folder, artifact, part, ("serve", "train")):
                compare(task, runners, tally)
            for task in explained_tasks(folder, artifact, part, ("serve", "train")):
                compare(task, explaining, tally, repeated=True)
            if sys.stderr.isatty():
                passed = time.monotonic() - started
                print(
                    f"\r{tally.rows:,} of {rows:,} rows, {name}, {passed:.0f} s  ", end="", file=sys.stderr, flush=True
                )
        tally.rows += chunk.rows
    if sys.stderr.isatty():
        print(file=sys.stderr)


def run_errors(runners: Sequence[Runner], tally: Tally) -> None:
    """The bad specs of every case, in each runtime that compiles specs by itself."""
    bad = [spec for case in all_cases() for spec in case.bad_specs()]
    made = {runner.name: runner.compile([spec.text for spec in bad]) for runner in runners}
    compare_errors([spec.name for spec in bad], made, tally)
    for spec, problems in zip(bad, next(iter(made.values())), strict=True):
        found = (problems[0]["code"], problems[0]["place"]) if problems else ("no problem", "")
        if found != (spec.code, spec.place):
            tally.note(f"`{spec.name}` is {found}, not {(spec.code, spec.place)}")
            tally.differing += 1


def check_cases(names: Sequence[str], bulk: bool) -> int:
    """Cases in the wheel alone, against their oracles: the quick check while a transform is written."""
    wheel = WheelRunner()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="buzzsaw-case-") as folder:
        for case in all_cases():
            if case.name not in names:
                continue
            found = []
            for whole in [case, *(case.over(rows) for rows in (bulks(case) if bulk else []))]:
                for mode in ("serve", "train"):
                    task = whole.prepare(Path(folder), mode, explained=whole is case)
                    count = len(next(iter(whole.rows.values())))
                    found += [f"{mode}, {count} rows: {note}" for note in whole.disagreements(task, wheel.run(task))]
            bad = case.bad_specs()
            for spec, problems in zip(bad, wheel.compile([spec.text for spec in bad]), strict=True):
                first = (problems[0]["code"], problems[0]["place"]) if problems else ("no problem", "")
                if first != (spec.code, spec.place):
                    found.append(f"`{spec.name}` is {first}, not {(spec.code, spec.place)}: {problems}")
            found += examples.wrong(case.name)
            print(f"{case.name}: {len(found)} wrong" if found else f"{case.name}: equal")
            for note in found[:20]:
                print(f"  {note}")
            wrong += len(found)
    return 1 if wrong else 0


def bulks(case: Case) -> list[dict[str, list[Any]]]:
    """Many rows of a case: of the catalogue's text where it is there, and of generated and hostile text."""
    if not hasattr(case.make, "bulk"):
        return []
    sources = [catalogue_texts(), hostile_texts()]
    numbers = hostile_numbers()
    return [case.make.bulk(texts, numbers, random.Random(f"bulk {case.name}")) for texts in sources if texts]


def verdict(tally: Tally, runners: Sequence[Runner], whole: int) -> int:
    """Says what did not run and what differed; the exit code.

    Args:
        tally: what ran.
        runners: the runtimes, each of which must have run all rows in all of its modes.
        whole: how many rows that is.
    """
    rows = {name: ran.rows for name, ran in tally.runtimes.items()}
    silent = [
        f"{runner.name} ({mode})"
        for runner in runners
        for mode in runner.modes
        if rows.get(runner.name, {}).get(mode, 0) < whole
    ]
    if silent:
        print(f"! not all rows ran in: {', '.join(silent)}")
    print(f"{tally.rows:,} rows, {tally.differing:,} differing")
    return 1 if tally.differing or silent or not tally.rows else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="hostile rows")
    parser.add_argument("--seed", type=int, default=1, help="rows are a function of the seed")
    parser.add_argument("--case", action="append", default=[], help="only this case, in the wheel alone")
    parser.add_argument(
        "--spec", action="append", default=[], choices=list(hostile_specs()), help="only this hostile spec"
    )
    parser.add_argument("--quick", action="store_true", help="the wheel and Rust alone")
    parser.add_argument("--bulk", action="store_true", help="with --case: also on catalogue and hostile text")
    given = parser.parse_args()
    if given.case:
        return check_cases(given.case, given.bulk)
    native: list[Runner] = [RustRunner(), WheelRunner()] if given.quick else [RustRunner(), WheelRunner(), JarRunner()]
    runners: list[Runner] = native if given.quick else every_runner()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="buzzsaw-parity-") as folder:
        run_hostile(given.rows, given.seed, runners, tally, Path(folder), given.spec)
    run_errors(native, tally)
    SparkRunner.stop()
    for note in tally.notes:
        print(f"! {note}")
    print(table(tally))
    names = ", ".join(runner.name for runner in native)
    print(f"{tally.errors} bad specs in {names}: code, place, message and hint compared")
    return verdict(tally, runners, planned(given.rows, given.spec))


if __name__ == "__main__":
    sys.exit(main())
