"""A local Spark session with Delta, for demos and tests; on a cluster spark-submit makes the session."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pyspark.sql import SparkSession

from buzzsaw.errors import IoError


def local_session(
    app_name: str,
    delta_jars: Path,
    *,
    cores: int = 2,
    memory: str = "2g",
    settings: Mapping[str, str] | None = None,
) -> SparkSession:
    """Starts a Spark session in this process, with Delta's jars from the folder `delta_jars`.

    Workers run this interpreter. Further `settings` go over those here.

    Raises:
        IoError: when the folder has no Delta jar.
    """
    jars = sorted(str(jar) for jar in delta_jars.glob("*.jar"))
    if not any("delta-spark" in jar for jar in jars):
        raise IoError.of(
            "there are no Delta jars in the folder",
            place=str(delta_jars),
            hint="run tools/resolve_delta_jars.sh",
        )
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    config = {
        "spark.jars": ",".join(jars),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        # Batches of huge rows are bounded by bytes as well as by rows.
        "spark.sql.execution.arrow.maxBytesPerBatch": str(64 << 20),
        # The defaults are for clusters: 200 and 50 tasks for a few rows each.
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **(settings or {}),
    }
    builder = SparkSession.builder.master(f"local[{cores}]").appName(app_name)
    for key, value in config.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
