"""Files of a run appear whole, readable by all, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from buzzsaw.errors import IoError
from buzzsaw.jobs import storage


@pytest.fixture
def private():
    """A process whose files are its user's alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_what_is_saved_is_as_readable_as_what_is_put(tmp_path, private):
    storage.put(tmp_path / "put", b"1")
    # As artifacts are saved: another file takes the name.
    storage.put_saved(tmp_path / "saved", lambda path: _replace(path, b"1"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"put": 0o644, "saved": 0o644}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), IoError.of("full", place="/x/.a.tmp")])
def test_a_failed_save_names_its_file_and_leaves_the_older_one(tmp_path, error):
    path = tmp_path / "a"
    storage.put(path, b"old")

    def fail(temporary: Path) -> None:
        _replace(temporary, b"half")
        raise error

    with pytest.raises(IoError) as caught:
        storage.put_saved(path, fail)
    assert caught.value.place == str(path)
    assert path.read_bytes() == b"old"
    assert [left.name for left in tmp_path.iterdir()] == ["a"]


def _replace(path: Path, content: bytes) -> None:
    other = path.with_name("other")
    other.write_bytes(content)
    other.replace(path)
