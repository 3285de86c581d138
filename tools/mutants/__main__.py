"""`python -m mutants`: judges the mutants of the transforms. `make mutants` calls it; `docs/parity.md` explains it.

Exit code 1 when a mutant survives that `tests/parity/mutants.yaml` does not explain, or when that list names one that
does not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from .explained import Explained
from .judge import Judge, Outcome
from .listing import Mutant, listed
from .tree import Tree

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"


def main() -> int:
    """Judges and writes the lists."""
    options = _options()
    started = time.monotonic()
    BUILD.mkdir(parents=True, exist_ok=True)
    found = listed(ROOT, "buzzsaw_core", "buzzsaw_core/src/transforms/**/*.rs")
    # Built for tests of other things, with a feature that these builds have not.
    every = [mutant for mutant in found if mutant.file.stem != "planted_panic"]
    tree = Tree(ROOT, BUILD, "buzzsaw_core", ["--lib", "--test", "cases"])
    known = _Known(BUILD / "unviable.json")
    binaries = tree.build(every, known.of(every))
    known.keep(tree.unviable)
    print(f"{len(every):,} mutants, built after {_minutes(started)}", flush=True)
    judge = Judge(binaries, options.cases.resolve(), options.jobs, BUILD)
    judge.record()
    print(f"{len(judge.reached):,} checks recorded after {_minutes(started)}", flush=True)

    chosen = [mutant for mutant in every if options.file in ("", mutant.file.stem)]
    if options.again:
        before = set((BUILD / "missed.txt").read_text("utf-8").splitlines())
        chosen = [mutant for mutant in chosen if str(mutant) in before]
    if not chosen:
        print(f"no mutants of {options.file or 'the last run'}")
        return 2
    outcomes = _judged(chosen, tree, judge)
    _write(outcomes, chosen, every)
    explained = Explained.load(ROOT / "tests" / "parity" / "mutants.yaml")
    missed = outcomes[Outcome.MISSED]
    over = explained.unexplained(missed)
    stale = [] if options.again else explained.stale(chosen, missed)
    for mutant in over:
        print(f"not caught: {mutant}")
    for file, function, change in stale:
        print(f"explained, but not missed: {file}: {function}: {change}")
    counts = ", ".join(f"{len(outcomes[outcome]):,} {outcome.value}" for outcome in Outcome)
    print(f"{len(chosen):,} mutants: {counts}; {len(missed) - len(over):,} explained; {_minutes(started)}")
    return 1 if over or stale else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("file", nargs="?", default="", help="a file of transforms/ without .rs; all by default")
    parser.add_argument("--cases", type=Path, default=ROOT / "build" / "cases", help="the frozen cases")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--again", action="store_true", help="only those that the last run missed")
    return parser.parse_args()


def _judged(chosen: list[Mutant], tree: Tree, judge: Judge) -> dict[Outcome, list[Mutant]]:
    """The outcomes, those behind switches first; each missed mutant is printed when it is known."""
    outcomes: dict[Outcome, list[Mutant]] = defaultdict(list)
    apart, unviable = set(tree.apart), set(tree.unviable)
    switched = sorted((mutant for mutant in chosen if mutant not in apart | unviable), key=judge.seconds)

    def alone(mutant: Mutant) -> Outcome:
        binaries = tree.build_one(mutant)
        return judge.judge(mutant, binaries) if binaries else Outcome.UNVIABLE

    outcomes[Outcome.UNVIABLE] = [mutant for mutant in chosen if mutant in unviable]
    with ThreadPoolExecutor(judge.jobs) as pool:
        one_by_one = ((mutant, alone(mutant)) for mutant in chosen if mutant in apart)
        for mutant, outcome in chain(zip(switched, pool.map(judge.judge, switched), strict=True), one_by_one):
            outcomes[outcome].append(mutant)
            if outcome is Outcome.MISSED:
                print(f"missed: {mutant}", flush=True)
    return outcomes


def _write(outcomes: dict[Outcome, list[Mutant]], chosen: list[Mutant], every: list[Mutant]) -> None:
    """One file for each outcome; mutants that were not judged now keep their lines."""
    kept = {str(mutant) for mutant in every} - {str(mutant) for mutant in chosen}
    for outcome in Outcome:
        path = BUILD / f"{outcome.value}.txt"
        old = path.read_text("utf-8").splitlines() if path.exists() else []
        lines = [line for line in old if line in kept] + [str(mutant) for mutant in outcomes[outcome]]
        path.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


class _Known:
    """The unviable mutants of earlier runs, by what their file held: so one build is enough when little has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = set(json.loads(path.read_text("utf-8"))) if path.exists() else set()

    def of(self, mutants: list[Mutant]) -> list[Mutant]:
        return [mutant for mutant in mutants if _name(mutant) in self._names]

    def keep(self, unviable: list[Mutant]) -> None:
        self._path.write_text(json.dumps(sorted(map(_name, unviable)), indent=0, ensure_ascii=False), "utf-8")


def _name(mutant: Mutant) -> str:
    digest = hashlib.sha256((ROOT / mutant.file).read_bytes()).hexdigest()[:16]
    return f"{digest} {mutant.file} {mutant.start}-{mutant.end} {mutant.replacement}"


def _minutes(started: float) -> str:
    return f"{(time.monotonic() - started) / 60:.1f} min"


if __name__ == "__main__":
    sys.exit(main())
