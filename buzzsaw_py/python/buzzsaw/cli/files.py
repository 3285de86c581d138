"""Files that commands read and write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

import buzzsaw
from buzzsaw.errors import BuzzsawError, InvalidValueError, IoError
from buzzsaw.pipeline import Pipeline

#: How a Parquet file begins.
_PARQUET = b"PAR1"


def table(path: str) -> ds.Dataset:
    """A Parquet file, or a folder of them, read batch by batch.

    Raises:
        IoError: When there is nothing at `path`.
        InvalidValueError: When it is not Parquet, or lies in a Delta table: files of other versions lie there, too.
    """
    if not Path(path).exists():
        raise IoError.of("there is no such file", place=path)
    at = Path(path).resolve()
    if any((folder / "_delta_log").is_dir() for folder in (at, *at.parents)):
        hint = 'write the rows of one version apart: spark.read.format("delta").load(...).write.parquet(...)'
        raise InvalidValueError.of("this is a Delta table, or a part of one", place=path, hint=hint)
    try:
        return ds.dataset(path, format="parquet")
    except (pa.ArrowException, OSError) as error:
        message = f"cannot be read as Parquet: {' '.join(str(error).split())}"
        raise InvalidValueError.of(message, place=path, hint="give a Parquet file or a folder of them") from error


def artifact(path: str) -> Pipeline:
    """The pipeline of an artifact.

    Raises:
        InvalidValueError: As `check_artifact`.
        BuzzsawError: As `buzzsaw.load`, with the path in the place.
    """
    check_artifact(path)
    try:
        return buzzsaw.load(path)
    except BuzzsawError as error:
        problems = [{**problem, "place": f"{path}: {problem['place']}".rstrip(": ")} for problem in error.problems]
        raise type(error)(problems) from error


def check_artifact(path: str) -> None:
    """Refuses a spec or a table in the place of an artifact.

    Raises:
        InvalidValueError: When the file is one.
        IoError: When it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise IoError.of(f"cannot be read: {error.strerror}", place=path) from error
    if head == _PARQUET:
        raise InvalidValueError.of("this is a Parquet file and no artifact", place=path, hint="give what `fit` wrote")
    if Path(path).suffix in (".yaml", ".yml", ".json"):
        hint = "make one of it with `buzzsaw fit`"
        raise InvalidValueError.of("this is a spec and no artifact", place=path, hint=hint)


def check_spec(path: str) -> None:
    """Refuses a table in the place of a spec; a file that cannot be read is refused when it is.

    Raises:
        InvalidValueError: When the file is one.
    """
    with suppress(OSError), Path(path).open("rb") as file:
        if file.read(4) == _PARQUET:
            hint = "give a YAML or JSON file"
            raise InvalidValueError.of("this is a Parquet file and no spec", place=path, hint=hint)


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
