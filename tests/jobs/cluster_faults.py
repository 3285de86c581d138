"""The nightly job on a standalone cluster: its workers have Spark, Java, a bare Python and the archive of the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from buzzsaw.spark.jvm import EXTENSION, jar_path
from cluster import Cluster, environment, environment_archive, running
from faults import NIGHTLY, Undisturbed, assert_equal
from faulty_driver import QUICK
from shops import ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DRIVER = str(Path(__file__).with_name("faulty_driver.py"))


def built_archive(folder: Path) -> Path:
    """What the workers unpack, made of the wheel of `make dist`."""
    wheels = list((ROOT / "build" / "dist").glob("buzzsaw-*.whl"))
    if not wheels:
        pytest.skip("no wheel is built to hand out: run `make dist`")
    (wheel,) = wheels
    return environment_archive(folder / "environment.zip", wheel)


def submit(
    cluster: Cluster, archive: Path, script: list[str], output: Path, more: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The command of docs/nightly.md for a cluster, with the archive instead of a package on the workers."""
    jars = ",".join(map(str, [*sorted((ROOT / "build" / "delta-jars").glob("*.jar")), jar_path()]))
    settings = {
        **QUICK,
        "spark.executor.extraJavaOptions": QUICK["spark.driver.extraJavaOptions"],
        "spark.sql.extensions": f"io.delta.sql.DeltaSparkSessionExtension,{EXTENSION}",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.executorEnv.PYTHONPATH": "environment",
        "spark.pyspark.python": cluster.python,
        "spark.pyspark.driver.python": sys.executable,
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "4",
        # So that even few rows are tasks of both workers.
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.sql.warehouse.dir": str(output.parent / "warehouse"),
        **(more or {}),
    }
    command = [str(Path(sys.executable).with_name("spark-submit")), "--master", cluster.url, "--jars", jars]
    command += ["--archives", f"{archive}#environment"]
    for key, value in settings.items():
        command += ["--conf", f"{key}={value}"]
    done = subprocess.run(
        [*command, *script, "--output", str(output)],
        cwd=ROOT,
        env=environment() | {"FAULTY_DRIVER": "submitted"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done


def assert_a_worker_may_die(spark: SparkSession, whole: Undisturbed, archive: Path, folder: Path, stage: str) -> None:
    """Runs the job in an empty folder, kills a worker in the middle of a stage, and compares what the job left."""
    with running(folder / "cluster", workers=2) as cluster:
        # It dies while both have a task, so that one is lost.
        point = f"{stage}: both workers run tasks"
        victim = cluster.workers[0]
        script = [DRIVER, NIGHTLY.name, f"kill:{os.getpgid(victim.process.pid)}", point, *whole.words]
        whole.begin(folder / "out")
        done = submit(cluster, archive, script, folder / "out")
        assert victim.process.poll() is not None
        # Both had a part in it: the archive was unpacked there, and no package of ours elsewhere.
        for worker in cluster.workers:
            assert list(worker.folder.glob("app-*/*/environment/buzzsaw/_buzzsaw*.so")), worker.log
        assert (
            "Removing worker" in cluster.master.log
            or "unregistered" in cluster.master.log
            or "DEAD" in cluster.master.log
        )
    # Spark has two ways to say so.
    told = ("Lost task", "its executor exited for a reason unrelated to the task")
    assert any(words in done.stderr for words in told), done.stderr[-6000:]
    assert_equal(spark, whole, folder / "out")
