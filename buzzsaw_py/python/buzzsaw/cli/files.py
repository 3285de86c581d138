"""Files that commands read and write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from buzzsaw.errors import InvalidValueError, IoError


def table(path: str) -> ds.Dataset:
    """A Parquet file, or a folder of them, read batch by batch.

    Raises:
        IoError: When there is nothing at `path`.
        InvalidValueError: When it is not Parquet.
    """
    if not Path(path).exists():
        raise IoError.of("there is no such file", place=path)
    try:
        return ds.dataset(path, format="parquet")
    except (pa.ArrowException, OSError) as error:
        message = f"cannot be read as Parquet: {' '.join(str(error).split())}"
        raise InvalidValueError.of(message, place=path, hint="give a Parquet file or a folder of them") from error


def check_output(path: str, *inputs: str | None) -> None:
    """Refuses an output that would replace what the command reads.

    Raises:
        InvalidValueError: When the two are one file, or the input a folder that holds the output.
    """
    target = Path(path).resolve()
    for given in inputs:
        if given is not None and (read := Path(given).resolve()) in (target, *target.parents):
            place = "-o"
            what = "is also an input" if read == target else f"lies in the input {given}"
            raise InvalidValueError.of(f"`{path}` {what}", place=place, hint="give another file to write")


@contextmanager
def replaced(path: str) -> Iterator[Path]:
    """A new file beside `path` that takes its place when the work ends well, and vanishes when it does not.

    Raises:
        IoError: When it cannot be written.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise IoError.of(f"cannot be written: {error.strerror}", place=path) from error
    part = Path(name)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        # mkstemp gives 0600; a result is as readable as any file the user makes.
        umask = os.umask(0)
        os.umask(umask)
        part.chmod(0o666 & ~umask)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
