"""Errors of a worker, whole again on the driver."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from buzzsaw.errors import BY_CODE, BuzzsawError

_MARK = "buzzsaw-problems:"
_MARKED = re.compile(re.escape(_MARK) + r"(\[.*\])")
#: What stands before a Rust backtrace, which ends where the problems begin.
_TRACE = "\nRust backtrace:\n"

_T = TypeVar("_T")


class WorkerError(Exception):
    """A `BuzzsawError` on its way through Spark, which carries text only."""


def carried(work: Callable[..., Iterator[_T]]) -> Callable[..., Iterator[_T]]:
    """Makes the errors of a worker function readable for `error_of`."""

    @functools.wraps(work)
    def run(*args: Any, **named: Any) -> Iterator[_T]:
        try:
            yield from work(*args, **named)
        except BuzzsawError as error:
            trace = _TRACE + error.backtrace.rstrip() if error.backtrace else ""
            raise WorkerError(f"{error}{trace}\n{_MARK}{json.dumps(error.problems)}") from error

    return run


def error_of(failure: BaseException) -> BuzzsawError | None:
    """The Buzzsaw error behind an exception of Spark, with its code, place and hint; `None` when there is none.

    `transform` is lazy, so its errors reach the caller from whichever action runs it. After a panic of the native
    library the error has its Rust backtrace.

    Example:
        >>> try:  # doctest: +SKIP
        ...     bz.spark.transform(pairs, pipeline).write.parquet("features")
        ... except Exception as failure:
        ...     error = bz.spark.error_of(failure)
        ...     print(error.code if error else failure)
    """
    if isinstance(failure, BuzzsawError):
        return failure
    text = str(failure)
    found = _MARKED.search(text)
    if found is None:
        return None
    _, traced, backtrace = text[: found.start()].rpartition(_TRACE)
    try:
        return error_from(found.group(1), backtrace.rstrip() if traced else None)
    except ValueError:  # of a text that was cut on its way
        return None


def error_from(problems: str, backtrace: str | None) -> BuzzsawError:
    """The error of problems as JSON, and of a Rust backtrace after a panic."""
    told = json.loads(problems)
    return BY_CODE.get(told[0]["code"], BuzzsawError)(told, backtrace)
