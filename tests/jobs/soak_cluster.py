"""The nightly job on a standalone cluster, of which a worker dies or stalls amid a stage: part of `make soak`."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from cluster import running
from cluster_faults import DRIVER, assert_a_worker_may_die, built_archive, submit
from executions import event_log, runtimes
from faults import NIGHTLY, assert_equal, undisturbed


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return built_archive(tmp_path_factory.mktemp("archive"))


#: A task of a small run is speculated upon when it takes a second, or three times the median.
SPECULATION = {
    "spark.speculation": "true",
    "spark.speculation.interval": "100ms",
    "spark.speculation.minTaskRuntime": "500ms",
    "spark.speculation.task.duration.threshold": "1s",
    "spark.speculation.quantile": "0.5",
}


@pytest.mark.parametrize("stage", ["fit", "write training table"])
def test_a_worker_that_dies_in_the_middle_of_a_stage_changes_nothing(spark, whole, archive, tmp_path, stage):
    assert_a_worker_may_die(spark, whole, archive, tmp_path, stage)


@pytest.mark.parametrize(
    ("stage", "runtime"), [("fit", "python"), ("write training table", "python"), ("write training table", "jvm")]
)
def test_a_task_that_runs_twice_at_once_counts_once(spark, whole, archive, tmp_path, stage, runtime):  # noqa: PLR0917
    with running(tmp_path / "cluster", workers=2, apart=True) as cluster:
        group = os.getpgid(cluster.workers[0].process.pid)
        script = [DRIVER, NIGHTLY.name, f"stall:{group}", f"{stage}: both workers run tasks", *whole.words]
        script += ["--runtime", runtime]
        whole.begin(tmp_path / "out")
        done = submit(cluster, archive, script, tmp_path / "out", SPECULATION | event_log(tmp_path / "events"))
    # Spark first marks a task, and starts its copy, the attempt after the first one, when a worker has room.
    marked = re.findall(r"Marking task (\d+) in stage (\d+\.\d+) .*as speculatable", done.stderr)
    started = re.findall(r"Starting task (\d+)\.1 in stage (\d+\.\d+) ", done.stderr)
    assert set(marked) & set(started), done.stderr[-6000:]
    made = runtimes(tmp_path / "events")
    assert (made["training"], made["documents"]) == ({runtime}, {runtime})
    assert_equal(spark, whole, tmp_path / "out")
