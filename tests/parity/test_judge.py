"""The judge itself: what differs is counted, planted faults are caught, and what did not run is no success."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import run
import xxhash
from harness import faults
from harness.cases import Case
from harness.compare import Ran, Tally, compare, compare_errors
from harness.paths import CASES
from harness.task import Mode, Problems, Refused, Rows, Task
from runners import RustRunner, WheelRunner

pytestmark = pytest.mark.filterwarnings("default")


class Fake:
    """A runtime with a given answer."""

    modes: tuple[Mode, ...] = ("serve",)
    explains = False

    def __init__(self, name: str, bits: list[bytes] | None = None, modes: tuple[Mode, ...] = ("serve",)) -> None:
        self.name, self.bits, self.modes = name, bits, modes

    def build(self) -> str:
        return "none"

    def run(self, task: Task) -> Rows:
        if self.bits is None:
            raise Refused([{"code": "BZ_IO", "message": "gone", "place": "", "hint": ""}])
        return Rows(np.array([xxhash.xxh3_64_intdigest(b) for b in self.bits], np.uint64).view(np.int64), self.bits)

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        return [[] for _ in specs]


@pytest.mark.parametrize(
    ("answers", "differing"),
    [
        ([[b"aaaa", b"bbbb"]] * 3, 0),
        ([[b"aaaa", b"bbbb"], [b"aaaa", b"bbbb"], [b"aaaa", b"bbbc"]], 1),
        ([[b"aaaa", b"bbbb"], [b"aaaa", b"cbbb"]], 1),
        ([[b"aaaa", b"bbbb"], [b"aaaa", b"bbbb"], [b"aaaa"]], 1),
        ([[b"aaaa", b"bbbb"], [b"aaaa", b"bbbb"], None], 2),
        ([[b"aaaa", b"bbbb"], [b"aaaa", b"bbbc"], None], 2),
        ([[b"aaaa", b"bbbb"]], 2),
        ([[b"aaaa", b"bbbb"], None], 2),
        ([None, None], 1),
    ],
)
def test_differences_are_counted(answers: list[list[bytes] | None], differing: int) -> None:
    tally = Tally()
    fakes = [Fake(f"fake {i}", bits) for i, bits in enumerate(answers)]
    made = compare(Task(Path("a"), Path("b")), fakes, tally)
    assert tally.differing == differing, tally.notes
    rows = max((len(rows.bits) for rows in made.values()), default=1)
    assert all(ran.differing == rows for name, ran in tally.runtimes.items() if name not in made)


class Faulty:
    """The wheel, but for a fault in its answer."""

    modes: tuple[Mode, ...] = ("serve", "train")
    explains = True
    name = "faulty"

    def __init__(self, fault: Callable[[Rows], None]) -> None:
        self.fault = fault

    def build(self) -> str:
        return "none"

    def run(self, task: Task) -> Rows:
        rows = WheelRunner().run(task)
        self.fault(rows)
        return rows

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        return WheelRunner().compile(specs)


FAULTS = {
    faults.misprint: "faulty: the fingerprint of row 2 is not that of its bytes",
    faults.misserve: "faulty: row 2 of target_mean.arrow (train) differs: the fingerprint as served is",
    faults.unserve: "faulty: row 0 of target_mean.arrow (train) differs: the fingerprint as served is",
    faults.misexplain: "faulty: 1 explanations of target_mean.arrow (train) differ",
    faults.unexplain: "faulty: 1 explanations of target_mean.arrow (train) differ",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_caught_and_its_runtime_named(fault: Callable[[Rows], None], tmp_path: Path) -> None:
    task = Case(CASES / "target_mean").prepare(tmp_path, "train")
    tally = Tally()
    compare(task, [RustRunner(), WheelRunner(), Faulty(fault)], tally)
    (note,) = tally.notes
    assert note.startswith(FAULTS[fault])
    assert tally.differing > 0
    assert {name: ran.differing for name, ran in tally.runtimes.items()} == {
        "rust": 0,
        "wheel": 0,
        "faulty": tally.differing,
    }


def test_training_rows_have_the_fingerprints_of_serving_beside_their_own(tmp_path: Path) -> None:
    case = Case(CASES / "target_mean")
    trained = WheelRunner().run(case.prepare(tmp_path, "train"))
    served = WheelRunner().run(case.prepare(tmp_path, "serve"))
    assert trained.served.tolist() == served.fingerprints.tolist() != trained.fingerprints.tolist()
    assert served.served is None


@pytest.mark.parametrize("key", ["code", "message", "place", "hint"])
def test_a_changed_problem_is_caught(key: str) -> None:
    bad = Case(CASES / "log1p").bad_specs()
    told = WheelRunner().compile([spec.text for spec in bad])
    made = {name: copy.deepcopy(told) for name in ("rust", "wheel", "faulty")}
    tally = Tally(runtimes={name: Ran("none") for name in made})
    compare_errors([spec.name for spec in bad], made, tally)
    assert (tally.differing, tally.errors) == (0, len(bad))
    made["faulty"][1][0][key] += "."
    compare_errors([spec.name for spec in bad], made, tally)
    assert {name: ran.differing for name, ran in tally.runtimes.items()} == {"rust": 0, "wheel": 0, "faulty": 1}
    assert tally.differing == 1
    assert bad[1].name in tally.notes[0]


BOTH: tuple[Mode, ...] = ("serve", "train")


@pytest.mark.parametrize(
    ("ran", "differing", "silent"),
    [
        ({"a": {"serve": 10, "train": 10}, "b": {"serve": 10}}, 0, ""),
        ({"a": {"serve": 10, "train": 10}, "b": {"serve": 10}}, 1, ""),
        ({"a": {"serve": 10, "train": 10}, "b": {"serve": 9}}, 0, "b (serve)"),
        ({"a": {"serve": 10, "train": 9}, "b": {"serve": 10}}, 0, "a (train)"),
        ({"a": {"serve": 10}, "b": {"serve": 10}}, 0, "a (train)"),
        ({"a": {"serve": 10, "train": 10}}, 0, "b (serve)"),
        ({}, 0, "a (serve), a (train), b (serve)"),
    ],
)
def test_rows_that_did_not_run_are_no_success(
    ran: dict[str, dict[str, int]], differing: int, silent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    runtimes = {name: Ran("none", rows) for name, rows in ran.items()}
    tally = Tally(runtimes=runtimes, rows=5, differing=differing)
    assert run.verdict(tally, [Fake("a", modes=BOTH), Fake("b")], 10) == (1 if differing or silent else 0)
    told = [f"! not all rows ran in: {silent}"] if silent else []
    assert capsys.readouterr().out.splitlines() == [*told, f"5 rows, {differing} differing"]


def test_no_rows_are_no_success() -> None:
    assert run.verdict(Tally(), [], 0) == 1
