"""What commands print, and how far they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

#: Called with a label, the rows done so far, and their total where it is known.
Report = Callable[[str, int, int | None], None]


class Output:
    """Results on stdout, as text or as one JSON document; everything else on stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, document: Any, text: str) -> None:
        """The command's result: `document` with `--json`, else `text`."""
        self.result_json(json.dumps(document), text)

    def result_json(self, document: str, text: str) -> None:
        """As `result`, with a document that is JSON already and is printed byte for byte, in UTF-8."""
        if self.as_json:
            sys.stdout.flush()
            sys.stdout.buffer.write(document.encode() + b"\n")
        else:
            sys.stdout.write(text + "\n")

    def note(self, text: str) -> None:
        """Something to know that is not the result."""
        sys.stderr.write(text + "\n")

    @contextmanager
    def progress(self) -> Iterator[Report]:
        """A progress bar on a terminal, nothing elsewhere or where `rich` is not installed."""
        if self.as_json or not sys.stderr.isatty() or find_spec("rich") is None:
            yield lambda label, done, total: None
            return
        from rich.console import Console  # noqa: PLC0415  an optional dependency
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,} rows"))
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
            tasks: dict[str, Any] = {}

            def report(label: str, done: int, total: int | None) -> None:
                if label not in tasks:
                    tasks[label] = bars.add_task(label, total=total)
                bars.update(tasks[label], completed=done)

            yield report
