"""A driver that is killed, a worker that dies, an output that cannot be written; `make soak` has all points, stages."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from buzzsaw.errors import IoError
from buzzsaw.jobs import storage
from cluster import check_bare
from cluster_faults import assert_a_worker_may_die, built_archive
from faults import LABELS, NIGHTLY, assert_made_whole, kill, undisturbed
from nights import SPEC
from shops import ROOT


def test_a_worker_that_reaches_a_compiler_or_the_repository_is_not_bare(tmp_path):
    check_bare({"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYSPARK_PYTHON": f"{ROOT}-of-another/python"})
    for name in ("PYTHONPATH", "HOME", "SPARK_HOME"):
        with pytest.raises(AssertionError, match=name):
            check_bare({"PATH": "/usr/bin:/bin", name: f"/elsewhere:{ROOT / 'target'}"})
    (tmp_path / "cargo").touch(0o755)
    with pytest.raises(AssertionError, match="a worker would find"):
        check_bare({"PATH": f"/usr/bin:{tmp_path}"})


@pytest.fixture(scope="module")
def night(spark, tmp_path_factory):
    return undisturbed(spark, tmp_path_factory.mktemp("whole"))


def test_a_killed_night_is_made_whole_by_the_next_run(spark, night, tmp_path):
    kill(night, tmp_path / "killed", "training: half written")
    assert_made_whole(spark, night, tmp_path / "killed", "training: half written")


def test_a_killed_label_run_is_made_whole_by_the_next(spark, tmp_path):
    whole = undisturbed(spark, tmp_path / "whole", LABELS)
    kill(whole, tmp_path / "killed", "labels: half written")
    assert_made_whole(spark, whole, tmp_path / "killed", "labels: half written")


def test_a_worker_of_a_cluster_that_dies_while_the_table_is_written_changes_nothing(spark, night, tmp_path):
    assert_a_worker_may_die(spark, night, built_archive(tmp_path), tmp_path, "write training table")


@pytest.fixture
def no_links(monkeypatch):
    """As on a mounted object store."""

    def link(*_, **__):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("no_links")
def test_a_date_that_is_done_is_found_without_hard_links(spark, night, capsys):
    assert night.job.main([*night.words, "--output", str(night.output)], spark) == 0
    assert "was done before" in capsys.readouterr().out


@pytest.mark.parametrize("job", [NIGHTLY, LABELS], ids=["nightly", "labels"])
def test_both_jobs_ask_for_the_output_before_they_read(spark, tmp_path, capsys, request, job):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    words = ["--impressions", "absent", "--interactions", "absent"]
    if job is NIGHTLY:
        words = ["--products", "absent", "--judgments", "absent", "--spec", str(tmp_path / "spec.yaml")]
    assert job.main([*words, "--output", str(tmp_path / "file" / "out")], spark) == 1
    assert "the output is not a folder" in capsys.readouterr().err
    request.getfixturevalue("no_links")
    assert job.main([*words, "--output", str(tmp_path / "out")], spark) == 1
    assert "the output's file system makes no hard links" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "spec.yaml"]


def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(IoError, match="is not a folder"):
        storage.check_writable(tmp_path / "file" / "out")
    storage.check_writable(tmp_path / "a" / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.usefixtures("no_links")
def test_an_output_without_hard_links_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(IoError, match="no hard links: Operation not permitted") as caught:
        storage.check_writable(tmp_path / "a" / "b")
    assert caught.value.place == str(tmp_path)
    assert "hdfs://" in caught.value.hint
    assert not list(tmp_path.iterdir())


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
