"""Files that appear whole or not at all."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TypeAlias

from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError, IoError, MissingInputError
from buzzsaw.jobs.hadoop import HadoopPath
from buzzsaw.jobs.stages import reach
from buzzsaw.schemes import has_scheme, without_file
from buzzsaw.spark.session import is_of_connect

#: Where a file of a run is: on a file system that is mounted, or one that Spark reaches.
Location: TypeAlias = Path | HadoopPath


def location_of(path: str | Path, session: SparkSession | None = None) -> Location:
    """What a path names.

    Args:
        path: A `str` with a scheme for a file system that Spark reaches.
        session: Spark, for a path with a scheme; by default the active one.

    Raises:
        MissingInputError: for a path with a scheme, without a session.
        InvalidValueError: for a path with a scheme, with a session of Spark Connect.
        IoError: for a file system that Spark does not know.
    """
    text = without_file(str(path))
    if isinstance(path, Path) or not has_scheme(text):
        return Path(text)
    session = session or SparkSession.getActiveSession()
    if session is None:
        hint = "start one, which reaches the file system, or give a local path"
        raise MissingInputError.of("there is no Spark session", place=text, hint=hint)
    if is_of_connect(session):
        message = "the session is one of Spark Connect, whose client does not reach the file systems that Spark does"
        raise InvalidValueError.of(message, place=text, hint="use a classic session")
    return HadoopPath(session, text).qualified()


def table_path(location: Location, session: SparkSession) -> str:
    """A table as Spark names it: a local one with `file:` where the session's own file system is another.

    With Spark Connect that is not known, and a local one has no scheme.
    """
    if isinstance(location, HadoopPath) or is_of_connect(session):
        return str(location)
    default = session._jsparkSession.sessionState().newHadoopConf().get("fs.defaultFS", "file:///")
    return str(location) if default.startswith("file:") else f"file:{location.absolute()}"


def within(path: Location, folder: Location) -> str:
    """A path below a folder, from there."""
    return PurePath(str(path)).relative_to(str(folder)).as_posix()


def read(path: Location) -> bytes | None:
    """The bytes of a file; `None` when there is none.

    Raises:
        IoError: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        hint = "let this user read it, and see that its disk or mount answers"
        raise IoError.of(f"cannot read: {error.strerror}", place=str(path), hint=hint) from error


def folders_with(folder: Location, name: str) -> list[str]:
    """The names of the folders in `folder` that hold a file of that name."""
    if isinstance(folder, HadoopPath):
        return folder.folders_with(name)
    return [path.parent.name for path in folder.glob(f"*/{name}")]


def check_writable(folder: Location) -> None:
    """Asks the nearest folder that there is, in which nothing is left; a disk that fills later is not foreseen.

    Raises:
        IoError: when it cannot be written, be it for a file system that is mounted read-only, or one without hard
            links.
    """
    if isinstance(folder, HadoopPath):
        folder.check_writable()
        return
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not there.is_dir():
        raise IoError.of("the output is not a folder", place=str(there), hint="give a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise IoError.of("the output cannot be written", place=str(there), hint="give a folder of yours")
    _check_links(there)


def put(path: Location, content: bytes) -> None:
    """Writes a file, replacing an older one.

    Raises:
        IoError: when it cannot be written.
    """
    if isinstance(path, HadoopPath):
        _put_by_hadoop(path, lambda local: local.write_bytes(content))
        return
    temporary = _temporary(path, content)
    reach(f"{path.name}: written aside")
    try:
        Path(temporary).replace(path)
    except OSError as error:
        _discard(temporary)
        raise IoError.of(f"cannot write: {error.strerror}", place=str(path)) from error


def put_saved(path: Location, save: Callable[[Path], object]) -> None:
    """Writes what `save` writes to a path, replacing an older file.

    Raises:
        IoError: when it cannot be written.
        BuzzsawError: whatever `save` raises.
    """
    if isinstance(path, HadoopPath):
        _put_by_hadoop(path, save)
        return
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


def put_if_absent(path: Location, text: str) -> bool:
    """Writes a file of lines unless there is one; says whether it did. Of several writers at once, one wins.

    Args:
        path: The file.
        text: Its lines, the last with its end: log stores write lines.

    Raises:
        IoError: when it cannot be written.
    """
    if not text.endswith("\n"):
        raise AssertionError(f"{path}: the last line has no end")
    if isinstance(path, HadoopPath):
        return path.put_if_absent(text)
    temporary = _temporary(path, text.encode())
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


def put_fresh(folder: Location, stem: str, suffix: str, text: str) -> Location:
    """Writes lines under a name that none had, and says which: `stem`, or `stem-2`, `stem-3`, ... when that is taken.

    Raises:
        IoError: when it cannot be written.
    """
    for tried in itertools.count(1):
        path = folder / f"{stem}{f'-{tried}' if tried > 1 else ''}{suffix}"
        if put_if_absent(path, text):
            return path
    raise AssertionError("numbers do not end")


def _put_by_hadoop(path: HadoopPath, save: Callable[[Path], object]) -> None:
    """Puts what `save` writes to a local path there."""
    try:
        with tempfile.TemporaryDirectory(prefix="buzzsaw-") as folder:
            local = Path(folder) / path.name
            try:
                save(local)
            except IoError as error:
                raise IoError([problem | {"place": str(path)} for problem in error.problems]) from error
            path.put_file(local)
    except OSError as error:
        message = f"cannot write it on this machine first: {error.strerror}"
        raise IoError.of(message, place=str(path), hint="make room for temporary files") from error


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


def _check_links(folder: Path) -> None:
    """Asks for what `put_if_absent` needs at the very end of a run."""
    name = _temporary(folder / "output", b"")
    other = f"{name}.link"
    try:
        os.link(name, other)
    except OSError as error:
        raise IoError.of(
            f"the output's file system makes no hard links: {error.strerror}",
            place=str(folder),
            hint="give a folder of a disk or of NFS, or an address such as hdfs://name/folder",
        ) from error
    finally:
        _discard(name)
        _discard(other)


def _discard(name: str) -> None:
    Path(name).unlink(missing_ok=True)
