"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from buzzsaw.errors import IoError


def local_folder(path: str) -> Path:
    """The folder of a path without a scheme.

    Raises:
        IoError: for another file system: only Spark's own tables can be there.
    """
    if "://" in path:
        raise IoError.of(
            "artifact, report and manifest need a file system that is mounted",
            place=path,
            hint="give a local path",
        )
    return Path(path)


def put(path: Path, content: bytes) -> None:
    """Writes a file, replacing an older one.

    Raises:
        IoError: when it cannot be written.
    """
    temporary = _temporary(path, content)
    try:
        Path(temporary).replace(path)
    except OSError as error:
        _discard(temporary)
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error


def put_if_absent(path: Path, content: bytes) -> bool:
    """Writes a file unless there is one; says whether it did. Of several writers at once, one wins.

    Raises:
        IoError: when it cannot be written.
    """
    temporary = _temporary(path, content)
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
