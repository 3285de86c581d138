"""The driver killed at every point of a run, and disks that fill: part of `make soak`, a run or two a minute."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cluster import environment
from faults import DAY, INSIDE, assert_made_whole, drive, kill, manifest_of, undisturbed
from nights import contents, lasting
from shops import ROOT


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def points(whole, tmp_path_factory) -> list[str]:
    """Every point that a run reaches, in order, and those inside Spark's work."""
    folder = tmp_path_factory.mktemp("points")
    done = drive("record", str(folder / "points"), whole.words, folder / "out")
    assert done.returncode == 0, done.stderr[-3000:]
    return [*(folder / "points").read_text("utf-8").splitlines(), *INSIDE]


def test_a_run_killed_at_any_point_is_made_whole_by_the_next(spark, whole, points, tmp_path):
    assert len(set(points)) == len(points) > 35
    for sides in ("before", "after"):
        assert sum(f": {sides} the commit" in point for point in points) == 3
    failed = []
    with ThreadPoolExecutor(2) as pool:
        killed = [pool.submit(kill, whole, tmp_path / str(i), point) for i, point in enumerate(points)]
        for i, point in enumerate(points):
            try:
                killed[i].result()
                assert_made_whole(spark, whole, tmp_path / str(i), point)
                print(f"killed and made whole: {point}", flush=True)
            except AssertionError as error:
                failed.append(f"{point}: {error}")
    assert not failed, "\n".join(failed)


def test_a_disk_that_is_full_or_read_only_ends_the_run_and_the_next_makes_it_whole(spark, whole, tmp_path):
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no name spaces of mounts here")
    used = sum(path.stat().st_size for path in Path(whole.words[1]).parent.joinpath("whole").rglob("*")) // 1024
    # Too small for the first commit, for one of the tables, and for the report.
    sizes = ["16", str(used // 3), str(used * 2 // 3), "ro"]
    script = str(Path(__file__).with_name("faulty_disk.py"))
    command = ["unshare", "-rm", sys.executable, script, str(tmp_path / "kept"), *sizes, "--", *whole.words]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    for size in sizes:
        output = tmp_path / "kept" / size
        assert contents(spark, output, DAY) == whole.contents, size
        assert lasting(manifest_of(output)) == lasting(whole.manifest), size
