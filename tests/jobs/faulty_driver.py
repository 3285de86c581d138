"""A driver of a job with a fault. Run as a program: `faulty_driver.py JOB WAY POINT [job's arguments]`.

Jobs: nightly, labels.

Ways:
    record: writes the points that the run reaches to the file POINT.
    die: this process, its JVM and all that they started end by SIGKILL at POINT.
    kill:PID: the process group PID ends by SIGKILL at POINT, and the run goes on.
    stall:PID: the process group PID stands still for `STALL` seconds from POINT on, and the run goes on.

Points are those that the job announces to `sys.audit`, `STAGE: tasks run`, the moment when Spark works on tasks of a
stage of the job, `STAGE: both workers run tasks`, and `TABLE: half written`, when a table has data files that no commit
names.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from buzzsaw import labels, nightly
from buzzsaw.jobs.stages import EVENT
from buzzsaw.spark import local_session
from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[2]

#: The commands of the jobs.
MAINS = {"nightly": nightly.main, "labels": labels.main}

#: For a JVM that lives for one small run: what would pay later is left out. Nothing of it decides a value.
QUICK = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
}

TASKS, BOTH, HALF = ": tasks run", ": both workers run tasks", ": half written"

#: How long a group that stalls stands still.
STALL = 15


def tasks_run(session: SparkSession, least: int) -> bool:
    """Whether so many tasks of Spark run now."""
    tracker = session.sparkContext.statusTracker()
    found = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return sum(info.numActiveTasks for info in found if info is not None) >= least


def half_written(table: Path) -> Callable[[], bool]:
    """Whether the table has more data files than when it was first asked."""
    before = {path for path in table.rglob("*.parquet") if "_delta_log" not in path.parts}
    return lambda: any(
        path not in before and "_delta_log" not in path.parts and path.stat().st_size > 0
        for path in table.rglob("*.parquet")
    )


class Fault:
    """Listens to the run and strikes once, at its point."""

    def __init__(self, point: str, strike: Callable[[], None], session: SparkSession, output: Path) -> None:
        self.point, self.strike, self.session, self.output = point, strike, session, output
        self.struck = threading.Event()

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != EVENT:
            return
        reached = arguments[0]
        if reached == self.point:
            self.at_once()
        elif self.point.endswith(TASKS) and reached == f"{self.point.removesuffix(TASKS)}: begins":
            self.when(lambda: tasks_run(self.session, 1))
        elif self.point.endswith(BOTH) and reached == f"{self.point.removesuffix(BOTH)}: begins":
            self.when(lambda: tasks_run(self.session, 2))
        elif self.point.endswith(HALF) and reached == f"{self.point.removesuffix(HALF)}: before the commit":
            self.when(half_written(self.output / self.point.removesuffix(HALF)))

    def when(self, reached: Callable[[], bool]) -> None:
        def wait() -> None:
            while not reached():
                time.sleep(0.001)
            self.at_once()

        threading.Thread(target=wait, daemon=True).start()

    def at_once(self) -> None:
        if not self.struck.is_set():
            self.struck.set()
            self.strike()


def strike(way: str) -> Callable[[], None]:
    """What happens at the point."""
    if way == "die":
        return lambda: os.killpg(os.getpgid(0), signal.SIGKILL)
    name, group = way.split(":")

    def stall() -> None:
        os.killpg(int(group), signal.SIGSTOP)
        threading.Timer(STALL, os.killpg, (int(group), signal.SIGCONT)).start()

    return {"kill": lambda: os.killpg(int(group), signal.SIGKILL), "stall": stall}[name]


def run() -> int:
    """The job, with the fault that the arguments ask for; a fault that never struck is an error of its own."""
    job, way, point, *words = sys.argv[1:]
    main = MAINS[job]
    if os.environ.get("FAULTY_DRIVER") == "submitted":
        session = SparkSession.builder.getOrCreate()
    else:
        warehouse = str(Path(words[words.index("--output") + 1]).parent / "warehouse")
        settings = {**QUICK, "spark.sql.warehouse.dir": warehouse}
        session = local_session("faulty", ROOT / "build" / "delta-jars", memory="1g", settings=settings)
    if way == "record":
        with Path(point).open("w", encoding="utf-8") as file:
            sys.addaudithook(lambda event, arguments: print(*arguments, file=file) if event == EVENT else None)
            return main(words, session)
    output = Path(words[words.index("--output") + 1])
    fault = Fault(point, strike(way), session, output)
    sys.addaudithook(fault.hear)
    status = main(words, session)
    if not fault.struck.is_set():
        print(f"the run never came to `{point}`", file=sys.stderr)
        return 3
    return status


if __name__ == "__main__":
    sys.exit(run())
