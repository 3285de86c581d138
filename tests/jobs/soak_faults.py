"""The driver of either job killed at every point of a run, and disks that fill: part of `make soak`, minutes a run."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cluster import environment
from faults import LABELS, NIGHTLY, Undisturbed, assert_equal, assert_made_whole, die, drive, kill, undisturbed
from faulty_driver import TASKS
from shops import ROOT

#: Least points, and Delta commits.
LEAST = {"nightly": (42, 3), "labels": (20, 1)}

BEGINS = ": begins"

#: The stages in which the driver works alone.
ALONE = {"load spec", "write artifacts", "write report", "write manifest"}


#: Stages in which a job writes, in their order, and what: the first commit, another one of several, and the report.
WRITES = {
    "nightly": {
        "write rejected rows": ["rejected/**/*"],
        "write training table": ["training/**/*"],
        "write report": ["documents/**/*", "runs/*/*.buzzsaw", "runs/*/report-*.html"],
    },
    "labels": {"label, count and write the table": ["labels/**/*"], "write report": ["runs/*/report-*.html"]},
}

#: What a file system allots at once, in KiB.
BLOCK = 4


@pytest.fixture(scope="module", params=[NIGHTLY, LABELS], ids=lambda job: job.name)
def whole(request, spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"), request.param)


def points(whole: Undisturbed, folder: Path) -> list[str]:
    """Every point that a run reaches, in order, and those inside Spark's work."""
    whole.begin(folder / "out")
    done = drive(whole, "record", str(folder / "points"), folder / "out")
    assert done.returncode == 0, done.stderr[-3000:]
    reached = (folder / "points").read_text("utf-8").splitlines()
    stages = [point.removesuffix(BEGINS) for point in reached if point.endswith(BEGINS)]
    inside = [point.removesuffix(TASKS) for point in whole.job.inside if point.endswith(TASKS)]
    assert inside == [stage for stage in stages if stage not in ALONE]
    return [*reached, *whole.job.inside]


def test_a_run_killed_at_any_point_is_made_whole_by_the_next(spark, whole, tmp_path):
    reached = points(whole, tmp_path)
    least, commits = LEAST[whole.job.name]
    assert len(set(reached)) == len(reached) >= least
    for side in ("before the commit", "after the commit", "before it keeps", "after it keeps"):
        assert sum(f": {side}" in point for point in reached) == commits, side
    failed = []
    with ThreadPoolExecutor(2) as pool:
        killed = [pool.submit(kill, whole, tmp_path / str(i), point) for i, point in enumerate(reached)]
        for i, point in enumerate(reached):
            try:
                killed[i].result()
                assert_made_whole(spark, whole, tmp_path / str(i), point)
                print(f"{whole.job.name}, killed and made whole: {point}", flush=True)
            except AssertionError as error:
                failed.append(f"{point}: {error}")
    assert not failed, "\n".join(failed)


def test_a_run_that_is_killed_again_and_again_is_made_whole_by_the_last(spark, whole, tmp_path):
    """At ever later points, as a machine does that dies of what the run does."""
    output = tmp_path / "out"
    whole.begin(output)
    reached = [point for point in points(whole, tmp_path / "recorded") if point not in whole.job.inside]
    # A table that has learnt to keep its versions for longer is not told so again.
    reached = [point for point in reached if " it keeps versions for longer" not in point]
    for point in reached[:: len(reached) // 5]:
        die(whole, output, point)
    assert_made_whole(spark, whole, output, "the last of several")


def rooms_of(whole: Undisturbed) -> dict[str, int]:
    """By stage, KiB that suffice for what is written before it, and for half of the last thing that it writes."""
    rooms, before = {}, 0
    for stage, patterns in WRITES[whole.job.name].items():
        for pattern in patterns:
            written = [path for path in whole.output.glob(pattern) if path.is_file()]
            new = [path for path in written if not (whole.earlier / path.relative_to(whole.output)).exists()]
            size = sum(-(-path.stat().st_size // (BLOCK * 1024)) * BLOCK for path in new)
            rooms[stage] = before + size // 2
            before += size
    return rooms


def test_a_disk_that_is_full_or_read_only_ends_the_run_and_the_next_makes_it_whole(spark, whole, tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no name spaces of mounts here")
    rooms = rooms_of(whole)
    # What is read-only is told before the first stage.
    sizes = {str(room): stage for stage, room in rooms.items()} | {"ro": None}
    script = str(Path(__file__).with_name("faulty_disk.py"))
    arguments = [whole.job.name, str(whole.earlier), str(tmp_path / "kept"), *sizes, "--", *whole.words]
    command = ["unshare", "-rm", sys.executable, script, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"room"')]
    assert {one["room"]: one["stage"] for one in told} == sizes
    for room in sizes:
        assert_equal(spark, whole, tmp_path / "kept" / room, room)
