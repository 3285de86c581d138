"""What the jobs log: lines for people, or one JSON object a line with fields that stay (docs/nightly.md has them).

Loggers of the package give a record's fields as `extra=fields(...)`; the date and the stage that a record is about come
from the run that is going on, or from the last one, so that the line of a failure has both.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from typing import Any

#: The values of --log-format.
TEXT, JSON = "text", "json"

#: The attribute of a record that holds its fields.
_FIELDS = "buzzsaw_fields"


@dataclass(frozen=True)
class _Where:
    run: str | None = None
    stage: str | None = None


_NOWHERE = _Where()
_where: ContextVar[_Where] = ContextVar("where", default=_NOWHERE)


def fields(event: str, **more: Any) -> dict[str, Any]:
    """The `extra` of a record: what happened, and what is known of it; `None` is left out of the line."""
    return {_FIELDS: {"event": event, **{name: value for name, value in more.items() if value is not None}}}


def enter_run(day: date | None) -> None:
    """Says of which date's run records are from now on; `None` before there is one."""
    _where.set(_Where(None if day is None else day.isoformat()))


def enter_stage(name: str | None) -> None:
    """Says of which stage records are from now on; `None` between stages."""
    _where.set(replace(_where.get(), stage=name))


class JsonFormatter(logging.Formatter):
    """A record as one JSON object in one line, in ASCII: no value can break the line, whatever is in it.

    Always there are `time` (ISO 8601 in UTC), `level`, `job`, `run` (the date, null before one is known), `stage` (null
    outside of one), `event` and `message`; a record of another library has the event `log` and its `logger`.
    """

    def __init__(self, job: str) -> None:
        super().__init__()
        self._job = job

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = dict(getattr(record, _FIELDS, {}))
        if not told:
            told = {"event": "log", "logger": record.name}
        where = _where.get()
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "job": self._job,
            "run": where.run,
            "stage": told.pop("stage", where.stage),
            "event": told.pop("event"),
            "message": record.getMessage(),
            **told,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


@contextmanager
def to_stderr(job: str, form: str, *, verbose: bool) -> Iterator[None]:
    """Logs to stderr while it lasts: the package from level info, or debug, other libraries from warning.

    As text it leaves a process alone that has set up logging of its own; JSON is written in any case.
    """
    root, package = logging.getLogger(), logging.getLogger("buzzsaw")
    level = package.level
    package.setLevel(logging.DEBUG if verbose else logging.INFO)
    handler = None
    if form == JSON or not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter(job) if form == JSON else logging.Formatter("%(asctime)s %(message)s"))
        root.addHandler(handler)
    if form == JSON:
        # Else Python's warnings are lines of text between the objects.
        logging.captureWarnings(True)
    enter_run(None)
    try:
        yield
    finally:
        if form == JSON:
            logging.captureWarnings(False)
        if handler is not None:
            root.removeHandler(handler)
        package.setLevel(level)
