"""One Spark session for all tests that need one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[1]


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
