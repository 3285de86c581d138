"""A driver that is killed, and an output that cannot be written; `make soak` has every point of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from buzzsaw.errors import IoError
from buzzsaw.jobs import storage
from faults import assert_made_whole, kill, undisturbed


@pytest.fixture(scope="module")
def whole(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("point", ["training: half written", "manifest.json: written aside"])
def test_a_killed_run_is_made_whole_by_the_next(spark, whole, tmp_path, point):
    kill(whole, tmp_path / "out", point)
    assert_made_whole(spark, whole, tmp_path / "out", point)


def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(IoError, match="is not a folder"):
        storage.check_writable(tmp_path / "file" / "out")
    storage.check_writable(tmp_path / "a" / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_system_that_is_mounted_read_only_is_refused(tmp_path):
    (tmp_path / "disk").mkdir()
    asks = (
        "import sys; from pathlib import Path; from buzzsaw.jobs import storage;"
        "storage.check_writable(Path(sys.argv[1]))"
    )
    mount = f"mount -t tmpfs -o ro none '{tmp_path}/disk'"
    command = f"{mount} && exec '{sys.executable}' -c '{asks}' '{tmp_path}/disk/out'"
    # A name space of mounts of its own: nothing is left behind, and it needs no privilege.
    done = subprocess.run(["unshare", "-rm", "bash", "-c", command], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mounts here: {done.stderr.strip()}")
    assert done.returncode == 1
    assert "BZ_IO" in done.stderr
    assert "the output cannot be written" in done.stderr
    assert Path(tmp_path / "disk").is_dir()
