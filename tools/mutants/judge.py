"""Runs the tests on one mutant: those that reach it, and those of its own file first."""

from __future__ import annotations

import hashlib
import json
import math
import os
import signal
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from .listing import Mutant

#: Tests that take this much longer than without the mutant, in times and seconds of a processor, do not end.
_TIMES, _SECONDS = 10.0, 5.0
#: As long on the clock when they wait and take no processor's time.
_WAITING = 60.0
_BYTES = 4 << 30
#: A test that has reached no mutant by then, in seconds, is taken to reach none.
_REACHES_BY = 3


class Outcome(Enum):
    """What became of a mutant."""

    CAUGHT = "caught"
    MISSED = "missed"
    TIMEOUT = "timeout"
    UNVIABLE = "unviable"


@dataclass(frozen=True)
class Check:
    """One test of one binary, over one of the frozen cases or none."""

    binary: str
    test: str
    case: str = ""


@dataclass
class Reached:
    """What a check takes without mutants, in seconds of a processor, and the mutants whose place it reaches."""

    seconds: float
    mutants: set[int] = field(default_factory=set)


class Judge:
    """The tests of a build, and which mutants each of them reaches."""

    def __init__(self, binaries: dict[str, Path], cases: Path | None, jobs: int, scratch: Path) -> None:
        self.binaries = binaries
        self.cases = cases
        self.jobs = jobs
        self._scratch = scratch
        self._digests = {name: hashlib.sha256(path.read_bytes()).digest() for name, path in binaries.items()}
        self.reached: dict[Check, Reached] = {}

    def record(self) -> None:
        """Runs every check alone, without a mutant; one that fails now can tell nothing.

        What an earlier run has recorded of the same binary and the same frozen case is taken from `recorded.json`.
        """
        path = self._scratch / "recorded.json"
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        checks = self._checks()
        names = {check: self._name(check) for check in checks}
        new = [check for check in checks if names[check] not in known]
        try:
            with ThreadPoolExecutor(self.jobs) as pool:
                for check, reached in zip(new, pool.map(self._record, enumerate(new)), strict=True):
                    known[names[check]] = [reached.seconds, sorted(reached.mutants)]
        finally:
            kept = {name: known[name] for name in names.values() if name in known}
            path.write_text(json.dumps(kept), "utf-8")
        self.reached = {check: Reached(kept[name][0], set(kept[name][1])) for check, name in names.items()}

    def _checks(self) -> list[Check]:
        checks = []
        for binary, path in self.binaries.items():
            listed = subprocess.run([path, "--list", "--format=terse"], check=True, capture_output=True, text=True)
            for line in listed.stdout.splitlines():
                test, kind = line.rsplit(": ", 1)
                if kind == "test":
                    cases = self._cases() if binary == "cases" and test != "every_transform_has_a_case" else [""]
                    checks.extend(Check(binary, test, case) for case in cases)
        return checks

    def _name(self, check: Check) -> str:
        """The check with a digest of all that decides its outcome."""
        files = sorted(self.cases.glob(f"{check.case or '*'}.*")) if self.cases and check.binary == "cases" else []
        digest = hashlib.sha256(self._digests[check.binary])
        for path in files:
            digest.update(path.name.encode() + path.read_bytes())
        return f"{check.binary} {check.test} {check.case} {digest.hexdigest()[:32]}"

    def seconds(self, mutant: Mutant) -> float:
        """What judging it takes when no test fails."""
        return sum(reached.seconds for reached in self.reached.values() if mutant.number in reached.mutants)

    def judge(self, mutant: Mutant, binaries: dict[str, Path] | None = None) -> Outcome:
        """Whether any check fails. With `binaries` of its own the mutant is in them, and every check runs."""
        number = 0 if binaries else mutant.number
        checks = [check for check, reached in self.reached.items() if not number or number in reached.mutants]
        home = [check for check in checks if check.case == mutant.file.stem]
        module = [check for check in checks if f"::{mutant.file.stem}::" in f"::{check.test}"]
        rest = [check for check in checks if check not in home and check not in module]
        for group in (home, module, rest):
            for run in _runs(group):
                outcome = self._run(run, number, binaries or self.binaries)
                if outcome is not Outcome.MISSED:
                    return outcome
        return Outcome.MISSED

    def _cases(self) -> list[str]:
        return sorted(path.stem for path in self.cases.glob("*.json")) if self.cases else []

    def _record(self, numbered: tuple[int, Check]) -> Reached:
        number, check = numbered
        path = self._scratch / f"seen.{number}"
        seconds = 0.0
        # A long test that has reached nothing by then is one of the text stack or of mathematics, and is left out.
        for bound in (_bound(_REACHES_BY), []):
            process = subprocess.Popen(
                [*bound, self.binaries[check.binary], "--exact", check.test],
                env=self._environment([check], 0) | {"BUZZSAW_MUTANTS_SEEN": str(path)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            # Not `wait`, which does not tell the time that the process took.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = usage.ru_utime + usage.ru_stime
            if process.returncode == 0 or not path.exists():
                break
        reached = Reached(seconds)
        if path.exists():
            reached.mutants = set(map(int, path.read_text().split()))
            path.unlink()
        if process.returncode and reached.mutants:
            raise RuntimeError(f"{check} fails without any mutant")
        return reached

    def _run(self, checks: list[Check], number: int, binaries: dict[str, Path]) -> Outcome:
        limit = _SECONDS + _TIMES * sum(self.reached[check].seconds for check in checks)
        tests = sorted({check.test for check in checks})
        try:
            ran = subprocess.run(
                [*_bound(math.ceil(limit)), binaries[checks[0].binary], "--test-threads=1", "--exact", *tests],
                env=self._environment(checks, number),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_WAITING * limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Outcome.TIMEOUT
        if ran.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return Outcome.TIMEOUT
        return Outcome.CAUGHT if ran.returncode else Outcome.MISSED

    def _environment(self, checks: Iterable[Check], number: int) -> dict[str, str]:
        added = {"RUST_BACKTRACE": "0", "BUZZSAW_CASE": ",".join(sorted({c.case for c in checks if c.case}))}
        if self.cases:
            added["BUZZSAW_CASES"] = str(self.cases)
        if number:
            added["BUZZSAW_MUTANT"] = str(number)
        return {**os.environ, **added}


def _runs(checks: list[Check]) -> list[list[Check]]:
    """The checks that one process can run: unit tests together, and cases together."""
    runs: dict[tuple[str, bool], list[Check]] = {}
    for check in checks:
        runs.setdefault((check.binary, bool(check.case)), []).append(check)
    return list(runs.values())


def _bound(seconds: int) -> list[str]:
    """Runs what follows with that much of a processor's time, and of memory."""
    return ["prlimit", f"--cpu={seconds}:{seconds + 1}", f"--as={_BYTES}", "--core=0"]
