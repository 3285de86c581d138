"""The nightly job on a standalone cluster, of which a worker dies or stalls amid a stage: part of `make soak`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from buzzsaw.spark.jvm import EXTENSION, jar_path
from cluster import Cluster, environment, environment_archive, running
from faults import NIGHTLY, assert_equal, undisturbed
from faulty_driver import QUICK
from shops import ROOT


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return environment_archive(tmp_path_factory.mktemp("archive") / "environment.zip")


#: A task of a small run is speculated upon when it takes a second, or three times the median.
SPECULATION = {
    "spark.speculation": "true",
    "spark.speculation.interval": "100ms",
    "spark.speculation.minTaskRuntime": "500ms",
    "spark.speculation.task.duration.threshold": "1s",
    "spark.speculation.quantile": "0.5",
}


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


@pytest.mark.parametrize("stage", ["fit", "write training table"])
def test_a_worker_that_dies_in_the_middle_of_a_stage_changes_nothing(spark, whole, archive, tmp_path, stage):
    driver = str(Path(__file__).with_name("faulty_driver.py"))
    with running(tmp_path / "cluster", workers=2) as cluster:
        # It dies while both have a task, so that one is lost.
        point = f"{stage}: both workers run tasks"
        victim = cluster.workers[0]
        script = [driver, NIGHTLY.name, f"kill:{os.getpgid(victim.process.pid)}", point, *whole.words]
        whole.begin(tmp_path / "out")
        done = submit(cluster, archive, script, tmp_path / "out")
        assert victim.process.poll() is not None
        # Both had a part in it: the archive was unpacked there, and no package of ours elsewhere.
        for worker in cluster.workers:
            assert list(worker.folder.glob("app-*/*/environment/buzzsaw/_buzzsaw*.so")), worker.log
        assert (
            "Removing worker" in cluster.master.log
            or "unregistered" in cluster.master.log
            or "DEAD" in cluster.master.log
        )
    assert "Lost task" in done.stderr, done.stderr[-6000:]
    assert_equal(spark, whole, tmp_path / "out")


@pytest.mark.parametrize(
    ("stage", "runtime"), [("fit", "python"), ("write training table", "python"), ("write training table", "jvm")]
)
def test_a_task_that_runs_twice_at_once_counts_once(spark, whole, archive, tmp_path, stage, runtime):  # noqa: PLR0917
    driver = str(Path(__file__).with_name("faulty_driver.py"))
    with running(tmp_path / "cluster", workers=2) as cluster:
        group = os.getpgid(cluster.workers[0].process.pid)
        script = [driver, NIGHTLY.name, f"stall:{group}", f"{stage}: both workers run tasks", *whole.words]
        script += ["--runtime", runtime]
        whole.begin(tmp_path / "out")
        done = submit(cluster, archive, script, tmp_path / "out", SPECULATION)
    # Spark says so of each task whose copy it starts, and of whichever of the two came second.
    assert "as speculatable" in done.stderr, done.stderr[-6000:]
    assert_equal(spark, whole, tmp_path / "out")
