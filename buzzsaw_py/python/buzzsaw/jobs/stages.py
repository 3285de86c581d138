"""How long each stage of a run took, and where a run is.

A run announces its points to `sys.audit` as the event `buzzsaw.jobs` with the point's name: both ends of each stage,
both sides of each Delta commit, and the moment between a file's content and its name, or before it is put where one
step does both. `sys.addaudithook` listens; tests use that to end a driver at every one of them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from buzzsaw.jobs.logs import enter_stage, fields
from buzzsaw.jobs.progress import Count, watched

log = logging.getLogger("buzzsaw.jobs")

#: The audit event of a point.
EVENT = "buzzsaw.jobs"


def reach(point: str) -> None:
    """Announces a point of the run."""
    sys.audit(EVENT, point)


@dataclass
class Stages:
    """The stages of a run in their order, with seconds."""

    seconds: dict[str, float] = field(default_factory=dict)
    #: How often the progress of a stage is told, in seconds; 0 for never.
    progress_seconds: float = 0.0
    #: Counts the tasks that Spark runs for the stage.
    count: Count = lambda: None
    _planned: Sequence[str] = ()

    def plan(self, names: Sequence[str]) -> None:
        """Says which stages the run has, once it is known, so that they can be numbered."""
        self._planned = names

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what happens inside and logs it; a stage that fails has no end point."""
        number, of = len(self.seconds) + 1, len(self._planned)
        known = {"stage_number": number} | ({"stage_count": of} if name in self._planned else {})
        place = f", stage {number} of {of}" if name in self._planned else f", stage {number}"
        started = time.monotonic()
        enter_stage(name)
        log.info("%s", name, extra=fields("stage_begins", **known))
        reach(f"{name}: begins")
        ended = "stage_fails"
        try:
            with watched(name, place, self.progress_seconds, self.count, **known):
                yield
            ended = "stage_ends"
        finally:
            self.seconds[name] = time.monotonic() - started
            seconds = self.seconds[name]
            log.info("%s: %.1f s", name, seconds, extra=fields(ended, seconds=round(seconds, 3), **known))
        # Of a stage that fails, the line of the failure is, too.
        enter_stage(None)
        reach(f"{name}: ends")
