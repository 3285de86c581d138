"""One batch through several runtimes, and where they differ."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
import xxhash

from harness.task import Problems, Refused, Rows, Runner, Task

_SHOWN = 5


@dataclass
class Ran:
    """What one runtime did."""

    build: str
    rows: dict[str, int] = field(default_factory=dict)
    explained: int = 0
    #: Rows, explanations and errors that differ from the other runtimes'.
    differing: int = 0


@dataclass
class Tally:
    """What ran where, and what differed."""

    runtimes: dict[str, Ran] = field(default_factory=dict)
    rows: int = 0
    differing: int = 0
    notes: list[str] = field(default_factory=list)
    errors: int = 0

    def of(self, runner: Runner) -> Ran:
        """The entry of a runtime."""
        return self.runtimes.setdefault(runner.name, Ran(runner.build()))

    def note(self, text: str) -> None:
        """Keeps the first few examples."""
        if len(self.notes) < _SHOWN:
            self.notes.append(text)


def compare(
    tasks: dict[str, Task] | Task, runners: Sequence[Runner], tally: Tally, *, repeated: bool = False
) -> dict[str, Rows]:
    """Runs a task in every runtime that has its mode and counts the rows on which not all agree.

    A runtime that fails differs in every row. Fingerprints are also held against XXH3-64 of the rows' bytes as
    the C library computes it. With a task a runtime, by name, the runtimes get different artifacts.
    Rows `repeated` from another task are compared and not counted again.
    """
    made: dict[str, Rows] = {}
    failed: list[str] = []
    first = tasks if isinstance(tasks, Task) else next(iter(tasks.values()))
    for runner in runners:
        task = tasks if isinstance(tasks, Task) else tasks[runner.name]
        ran = tally.of(runner)
        if task.mode not in runner.modes:
            continue
        try:
            made[runner.name] = runner.run(task)
        except Refused as refused:
            tally.note(f"{runner.name} refused {task.batch.name} ({task.mode}): {refused}")
            failed.append(runner.name)
            continue
        rows = made[runner.name]
        if not repeated:
            ran.rows[task.mode] = ran.rows.get(task.mode, 0) + len(rows.bits)
        ran.explained += len(rows.explained)
        wrong = _misprinted(rows)
        if wrong:
            tally.note(f"{runner.name}: the fingerprint of row {wrong[0]} is not that of its bytes")
            ran.differing += len(wrong)
            tally.differing += len(wrong)
    _judge(made, failed, first, tally)
    return made


def _misprinted(rows: Rows) -> list[int]:
    said = rows.fingerprints.astype(np.int64).view(np.uint64).tolist()
    pairs = enumerate(zip(rows.bits, said, strict=True))
    return [i for i, (bits, fingerprint) in pairs if xxhash.xxh3_64_intdigest(bits) != fingerprint]


def _judge(made: dict[str, Rows], failed: Sequence[str], task: Task, tally: Tally) -> None:
    # Where every runtime failed, how many rows there were is not known.
    count = max((len(rows.bits) for rows in made.values()), default=1 if failed else 0)
    odd: set[int] = set()
    for name in failed:
        tally.runtimes[name].differing += count
        odd.update(range(count))
    if len(made) < 2 and count:
        tally.note(f"{task.batch.name} ({task.mode}) ran in fewer than two runtimes")
        odd.update(range(count))
    for name, mine in made.items():
        off = {i for i in range(count) if _minority(made, name, i)} if _any_differs(made, mine) else set()
        tally.runtimes[name].differing += len(off)
        odd |= off
        for i in sorted(off)[:1]:
            tally.note(
                f"{name}: row {i} of {task.batch.name} ({task.mode}) differs: {_first_difference(made, name, i)}"
            )
    tally.differing += len(odd)
    explained = {name: rows.explained for name, rows in made.items() if rows.explained}
    reference = next(iter(explained.values()), [])
    for name, texts in explained.items():
        wrong = sum(a != b for a, b in zip_longest(texts, reference))
        if wrong:
            tally.note(f"{name}: {wrong} explanations of {task.batch.name} ({task.mode}) differ")
            tally.runtimes[name].differing += wrong
            tally.differing += wrong


def _any_differs(made: dict[str, Rows], mine: Rows) -> bool:
    return any(mine.bits != other.bits or not np.array_equal(_served(mine), _served(other)) for other in made.values())


def _minority(made: dict[str, Rows], name: str, i: int) -> bool:
    """Whether a runtime's row is not what most runtimes have; in a tie all differ."""
    rows = [_row(other, i) for other in made.values()]
    alike = rows.count(_row(made[name], i))
    return alike * 2 <= len(rows) and alike < len(rows)


def _row(rows: Rows, i: int) -> tuple[bytes, bytes]:
    """A row's bytes, and those of its fingerprint as served."""
    return (rows.bits[i] if i < len(rows.bits) else b"", _served(rows)[i : i + 1].tobytes())


def _served(rows: Rows) -> np.ndarray:
    return np.zeros(0, np.int64) if rows.served is None else rows.served.astype(np.int64)


def _first_difference(made: dict[str, Rows], name: str, i: int) -> str:
    (own, own_served), (other, other_served) = next(
        (_row(made[name], i), row) for key in made if (row := _row(made[key], i)) != _row(made[name], i)
    )
    if own == other:
        return f"the fingerprint as served is [{own_served.hex()}], elsewhere [{other_served.hex()}]"
    for at in range(0, min(len(own), len(other)) - 3, 4):
        if own[at : at + 4] != other[at : at + 4]:
            a, b = struct.unpack_from("<f", own, at)[0], struct.unpack_from("<f", other, at)[0]
            return f"word {at // 4}: {own[at : at + 4].hex()} ({a:g}), elsewhere {other[at : at + 4].hex()} ({b:g})"
    return f"{len(own)} bytes, elsewhere {len(other)}"


def compare_errors(names: Sequence[str], made: dict[str, list[Problems]], tally: Tally) -> None:
    """Holds the problems of bad specs against each other, whole: code, place, message, hint, and their order."""
    reference = next(iter(made.values()))
    for runtime, lists in made.items():
        for name, mine, theirs in zip(names, lists, reference, strict=True):
            if mine != theirs or not mine:
                tally.note(f"{runtime}: the problems of `{name}` are {mine}, elsewhere {theirs}")
                tally.differing += 1
                if runtime in tally.runtimes:
                    tally.runtimes[runtime].differing += 1
    tally.errors += len(names)


def table(tally: Tally) -> str:
    """What ran where."""
    heads = ("served rows", "training rows", "explained", "differing")
    lines = [f"{'runtime':<14} {'native build':<13} {heads[0]:>12} {heads[1]:>14} {heads[2]:>10} {heads[3]:>10}"]
    for name, ran in tally.runtimes.items():
        served, trained = (f"{ran.rows[m]:,}" if m in ran.rows else "-" for m in ("serve", "train"))
        explained = f"{ran.explained:,}" if ran.explained else "-"
        lines.append(f"{name:<14} {ran.build:<13} {served:>12} {trained:>14} {explained:>10} {ran.differing:>10,}")
    return "\n".join(lines)
