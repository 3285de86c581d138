"""How long each stage of a run took, and where a run is.

A run announces its points to `sys.audit` as the event `buzzsaw.nightly` with the point's name: both ends of each stage,
both sides of each Delta commit, and the moment between a file's content and its name. `sys.addaudithook` listens; tests
use that to end a driver at every one of them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger("buzzsaw.nightly")

#: The audit event of a point.
EVENT = "buzzsaw.nightly"


def reach(point: str) -> None:
    """Announces a point of the run."""
    sys.audit(EVENT, point)


@dataclass
class Stages:
    """The stages of a run in their order, with seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what happens inside and logs it; a stage that fails has no end point."""
        started = time.monotonic()
        log.info("%s", name)
        reach(f"{name}: begins")
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - started
            log.info("%s: %.1f s", name, self.seconds[name])
        reach(f"{name}: ends")
