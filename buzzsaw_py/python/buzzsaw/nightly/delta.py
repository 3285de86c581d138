"""Delta tables with one partition a date: writing a date, and reading the version that a manifest names."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.errors import InternalError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The column that partitions each table.
DATE = "date"


def write_date(rows: DataFrame, path: str, day: date) -> int:
    """Replaces the rows of one date with `rows`, in one commit, and returns the version that made.

    Older versions stay, for the manifests that name them, until VACUUM removes their files.
    """
    # Another writer may commit right after: the version is found by a name that only this commit has.
    metadata = json.dumps({"date": day.isoformat(), "attempt": str(uuid.uuid4())})
    writer = rows.write.format("delta").mode("overwrite").partitionBy(DATE).option("mergeSchema", "true")
    writer.option("replaceWhere", f"{DATE} = '{day}'").option("userMetadata", metadata).save(path)
    history = rows.sparkSession.sql("DESCRIBE HISTORY delta.`" + path.replace("`", "``") + "`")
    found = history.where(fn.col("userMetadata") == metadata).collect()
    if len(found) != 1:
        raise InternalError.of(f"{len(found)} versions of the table have this run's mark", place=path)
    return int(found[0]["version"])


def read_date(session: SparkSession, path: str, version: int, day: date) -> DataFrame:
    """The rows of a date in a version of the table."""
    rows = session.read.format("delta").option("versionAsOf", version).load(path)
    return rows.where(fn.col(DATE) == fn.lit(day))
