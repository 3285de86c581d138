"""Sessions: which are refused, and a local one with Delta for demos and tests; on a cluster spark-submit makes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from py4j.java_gateway import JavaClass  # type: ignore[import-untyped]
from pyspark import SparkContext
from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError, IoError, MissingInputError
from buzzsaw.spark.jvm import jvm_settings
from buzzsaw.spark.versions import ANSI


def is_of_connect(thing: Any) -> bool:
    """Whether a session or a DataFrame is one of Spark Connect."""
    return type(thing).__module__.startswith("pyspark.sql.connect")


def check_classic(frame: Any, place: str = "df") -> None:
    """Refuses a DataFrame of Spark Connect.

    Raises:
        InvalidValueError: when it is one.
    """
    if is_of_connect(frame):
        raise InvalidValueError.of(
            "the DataFrame is one of Spark Connect, whose client reaches neither the executors' files nor the plan",
            place=place,
            hint="use a classic session, SparkSession.builder.master(...); or transform df.toArrow() on this machine",
        )


@contextmanager
def unless_set(session: SparkSession, key: str, value: str) -> Iterator[None]:
    """Sets a setting of the session for a while; what the user has set stays."""
    if session.conf.get(key, None) is not None:
        yield
        return
    session.conf.set(key, value)
    try:
        yield
    finally:
        session.conf.unset(key)


def small_cached_batches(session: SparkSession) -> AbstractContextManager[None]:
    """Cached tables in batches of 500 rows, unless the user says otherwise.

    While a batch goes to disk Java's serializer holds the last hundred (`spark.serializer.objectStreamReset`); with
    Spark's 10,000 rows a batch that was more than the heap of a worker of 1 GiB (docs/deploy/standalone.md).
    """
    return unless_set(session, "spark.sql.inMemoryColumnarStorage.batchSize", "500")


def local_session(
    app_name: str,
    delta_jars: Path,
    *,
    cores: int = 2,
    memory: str = "2g",
    settings: Mapping[str, str] | None = None,
    buzzsaw_jar: Path | None = None,
) -> SparkSession:
    """Starts a Spark session in this process, with Delta's jars from the folder `delta_jars`.

    Workers run this interpreter. Further `settings` go over those here. With `buzzsaw_jar`, see `jar_path`, transforms
    can run with `runtime="jvm"`.

    Raises:
        IoError: when the folder has no Delta jar.
        MissingInputError: when an earlier session of this process has started Spark's JVM without Delta's jars; no
            session is left running that was not before.
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
        **ANSI,
        # Batches of huge rows are bounded by bytes as well as by rows.
        "spark.sql.execution.arrow.maxBytesPerBatch": str(64 << 20),
        # The defaults are for clusters: 200 and 50 tasks for a few rows each.
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **(settings or {}),
    }
    if buzzsaw_jar is not None:
        config = jvm_settings(buzzsaw_jar, config)
    builder = SparkSession.builder.master(f"local[{cores}]").appName(app_name)
    for key, value in config.items():
        builder = builder.config(key, value)
    running = SparkContext._active_spark_context is not None
    session = builder.getOrCreate()
    jvm: Any = session.sparkContext._jvm
    if not isinstance(jvm.io.delta.tables.DeltaTable, JavaClass):
        if not running:
            session.stop()
        raise MissingInputError.of(
            "Spark's JVM of this process was started by a session without Delta's jars and takes no more",
            place="spark.jars",
            hint="start Python, or the notebook's kernel, anew",
        )
    session.sparkContext.setLogLevel("ERROR")
    return session
