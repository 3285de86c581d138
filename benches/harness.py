"""What benchmarks share: alternated runs of ours and a peer, and the one JSON line that a comparison ends with."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared"))


def seconds(work: Callable[[], object]) -> float:
    """The wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def again(work: Callable[[], object], repeat: int) -> None:
    """Calls `work` several times and drops each result before the next call, as a loop over batches does."""
    for _ in range(repeat):
        work()


def compare(
    *,
    bench: str,
    case: str,
    peer: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    amount: float,
    unit: str,
    equal: bool,
    runs: int = 5,
    repeat: int = 1,
    warm_up: int = 1,
    target: float | None = None,
) -> dict[str, object]:
    """Times `ours` and `theirs` in turn and prints the comparison.

    Args:
        bench: The benchmark's name.
        case: What was run.
        peer: The rival.
        ours: Our work, called `repeat` times in a run.
        theirs: The peer's work, called once in a run.
        amount: How many `unit` one call works through; figures are amounts a second.
        unit: The unit, such as `MB/s`.
        equal: Whether the two outputs were compared and found equal; a benchmark of unequal outputs is refused.
        runs: How many alternated pairs are timed, after those that warm up.
        repeat: How often ours is called in a run, so that both spans are long enough to time.
        warm_up: How many pairs are not timed; more than one where a JVM compiles what it runs.
        target: As `report`.
    """
    if not equal:
        raise SystemExit(f"{bench} ({case}): the outputs differ from {peer}'s, so no ratio is given")
    for _ in range(warm_up):
        ours()
        theirs()
    pairs = []
    for _ in range(runs):
        mine = seconds(lambda: again(ours, repeat)) / repeat
        pairs.append((mine, seconds(theirs)))
    return report(bench=bench, case=case, peer=peer, pairs=pairs, amount=amount, unit=unit, target=target)


def report(
    *,
    bench: str,
    case: str,
    peer: str,
    pairs: list[tuple[float, float]],
    amount: float,
    unit: str,
    target: float | None = None,
    **more: float | bool,
) -> dict[str, object]:
    """Prints the comparison of outputs that were found equal.

    Args:
        bench: The benchmark's name.
        case: What was run.
        peer: The rival.
        pairs: Seconds of alternated runs, ours and the peer's.
        amount: How many `unit` one run works through.
        unit: The unit, such as `MB/s`.
        target: The ratio that is aimed at; the line says whether the median is at least that.
        more: Further figures of the line.
    """
    ratios = [peer_time / mine for mine, peer_time in pairs]
    line = {
        "bench": bench,
        "case": case,
        "peer": peer,
        "ours": round(amount / statistics.median(mine for mine, _ in pairs), 3),
        "theirs": round(amount / statistics.median(peer_time for _, peer_time in pairs), 3),
        "unit": unit,
        "ratio": round(statistics.median(ratios), 2),
        "low": round(min(ratios), 2),
        "high": round(max(ratios), 2),
        "equal": True,
        **more,
    }
    if target is not None:
        line |= {"target": target, "met": statistics.median(ratios) >= target}
    print(json.dumps(line), flush=True)
    return line


def machine() -> str:
    """The machine, for dated results."""
    model = "unknown CPU"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model = f"{len(names)} x {names[0]}" if names else model
    return f"{model}, {platform.system()} {platform.release()}, Python {sys.version.split()[0]}"
