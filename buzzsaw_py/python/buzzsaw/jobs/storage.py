"""Files that appear whole or not at all."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from buzzsaw.errors import IoError
from buzzsaw.jobs.stages import reach


def local_folder(path: str) -> Path:
    """The folder of a path without a scheme.

    Raises:
        IoError: for another file system: only Spark's own tables can be there.
    """
    if "://" in path:
        raise IoError.of(
            "the files of a run need a file system that is mounted",
            place=path,
            hint="give a local path",
        )
    return Path(path)


def check_writable(folder: Path) -> None:
    """Asks the nearest folder that there is; nothing is written, and a disk that fills later is not foreseen.

    Raises:
        IoError: when it cannot be written, be it for a file system that is mounted read-only.
    """
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir():
        raise IoError.of("the output is not a folder", place=str(there), hint="give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise IoError.of("the output cannot be written", place=str(there), hint="give a folder of yours")


def put(path: Path, content: bytes) -> None:
    """Writes a file, replacing an older one.

    Raises:
        IoError: when it cannot be written.
    """
    temporary = _temporary(path, content)
    reach(f"{path.name}: written aside")
    try:
        Path(temporary).replace(path)
    except OSError as error:
        _discard(temporary)
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error


def put_saved(path: Path, save: Callable[[Path], None]) -> None:
    """Writes what `save` writes to a path, replacing an older file.

    Raises:
        IoError: when it cannot be written.
        BuzzsawError: whatever `save` raises.
    """
    temporary = _temporary(path, b"")
    try:
        save(Path(temporary))
        # As readable as what `put` writes, whatever the process's mask.
        Path(temporary).chmod(0o644)
        reach(f"{path.name}: written aside")
        Path(temporary).replace(path)
    except IoError as error:
        raise IoError([problem | {"place": str(path)} for problem in error.problems]) from error
    except OSError as error:
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error
    finally:
        _discard(temporary)


def put_if_absent(path: Path, content: bytes) -> bool:
    """Writes a file unless there is one; says whether it did. Of several writers at once, one wins.

    Raises:
        IoError: when it cannot be written.
    """
    temporary = _temporary(path, content)
    reach(f"{path.name}: written aside")
    try:
        # A link fails when the name is taken, and the file behind it is already whole.
        os.link(temporary, path)
        return True
    except FileExistsError:
        return False
    except OSError as error:
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error
    finally:
        _discard(temporary)


def put_fresh(folder: Path, stem: str, suffix: str, content: bytes) -> Path:
    """Writes a file under a name that none had, and says which: `stem`, or `stem-2`, `stem-3`, ... when that is taken.

    Raises:
        IoError: when it cannot be written.
    """
    for tried in itertools.count(1):
        path = folder / f"{stem}{f'-{tried}' if tried > 1 else ''}{suffix}"
        if put_if_absent(path, content):
            return path
    raise AssertionError("numbers do not end")


def _temporary(path: Path, content: bytes) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
    except OSError as error:
        _discard(name)
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error
    return name


def _discard(name: str) -> None:
    Path(name).unlink(missing_ok=True)
