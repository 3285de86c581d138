"""What jobs read: tables, and the normalised query that names one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from delta.tables import DeltaTable
from pyspark.errors import AnalysisException
from pyspark.sql import functions as fn

from buzzsaw.errors import IoError
from buzzsaw.jobs import delta
from buzzsaw.jobs.hadoop import delta_is_missing
from buzzsaw.spark.versions import condition

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession


@dataclass(frozen=True)
class InputTable:
    """A table as this run reads it, pinned to one version where its format has versions."""

    path: str
    format: str
    version: int | None
    rows: DataFrame


def read_table(session: SparkSession, path: str) -> InputTable:
    """Reads a Delta table at its newest version, or Parquet; a folder with a Delta log is Delta.

    Raises:
        IoError: when there is nothing at the path.
        MissingInputError: when Spark runs without Delta's jars.
    """
    try:
        is_delta = DeltaTable.isDeltaTable(session, path)
    except TypeError as error:  # what py4j makes of a class that is not there
        raise delta_is_missing() from error
    if not is_delta:
        try:
            return InputTable(path, "parquet", None, session.read.parquet(path))
        except AnalysisException as error:
            raise IoError.of(
                f"cannot read the table: {condition(error)}",
                place=path,
                hint="give a Parquet file or folder, or a Delta table",
            ) from error
    version = delta.newest_version(session, path)
    rows = session.read.format("delta").option("versionAsOf", version).load(path)
    return InputTable(path, "delta", version, rows)


def qid_of(query: Column) -> Column:
    """The normalised query: runs of Unicode white space are one space, none at the ends, lower case.

    It names the query in tables, is what behaviour is counted by and decides the fold; features read the query as it
    was typed. The case mapping is Spark's (ICU's, in Spark 3.5 Java's) and the same under every locale of a machine:
    the letters that Turkish, Azerbaijani and Lithuanian map otherwise are mapped first.
    """
    spaced = fn.trim(fn.regexp_replace(query, r"(?U)\s+", " "))
    return fn.lower(fn.replace(fn.translate(spaced, "IJĮÌÍĨ", "ijįìíĩ"), fn.lit("İ"), fn.lit("i̇")))
