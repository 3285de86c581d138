"""What made the features of a table of the nightly job, by the event log that Spark wrote of the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: The operator of each runtime of a transform.
OPERATORS = {"python": "MapInArrow", "jvm": "BuzzsawFeatures"}

#: The command that writes a Delta table, of the plan's text.
_SAVE = re.compile(r"SaveIntoDataSourceCommand\nArguments: .*\bpath=([^,\]]+)")

_START = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart"


def event_log(folder: Path) -> dict[str, str]:
    """Settings of a session that logs its events in a folder, which is made."""
    folder.mkdir(exist_ok=True)
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }


@contextmanager
def logged(session: SparkSession, folder: Path) -> Iterator[None]:
    """Logs the events of a session that runs already."""
    context, jvm = session.sparkContext._jsc.sc(), session._jvm
    conf = context.getConf()
    for key, value in event_log(folder).items():
        conf.set(key, value)
    attempt = context.applicationAttemptId()
    log = jvm.org.apache.spark.scheduler.EventLoggingListener("run", attempt, jvm.java.net.URI(folder.as_uri()), conf)
    log.start()
    context.addSparkListener(log)
    try:
        yield
        context.listenerBus().waitUntilEmpty(120_000)
    finally:
        context.removeSparkListener(log)
        log.stop()


def runtimes(folder: Path) -> dict[str, set[str]]:
    """For each Delta table that was written, by its folder's name, the runtimes whose operator was in what wrote it."""
    (log,) = (path for path in folder.iterdir() if not path.name.startswith("."))
    events = map(json.loads, log.read_text("utf-8").splitlines())
    starts = [event for event in events if event["Event"] == _START]
    tables = {
        event["executionId"]: Path(found[1]).name
        for event in starts
        if (found := _SAVE.search(event["physicalPlanDescription"]))
    }
    made: dict[str, set[str]] = {table: set() for table in tables.values()}
    for event in starts:
        # Delta writes the files in an execution of its own, within that of the command.
        if (table := tables.get(event["rootExecutionId"])) is not None:
            nodes = set(_nodes(event["sparkPlanInfo"]))
            made[table] |= {runtime for runtime, operator in OPERATORS.items() if operator in nodes}
    return made


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["nodeName"]
    for child in plan["children"]:
        yield from _nodes(child)
