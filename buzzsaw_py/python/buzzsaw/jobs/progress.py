"""A line every so often while a stage runs: how long it has, and how many of its tasks Spark has done."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from buzzsaw.jobs.logs import fields

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("buzzsaw.jobs")


class Tasks(NamedTuple):
    """Tasks of the Spark jobs that are active."""

    done: int
    total: int


#: Counts the tasks of a run now; `None` where that cannot be known.
Count = Callable[[], Tasks | None]


@contextmanager
def counted(session: SparkSession) -> Iterator[Count]:
    """Counts the tasks of what this thread asks of Spark while it lasts.

    Its Spark jobs get a tag, not a group: a group that whoever owns the session has set for cancelling stays.
    A session without a status tracker, such as one of Spark Connect, gives no counts, and neither does one while its
    tracker fails. Either is told once.
    """
    try:
        context = session.sparkContext
        # PySpark's tracker has no tags.
        of_tag = context._jsc.sc().statusTracker().getJobIdsForTag
        tracker, tag = context.statusTracker(), f"buzzsaw-{uuid.uuid4()}"
        context.addJobTag(tag)
    except Exception as failure:
        _tell_uncounted(failure)
        yield lambda: None
        return
    told = False

    def count() -> Tasks | None:
        nonlocal told
        try:
            return tasks()
        except Exception as failure:
            if not told:
                told = True
                _tell_uncounted(failure)
            return None

    def tasks() -> Tasks:
        active = set(of_tag(tag)) & set(tracker.getActiveJobsIds())
        jobs = [job for job in map(tracker.getJobInfo, active) if job is not None]
        found = [tracker.getStageInfo(stage) for stage in {stage for job in jobs for stage in job.stageIds}]
        stages = [stage for stage in found if stage is not None]
        return Tasks(sum(stage.numCompletedTasks for stage in stages), sum(stage.numTasks for stage in stages))

    try:
        yield count
    finally:
        with _ignored():
            context.removeJobTag(tag)


def _tell_uncounted(failure: Exception) -> None:
    # Failures of the JVM bring their whole trace along.
    why = (str(failure).splitlines() or [""])[0]
    log.warning(
        "Spark does not tell how many tasks are done; progress is without them: %s: %s", type(failure).__name__, why
    )
    log.debug("that Spark tells nothing of its tasks is due to", exc_info=failure)


@contextmanager
def watched(stage: str, place: str, every: float, count: Count, **known: int) -> Iterator[None]:
    """Logs how far the stage is, `every` so many seconds, 0 for never, from a thread that ends with it.

    Nothing that goes wrong in the thread reaches the run, and it keeps no process alive.

    Args:
        stage: What is watched.
        place: What to say of its place among the others, such as `, stage 3 of 9`.
        every: In seconds.
        count: Counts the tasks.
        known: Further fields of the lines.
    """
    if not every:
        yield
        return
    started, ended, telling = time.monotonic(), threading.Event(), threading.Lock()

    def tell() -> None:
        while not ended.wait(every):
            with _ignored():
                tasks = count()
                seconds = time.monotonic() - started
                words = f", {tasks.done} of {tasks.total} tasks" if tasks and tasks.total else ""
                more = {"tasks_done": tasks.done, "tasks_total": tasks.total} if tasks else {}
                extra = fields("progress", stage=stage, seconds=round(seconds, 3), **known, **more)
                with telling:
                    if not ended.is_set():
                        log.info("%s: %.0f s so far%s%s", stage, seconds, words, place, extra=extra)

    # The thread logs for the run that this one is in.
    context = contextvars.copy_context()
    threading.Thread(target=lambda: context.run(tell), name="buzzsaw-progress", daemon=True).start()
    try:
        yield
    finally:
        # No line of a stage comes after its end.
        with telling:
            ended.set()


@contextmanager
def _ignored() -> Iterator[None]:
    try:
        yield
    except Exception:
        log.debug("the progress of a stage could not be told", exc_info=True)
