"""A driver of a job with a fault. Run as a program: `faulty_driver.py JOB WAY POINT [job's arguments]`.

Jobs: nightly, labels.

Ways:
    record: writes the points that the run reaches to the file POINT.
    die: this process, its JVM and all that they started end by SIGKILL at POINT.
    kill:PID: the process group PID, a worker's, ends by SIGKILL at POINT, while it has a task, and the run goes on.
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

#: How long a group that stalls stands still, and one that is killed if it has a task, in seconds.
STALL, HELD = 15, 3


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
        #: Whether the stage of the point is over: then it is too late.
        self.over = threading.Event()

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event != EVENT:
            return
        reached = arguments[0]
        if reached == self.point:
            self.at_once()
        elif reached == f"{self.point.rpartition(':')[0]}: ends":
            self.over.set()
        elif self.point.endswith(TASKS) and reached == f"{self.point.removesuffix(TASKS)}: begins":
            self.when(lambda: tasks_run(self.session, 1))
        elif self.point.endswith(BOTH) and reached == f"{self.point.removesuffix(BOTH)}: begins":
            self.when(lambda: tasks_run(self.session, 2))
        elif self.point.endswith(HALF) and reached == f"{self.point.removesuffix(HALF)}: before the commit":
            self.when(half_written(self.output / self.point.removesuffix(HALF)))

    def when(self, reached: Callable[[], bool]) -> None:
        def wait() -> None:
            while not self.over.is_set() and not (reached() and self.at_once()):
                time.sleep(0.001)

        threading.Thread(target=wait, daemon=True).start()

    def at_once(self) -> bool:
        """Whether it struck, now or before."""
        if not self.struck.is_set() and self.strike():
            self.struck.set()
        return self.struck.is_set()


def strike(way: str, session: SparkSession) -> Callable[[], bool]:
    """What happens at the point; says whether it did."""

    def die() -> bool:
        os.killpg(os.getpgid(0), signal.SIGKILL)
        return True

    def stall() -> bool:
        os.killpg(group, signal.SIGSTOP)
        threading.Timer(STALL, os.killpg, (group, signal.SIGCONT)).start()
        return True

    def kill() -> bool:
        # It may just have ended its task. It stands still until the others have done theirs: what is left is its own.
        os.killpg(group, signal.SIGSTOP)
        time.sleep(HELD)
        has_task = tasks_run(session, 1)
        os.killpg(group, signal.SIGKILL if has_task else signal.SIGCONT)
        return has_task

    name, _, number = way.partition(":")
    group = int(number or 0)
    return {"die": die, "stall": stall, "kill": kill}[name]


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
    fault = Fault(point, strike(way, session), session, output)
    sys.addaudithook(fault.hear)
    status = main(words, session)
    if not fault.struck.is_set():
        print(f"the run never came to `{point}`", file=sys.stderr)
        return 3
    return status


if __name__ == "__main__":
    sys.exit(run())
