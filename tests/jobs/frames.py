"""Tables on Spark and back, alike with every PySpark that the library runs on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw.spark.versions import to_arrow

if TYPE_CHECKING:
    from pyspark import Accumulator
    from pyspark.sql import DataFrame, SparkSession


def on_spark(spark: SparkSession, table: pa.Table) -> DataFrame:
    """The rows of a table, through a file: PySpark 3.5 takes no Arrow table."""
    folder = Path(urlparse(spark.conf.get("spark.sql.warehouse.dir")).path)
    folder.mkdir(exist_ok=True)
    path = folder / f"{uuid.uuid4()}.parquet"
    pq.write_table(table, path)
    return spark.read.parquet(str(path))


def rows_of(frame: DataFrame) -> list[dict[str, Any]]:
    """All rows, with times in UTC."""
    return to_arrow(frame).to_pylist()


def counting(frame: DataFrame, counted: Accumulator[int]) -> DataFrame:
    """The frame, whose rows add to an accumulator each time that Spark computes them."""

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            counted.add(batch.num_rows)
            yield batch

    return frame.mapInArrow(count, frame.schema)


def cached(session: SparkSession) -> int:
    """How many frames the session has cached."""
    manager = session._jsparkSession.sharedState().cacheManager()
    # Spark 3.5 has no method that counts them.
    field = manager.getClass().getDeclaredField("cachedData")
    field.setAccessible(True)
    return int(field.get(manager).size())
