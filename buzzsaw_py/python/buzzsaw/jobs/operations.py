"""What the command lines of both jobs have in common: logs, progress and metrics."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from buzzsaw.jobs import logs, metrics, storage
from buzzsaw.jobs.failures import error_behind, paragraph
from buzzsaw.jobs.metrics import Gauge
from buzzsaw.jobs.runs import Outcome
from buzzsaw.jobs.settings_file import absolute
from buzzsaw.jobs.watch import Watch

log = logging.getLogger("buzzsaw.jobs")

#: What a job tells of an outcome besides what both do.
Further = Callable[[Outcome], list[Gauge]]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of operations."""
    parser.add_argument(
        "--log-format",
        choices=(logs.TEXT, logs.JSON),
        default=logs.TEXT,
        help="text for people (the default), or one JSON object a line on stderr and nothing on stdout",
    )
    parser.add_argument(
        "--progress-seconds",
        type=_seconds,
        default=30.0,
        metavar="N",
        help="tell how far a stage is every N seconds; 0 for never (default: 30)",
    )
    parser.add_argument(
        "--metrics",
        type=Path,
        metavar="FILE",
        help="write metrics of the run there, failed or not, in Prometheus' text format; name it *.prom",
    )
    parser.add_argument("--verbose", action="store_true", help="log at level debug, with the traceback of a failure")


class Operations:
    """Tells how the runs of a command go: on stdout, on stderr, and in the metrics file."""

    def __init__(self, job: str, arguments: argparse.Namespace, further: Further | None = None) -> None:
        self.job = job
        self.watch = Watch(arguments.progress_seconds)
        #: The output folder, as metrics name it; empty while it is not known.
        self.output = absolute(arguments.output, Path.cwd()) if arguments.output else ""
        self._json = arguments.log_format == logs.JSON
        self._metrics: Path | None = arguments.metrics
        self._further = further

    def tell(self, outcome: Outcome, summary: str) -> None:
        """Tells of a run that is done."""
        if self._json:
            told = {"wrote": outcome.wrote, "manifest": str(outcome.manifest_path)}
            log.info("%s", summary.partition("\n")[0], extra=logs.fields("done", **told))
        else:
            print(summary, flush=True)
        self.measure(outcome)

    def fail(self, failure: Exception) -> None:
        """Tells of one that failed, in one paragraph or in one object."""
        self._tell_failure(failure)
        self.measure(None)

    def _tell_failure(self, failure: Exception) -> None:
        if not self._json:
            log.debug("the run failed", exc_info=failure)
            print(f"{self.job} failed. {paragraph(failure)}", file=sys.stderr)
            return
        error = error_behind(failure)
        told = {"code": error.code if error else "", "problems": error.problems if error else []}
        shown = failure if log.isEnabledFor(logging.DEBUG) else None
        log.error("%s failed. %s", self.job, paragraph(failure), exc_info=shown, extra=logs.fields("failed", **told))

    def measure(self, outcome: Outcome | None) -> None:
        """Writes the metrics of a run that is done or, without an outcome, of one that is not."""
        if self._metrics is None:
            return
        try:
            gauges = metrics.of_run(self.watch, outcome, datetime.now(timezone.utc))
            if outcome is not None and self._further is not None:
                gauges += self._further(outcome)
            storage.put(self._metrics, metrics.exposition(gauges, {"buzzsaw_job": self.job, "output": self.output}))
        except Exception as error:
            # The tables are what they are; that the file is old tells who watches it.
            log.warning("the metrics are not written: %s", error)
            log.debug("the metrics failed", exc_info=error)


@contextmanager
def operating(job: str, arguments: argparse.Namespace, further: Further | None = None) -> Iterator[Operations]:
    """Sets logging up while a command runs; one that is interrupted leaves metrics, too."""
    with logs.to_stderr(job, arguments.log_format, verbose=arguments.verbose):
        operations = Operations(job, arguments, further)
        try:
            yield operations
        except BaseException:
            operations.measure(None)
            raise


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of seconds from 0")
    return value
