"""A driver on a standalone cluster of this machine, and the memory that it and the workers take."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyspark
from harness import ROOT

sys.path.insert(0, str(ROOT / "tests" / "jobs"))

from cluster import Cluster, environment

#: What a driver prints before each line of JSON for the benchmark.
TOLD = "TOLD "

#: For a worker of less than 1 GiB: docs/deploy/standalone.md has them, and why these.
SMALL_WORKER = {
    "spark.executor.memory": "456m",
    "spark.executor.extraJavaOptions": "-Xms128m -XX:+UseSerialGC -XX:MaxNewSize=32m -XX:MinHeapFreeRatio=10"
    " -XX:MaxHeapFreeRatio=25 -XX:ReservedCodeCacheSize=128m -XX:TrimNativeHeapInterval=5000",
    "spark.executorEnv.MALLOC_ARENA_MAX": "2",
    "spark.executorEnv.MALLOC_TRIM_THRESHOLD_": "1048576",
    "spark.executorEnv.ARROW_DEFAULT_MEMORY_POOL": "system",
    "spark.sql.autoBroadcastJoinThreshold": "1048576",
    "spark.sql.execution.arrow.maxBytesPerBatch": "4194304",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "2000",
}

SETTINGS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.executorEnv.PYTHONPATH": "environment",
    "spark.pyspark.driver.python": sys.executable,
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.databricks.delta.snapshotPartitions": "2",
}


#: What is aimed at, in bytes, by the names of `Memory`: a driver of 2 GiB, executors and whole workers of 1 GiB.
TARGETS = {"driver": 2 << 30, "executor": 1 << 30, "worker": 1 << 30}


def met(*peaks: dict[str, int]) -> dict[str, float | bool]:
    """For the line of a benchmark: each target in MiB, and whether no peak of memory was above it."""
    judged: dict[str, float | bool] = {}
    for kind, target in TARGETS.items():
        judged |= {f"{kind}_target_mib": target >> 20, f"{kind}_met": all(peak[kind] <= target for peak in peaks)}
    return judged


class Memory:
    """The greatest proportional set sizes in bytes, sampled once a second.

    Of `driver`, the driver's process and all it started; of `executor`, what a worker started, an executor and its
    Python; of `worker`, that and the worker's daemon. A JVM starts programs by `vfork`: for that moment parent and
    child have one memory, which is counted once.
    """

    def __init__(self, driver: int, workers: list[int]) -> None:
        self._roots = {driver: "driver", **dict.fromkeys(workers, "worker")}
        self.peak = {"driver": 0, "worker": 0, "executor": 0}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the sampling."""
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(1.0):
            children: dict[int, list[int]] = {}
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    # The name before them, in brackets, may have spaces.
                    told = (process / "stat").read_text().rsplit(")", 1)[1].split()
                    parent, threads = int(told[1]), int(told[17])
                    # What a JVM starts has that JVM's whole memory as its own until it is another program.
                    borrowed = threads == 1 and (process / "exe").readlink().name == "java"
                except (OSError, IndexError):
                    continue
                if not borrowed:
                    children.setdefault(parent, []).append(int(process.name))
            for root, kind in self._roots.items():
                below = sum(_size(child, children) for child in children.get(root, ()))
                self._raise(kind, _own(root) + below)
                if kind == "worker":
                    self._raise("executor", below)

    def _raise(self, kind: str, size: int) -> None:
        self.peak[kind] = max(self.peak[kind], size)


def _own(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
        return 1024 * int(text.split("\nPss:")[1].split()[0])
    except (OSError, IndexError):
        return 0


def _size(process: int, children: dict[int, list[int]]) -> int:
    """Of a process and all that come from it."""
    return _own(process) + sum(_size(child, children) for child in children.get(process, ()))


def tell(**line: object) -> None:
    """Says something to the benchmark, from its driver."""
    print(TOLD + json.dumps(line), flush=True)


def drive(
    cluster: Cluster, archive: Path, folder: Path, words: list[str], settings: dict[str, str]
) -> tuple[list[dict[str, float]], dict[str, int]]:
    """Runs a driver under spark-submit on the cluster.

    Args:
        cluster: The cluster.
        archive: What its workers unpack, of `cluster.environment_archive`.
        folder: An empty one, for the driver's log and warehouse.
        words: The driver's script and its arguments.
        settings: Further ones of Spark, over `SETTINGS` and `SMALL_WORKER`.

    Returns:
        What it told, and the peaks of memory in bytes, by the names of `Memory`.
    """
    jars = ",".join(str(jar) for jar in sorted((ROOT / "build" / "delta-jars").glob("*.jar")))
    command = [str(Path(sys.executable).with_name("spark-submit")), "--master", cluster.url, "--jars", jars]
    command += ["--archives", f"{archive}#environment"]
    own = {"spark.pyspark.python": cluster.python, "spark.sql.warehouse.dir": str(folder / "warehouse")}
    for key, value in (SETTINGS | SMALL_WORKER | own | settings).items():
        command += ["--conf", f"{key}={value}"]
    told = []
    with (folder / "log").open("wb") as log:
        driver = subprocess.Popen(
            [*command, *words],
            env=environment() | {"SPARK_HOME": str(Path(pyspark.__file__).parent)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        memory = Memory(driver.pid, [worker.process.pid for worker in cluster.workers])
        try:
            for line in driver.stdout or []:
                if line.startswith(TOLD):
                    print(line, end="", file=sys.stderr, flush=True)
                    told.append(json.loads(line[len(TOLD) :]))
                else:
                    # What goes wrong in Python is told here, too.
                    log.write(line.encode())
            driver.wait()
        finally:
            memory.stop()
            if driver.poll() is None:
                os.killpg(driver.pid, signal.SIGKILL)
    if driver.returncode != 0:
        raise SystemExit((folder / "log").read_text("utf-8", errors="replace")[-60_000:])
    return told, memory.peak
