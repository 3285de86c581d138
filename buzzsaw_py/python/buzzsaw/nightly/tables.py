"""The rows of the three tables that a run writes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw import Pipeline
from buzzsaw.jobs.delta import DATE
from buzzsaw.nightly.checking import REASONS, CheckedRows
from buzzsaw.nightly.inputs import PRODUCT, QUERY
from buzzsaw.spark import columns, transform

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The folders of the tables, in the output, and their names in manifests.
TRAINING, DOCUMENTS, REJECTED = "training", "documents", "rejected"

#: The columns of the training table between the date and the features.
KEYS = ("qid", "group_id", "product_id", "label", "fold")

#: The content hash of the artifact behind a row and its fingerprint.
ARTIFACT = "artifact"


def training_rows(pairs: DataFrame, pipeline: Pipeline, roles: dict[str, str], day: date) -> DataFrame:
    """Date, keys, `weight` where the spec has one, features as trained, fingerprints, artifact; one row a pair.

    Args:
        pairs: The joined rows.
        pipeline: What to compute.
        roles: The names of the columns that hold `label` and, perhaps, `weight`.
        day: The date of the run.
    """
    keys = KEYS + (("weight",) if "weight" in roles else ())
    columns.check_distinct(keys, pipeline.feature_names)
    # Aside: the spec may read other inputs that are called `label` or `weight`.
    aside = {role: f"__{role}" for role in roles}
    pairs = pairs.withColumns({aside[role]: columns.column(name) for role, name in roles.items()})
    rows = transform(pairs, pipeline, mode="train", keep=[aside.get(key, key) for key in keys], groups="group_id")
    return _dated(rows.withColumnsRenamed({name: role for role, name in aside.items()}), pipeline, day)


def document_pipeline(pipeline: Pipeline) -> Pipeline | None:
    """The features that depend on documents alone; `None` when there is none."""
    names = pipeline.features_of_side("document")
    return pipeline.select(names) if names else None


def document_rows(products: DataFrame, pipeline: Pipeline, day: date) -> DataFrame:
    """Date, product, features as served, fingerprint, artifact; one row a product.

    Args:
        products: The accepted products.
        pipeline: That of `document_pipeline`.
        day: The date of the run.
    """
    return _dated(transform(products, pipeline, keep=[PRODUCT]), pipeline, day)


def rejected_rows(checked: dict[str, CheckedRows], day: date) -> DataFrame:
    """Date, input, keys as text, reasons, and the row as JSON; one row a rejected one."""
    parts = []
    # A rejected row reads the same whatever the session's time zone.
    as_json = {"ignoreNullFields": "false", "timeZone": "UTC"}
    for name, rows in checked.items():
        held = [column for column in rows.rows.columns if column != REASONS]
        whole = fn.to_json(fn.struct(*map(columns.column, held)), as_json)
        query = fn.col(QUERY) if name == "judgments" else fn.lit(None)
        parts.append(
            rows.rejected_rows.select(
                fn.lit(day).alias(DATE),
                fn.lit(name).alias("input"),
                query.cast("string").alias(QUERY),
                fn.col(PRODUCT).cast("string").alias(PRODUCT),
                fn.col(REASONS).alias("reasons"),
                whole.alias("row"),
            )
        )
    rejected = parts[0]
    for part in parts[1:]:
        rejected = rejected.unionByName(part)
    return rejected


def _dated(rows: DataFrame, pipeline: Pipeline, day: date) -> DataFrame:
    columns.check_distinct([DATE, ARTIFACT], pipeline.feature_names)
    return rows.select(fn.lit(day).alias(DATE), "*", fn.lit(pipeline.content_hash).alias(ARTIFACT))
