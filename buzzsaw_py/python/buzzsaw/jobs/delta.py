"""Delta tables with one partition a date: writing a date, and reading the version that a manifest names."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import date
from typing import TYPE_CHECKING

from delta.tables import DeltaTable
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import functions as fn

from buzzsaw.errors import InternalError, InvalidValueError, TypeMismatchError
from buzzsaw.jobs import retention
from buzzsaw.jobs.failures import full_disk
from buzzsaw.jobs.logs import fields
from buzzsaw.jobs.stages import reach
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

log = logging.getLogger("buzzsaw.jobs")

#: The column that partitions each table.
DATE = "date"


def newest_version(session: SparkSession, path: str) -> int:
    """The newest version of a Delta table."""
    return int(session.sql(f"DESCRIBE HISTORY {quoted(path)} LIMIT 1").collect()[0]["version"])


def write_date(rows: DataFrame, path: str, day: date, retention_days: int | None = None) -> int:
    """Replaces the rows of one date with `rows`, in one commit, and returns the version that has them.

    Columns that the table lacks are added to it, missing in the rows of other dates; columns that `rows` lack stay, and
    are missing in these. Older versions stay, for the manifests that name them, as long as the table keeps them.

    Args:
        rows: The rows, with the column `date`.
        path: The table; it is made when there is none.
        day: Their date.
        retention_days: How long the table keeps versions, see `retention`.

    Raises:
        TypeMismatchError: When a column has another type in the table; nothing is written.
        InvalidValueError: When the table there is not partitioned by date.
        IoError: When the disk is full.
    """
    check_types(rows.sparkSession, path, rows.schema)
    table = path.rsplit("/", 1)[-1]
    # Another writer may commit right after: the version is found by a name that only this commit has.
    metadata = json.dumps({"date": day.isoformat(), "attempt": str(uuid.uuid4())})
    writer = rows.write.format("delta").mode("overwrite").partitionBy(DATE).option("mergeSchema", "true")
    for name, value in retention.properties(retention_days).items():
        # Delta takes them when this makes the table, and only then.
        writer = writer.option(name, value)
    try:
        if DeltaTable.isDeltaTable(rows.sparkSession, path):
            retention.lengthen(rows.sparkSession, quoted(path), table, retention_days)
        reach(f"{table}: before the commit")
        writer.option("replaceWhere", f"{DATE} = '{day}'").option("userMetadata", metadata).save(path)
    except (Py4JError, PySparkException) as failure:
        # Which of the two, and around how many others, depends on what was being written.
        error = full_disk(failure, path)
        if error is None:
            raise
        raise error from failure
    reach(f"{table}: after the commit")
    version = _version_of(rows.sparkSession, path, metadata, day)
    told = {"table": table, "version": version, "path": path}
    log.info("%s: version %d is committed", table, version, extra=fields("commit", **told))
    return version


def _version_of(session: SparkSession, path: str, metadata: str, day: date) -> int:
    """The version that a commit with this metadata made.

    Raises:
        InternalError: When none or several have it.
    """
    history = session.sql(f"DESCRIBE HISTORY {quoted(path)}")
    found = history.where(fn.col("userMetadata") == metadata).collect()
    if len(found) == 1:
        return int(found[0]["version"])
    newest = newest_version(session, path)
    # Delta makes no version of a commit that neither adds nor removes a file.
    if not found and read_date(session, path, newest, day).isEmpty():
        return newest
    raise InternalError.of(f"{len(found)} versions of the table have this run's mark", place=path)


def check_types(session: SparkSession, path: str, schema: StructType) -> None:
    """Refuses columns whose type is not that of the table's columns of their names; see `write_date`."""
    if not DeltaTable.isDeltaTable(session, path):
        return
    parts = session.sql(f"DESCRIBE DETAIL {quoted(path)}").collect()[0]["partitionColumns"]
    if parts != [DATE]:
        raise InvalidValueError.of(
            "the table is not partitioned by date",
            place=path,
            hint="give another --output: an older library, or another job, wrote this one",
        )
    held = {field.name.lower(): field.dataType for field in session.read.format("delta").load(path).schema}
    problems = [
        {
            "code": TypeMismatchError.CODE,
            "message": f"would be of type {field.dataType.simpleString()}, and is of type "
            f"{held[field.name.lower()].simpleString()} in the rows of other dates",
            "place": f"{path}, column {field.name}",
            "hint": "give the feature another name with `name:` in the spec, or give another --output",
        }
        for field in schema
        if held.get(field.name.lower(), field.dataType).simpleString() != field.dataType.simpleString()
    ]
    if problems:
        raise TypeMismatchError(problems)


def read_date(session: SparkSession, path: str, version: int, day: date) -> DataFrame:
    """The rows of a date in a version of the table."""
    rows = session.read.format("delta").option("versionAsOf", version).load(path)
    return rows.where(fn.col(DATE) == fn.lit(day))


def read_columns(session: SparkSession, path: str, version: int, day: date, names: list[str]) -> DataFrame:
    """These columns alone; the table may have others, of other dates."""
    return read_date(session, path, version, day).select([columns.column(name) for name in names])


def quoted(path: str) -> str:
    """The table at a path, as SQL names it."""
    return "delta.`" + path.replace("`", "``") + "`"
