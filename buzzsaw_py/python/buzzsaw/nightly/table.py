"""The training table."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw import Pipeline
from buzzsaw.errors import InternalError
from buzzsaw.spark import columns, transform

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The columns in front of the features.
KEYS = ("qid", "group_id", "product_id", "label", "fold")


def training_rows(pairs: DataFrame, pipeline: Pipeline, roles: dict[str, str]) -> DataFrame:
    """Keys, `weight` where the spec has one, features as trained, and fingerprints; one row a pair.

    Args:
        pairs: The joined rows.
        pipeline: What to compute.
        roles: The names of the columns that hold `label` and, perhaps, `weight`.
    """
    for role, name in roles.items():
        if name != role:
            pairs = pairs.withColumn(role, columns.column(name))
    keep = KEYS + (("weight",) if "weight" in roles else ())
    return transform(pairs, pipeline, mode="train", keep=keep, groups="group_id")


def write_version(rows: DataFrame, path: str, run: str) -> int:
    """Replaces the content of the Delta table with `rows`, in one commit, and returns the version that made.

    Older versions stay, for the manifests that name them, until VACUUM removes their files.
    """
    # Another writer may commit right after: the version is found by a name that only this commit has.
    attempt = str(uuid.uuid4())
    metadata = json.dumps({"run": run, "attempt": attempt})
    writer = rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    writer.option("userMetadata", metadata).save(path)
    quoted = path.replace("`", "``")
    history = rows.sparkSession.sql(f"DESCRIBE HISTORY delta.`{quoted}`")
    found = history.where(fn.col("userMetadata") == metadata).collect()
    if len(found) != 1:
        raise InternalError.of(f"{len(found)} versions of the table have this run's mark", place=path)
    return int(found[0]["version"])


def read_version(session: SparkSession, path: str, version: int) -> DataFrame:
    """The table as a manifest names it."""
    return session.read.format("delta").option("versionAsOf", version).load(path)
