"""What can be seen of a run from outside while it goes on, and is left of one that fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from buzzsaw.jobs.logs import enter_run
from buzzsaw.jobs.progress import counted
from buzzsaw.jobs.stages import Stages

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Judged(Protocol):
    """A check and how it ended."""

    @property
    def place(self) -> str:
        """Where its limits are in the settings."""

    @property
    def outcome(self) -> str:
        """`passed`, `warned` or `stopped`."""


@dataclass
class Watch:
    """Of a run, or of the last one of several."""

    #: How often the progress of a stage is told, in seconds; 0 for never.
    progress_seconds: float = 0.0
    day: date | None = None
    stages: Stages = field(default_factory=Stages)
    #: Rows of each input by name: how many were read and, where rows are rejected, how many of these were.
    inputs: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    findings: list[Judged] = field(default_factory=list)
    #: Versions of the tables that were committed, by name.
    tables: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def over(self, session: SparkSession, day: date) -> Iterator[None]:
        """Watches a run for as long as it lasts; what was seen of another one is forgotten."""
        self.day, self.inputs, self.findings, self.tables = day, {}, [], {}
        enter_run(day)
        with counted(session) as count:
            self.stages = Stages(progress_seconds=self.progress_seconds, count=count)
            yield
