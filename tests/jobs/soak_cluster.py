"""The nightly job on a standalone cluster that loses a worker in the middle of a stage: part of `make soak`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster, environment_archive, running
from faults import DAY, environment, manifest_of, undisturbed
from faulty_driver import QUICK
from nights import contents, lasting
from shops import ROOT


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return environment_archive(tmp_path_factory.mktemp("archive") / "environment.zip")


def submit(cluster: Cluster, archive: Path, script: list[str], output: Path) -> subprocess.CompletedProcess[str]:
    """The command of docs/nightly.md for a cluster, with the archive instead of a package on the workers."""
    jars = ",".join(str(jar) for jar in sorted((ROOT / "build" / "delta-jars").glob("*.jar")))
    settings = {
        **QUICK,
        "spark.executor.extraJavaOptions": QUICK["spark.driver.extraJavaOptions"],
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
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


@pytest.mark.parametrize("point", ["fit: tasks run", "write training table: tasks run"])
def test_a_worker_that_dies_in_the_middle_of_a_stage_changes_nothing(spark, whole, archive, tmp_path, point):
    driver = str(Path(__file__).with_name("faulty_driver.py"))
    with running(tmp_path / "cluster", workers=2) as cluster:
        victim = cluster.workers[0]
        script = [driver, f"kill:{os.getpgid(victim.process.pid)}", point, *whole.words]
        submit(cluster, archive, script, tmp_path / "out")
        assert victim.process.poll() is not None
        # Both had a part in it: the archive was unpacked there, and no package of ours elsewhere.
        for worker in cluster.workers:
            assert list(worker.folder.glob("app-*/*/environment/buzzsaw/_buzzsaw*.so")), worker.log
        assert (
            "Removing worker" in cluster.master.log
            or "unregistered" in cluster.master.log
            or "DEAD" in cluster.master.log
        )
    assert contents(spark, tmp_path / "out", DAY) == whole.contents
    assert lasting(manifest_of(tmp_path / "out")) == lasting(whole.manifest)
