"""One Spark session for all tests that need one, and the end of a run's time."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[1]

#: The second since 1970 after which no test starts, for runs that have a limit.
END = float(os.environ.get("TESTS_END", "inf"))

#: The tests that would have started after that.
LATE = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """No test is late yet."""
    config.stash[LATE] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what would start too late, before its fixtures are set up."""
    if time.time() > END:
        item.config.stash[LATE].append(item.nodeid)
        pytest.skip("the time of this run is over (TESTS_END)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says how many tests that were."""
    if late := len(config.stash[LATE]):
        terminalreporter.write_line(f"{late} tests were not started: the time of this run was over (TESTS_END)")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local session with Delta, whose jars are resolved once for each Spark, and with each runtime that it has."""
    import pyspark
    from buzzsaw.spark import jar_path, local_session
    from buzzsaw.spark.versions import has_operator

    operator = has_operator(pyspark.__version__)
    line = ".".join(pyspark.__version__.split(".")[:2])
    jars = ROOT / "build" / ("delta-jars" if operator else f"delta-jars-{line}")
    subprocess.run([ROOT / "tools" / "resolve_delta_jars.sh", jars, line], check=True)
    warehouse = tmp_path_factory.mktemp("warehouse")
    settings = {"spark.sql.warehouse.dir": str(warehouse)}
    session = local_session("buzzsaw-tests", jars, settings=settings, buzzsaw_jar=jar_path() if operator else None)
    yield session
    session.stop()
