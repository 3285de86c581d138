"""How long each stage of a run took."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger("buzzsaw.nightly")


@dataclass
class Stages:
    """The stages of a run in their order, with seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what happens inside and logs it."""
        started = time.monotonic()
        log.info("%s", name)
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - started
            log.info("%s: %.1f s", name, self.seconds[name])
