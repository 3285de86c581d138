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
            raise WorkerError(f"{error}\n{_MARK}{json.dumps(error.problems)}") from error

    return run


def error_of(failure: BaseException) -> BuzzsawError | None:
    """The Buzzsaw error behind an exception of Spark, with its code, place and hint; `None` when there is none.

    `transform` is lazy, so its errors reach the caller from whichever action runs it.

    Example:
        >>> try:  # doctest: +SKIP
        ...     bz.spark.transform(pairs, pipeline).write.parquet("features")
        ... except Exception as failure:
        ...     error = bz.spark.error_of(failure)
        ...     print(error.code if error else failure)
    """
    if isinstance(failure, BuzzsawError):
        return failure
    found = _MARKED.search(str(failure))
    if found is None:
        return None
    problems = json.loads(found.group(1))
    return BY_CODE.get(problems[0]["code"], BuzzsawError)(problems)
