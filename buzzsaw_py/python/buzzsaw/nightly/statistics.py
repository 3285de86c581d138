"""What the report says of the training table, computed by Spark in a few passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as fn

from buzzsaw import Pipeline
from buzzsaw.rows import FINGERPRINT, FINGERPRINT_SERVED
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: The quantiles of a dense feature.
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class DenseStatistics:
    """One dense feature. Statistics are over finite values; all are `None` when there is none."""

    name: str
    missing: int
    infinite: int
    mean: float | None
    deviation: float | None
    least: float | None
    most: float | None
    quantiles: tuple[float, ...]
    label_correlation: float | None
    #: Edges and counts of a histogram between the 1st and 99th percentile; what lies outside is in the end bars.
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class SparseStatistics:
    """One sparse feature."""

    name: str
    columns: int
    entries: int
    empty_rows: int
    most_entries: int
    #: How many rows have how many entries.
    row_sizes: dict[int, int]


@dataclass(frozen=True)
class TableStatistics:
    """The whole table."""

    rows: int
    qids: int
    groups: int
    labels: dict[str, int]
    group_sizes: dict[int, int]
    #: Rows and qids of each fold.
    folds: dict[int, tuple[int, int]]
    #: Rows whose features as trained differ from those as served; `None` when folds change nothing.
    differ_from_served: int | None
    dense: tuple[DenseStatistics, ...]
    sparse: tuple[SparseStatistics, ...]


def measure(table: DataFrame, pipeline: Pipeline, bins: int) -> TableStatistics:
    """Statistics of a training table that `pipeline` made."""
    table = table.persist()
    try:
        return _measure(table, pipeline, bins)
    finally:
        table.unpersist()


def _measure(table: DataFrame, pipeline: Pipeline, bins: int) -> TableStatistics:
    # Everything about whole rows comes from these counts: they are few beside the rows.
    served = fn.col(FINGERPRINT_SERVED) if FINGERPRINT_SERVED in table.columns else fn.col(FINGERPRINT)
    keys = table.withColumn("differ", fn.col(FINGERPRINT) != served).groupBy("group_id", "qid", "fold", "label")
    counts = keys.agg(fn.count("*").alias("rows"), fn.count_if("differ").alias("differ")).persist()
    try:
        labels = _sums(counts, "label")
        group_sizes = _counts(counts.groupBy("group_id").agg(fn.sum("rows").alias("size")), "size")
        folds = counts.groupBy("fold").agg(fn.sum("rows").alias("rows"), fn.countDistinct("qid").alias("qids"))
        whole = counts.agg(fn.countDistinct("qid").alias("qids"), fn.sum("differ").alias("differ")).collect()[0]
        return TableStatistics(
            rows=sum(labels.values()),
            qids=whole["qids"],
            groups=sum(group_sizes.values()),
            labels={"missing" if label is None else f"{label:g}": rows for label, rows in labels.items()},
            group_sizes=group_sizes,
            folds={row["fold"]: (row["rows"], row["qids"]) for row in folds.orderBy("fold").collect()},
            differ_from_served=whole["differ"] or 0 if FINGERPRINT_SERVED in table.columns else None,
            dense=_dense(table, pipeline.dense_names, bins),
            sparse=_sparse(table, pipeline.sparse_columns),
        )
    finally:
        counts.unpersist()


def _sums(counts: DataFrame, name: str) -> dict[Any, int]:
    found = counts.groupBy(name).agg(fn.sum("rows").alias("rows")).orderBy(name)
    return {row[name]: row["rows"] for row in found.collect()}


def _counts(table: DataFrame, name: str) -> dict[Any, int]:
    return {row[name]: row["count"] for row in table.groupBy(name).count().orderBy(name).collect()}


def _finite(name: str) -> Column:
    value = columns.column(name).cast("double")
    return fn.when(~fn.isnan(value) & (fn.abs(value) != float("inf")), value)


def _dense(table: DataFrame, names: list[str], bins: int) -> tuple[DenseStatistics, ...]:
    if not names:
        return ()
    label = fn.col("label").cast("double")
    values = fn.posexplode(fn.array(*(columns.column(name).cast("double") for name in names)))
    value = fn.col("value")
    finite = fn.when(~fn.isnan(value) & (fn.abs(value) != float("inf")), value)
    aggregates = [
        fn.count_if(fn.isnan(value)).alias("missing"),
        fn.count_if(fn.abs(value) == float("inf")).alias("infinite"),
        fn.avg(finite).alias("mean"),
        fn.stddev_pop(finite).alias("deviation"),
        fn.min(finite).alias("least"),
        fn.max(finite).alias("most"),
        fn.percentile_approx(finite, list(QUANTILES), 10_000).alias("quantiles"),
        fn.covar_pop(finite, fn.col("label")).alias("covariance"),
        fn.stddev_pop(fn.when(finite.isNotNull(), fn.col("label"))).alias("label_deviation"),
        fn.stddev_pop(fn.when(fn.col("label").isNotNull(), finite)).alias("paired_deviation"),
    ]
    exploded = table.select(label.alias("label"), values.alias("feature", "value"))
    found = {row["feature"]: row for row in exploded.groupBy("feature").agg(*aggregates).collect()}
    if not found:
        return ()
    quantiles = [tuple(found[i]["quantiles"] or ()) for i in range(len(names))]
    bounds = [(q[0], q[-1]) if q else (0.0, 0.0) for q in quantiles]
    counts = _histograms(table, names, bounds, bins)
    statistics = []
    for i, name in enumerate(names):
        low, high = bounds[i]
        edges = tuple(low + (high - low) * k / bins for k in range(bins + 1)) if high > low else ()
        # Not Spark's corr: in ANSI mode it fails on a feature of one value.
        spread = (found[i]["label_deviation"] or 0.0) * (found[i]["paired_deviation"] or 0.0)
        correlation = found[i]["covariance"] / spread if spread else None
        statistics.append(
            DenseStatistics(
                name=name,
                missing=found[i]["missing"],
                infinite=found[i]["infinite"],
                mean=found[i]["mean"],
                deviation=found[i]["deviation"],
                least=found[i]["least"],
                most=found[i]["most"],
                quantiles=quantiles[i],
                label_correlation=correlation,
                edges=edges,
                counts=counts[i] if edges else (),
            )
        )
    return tuple(statistics)


def _histograms(
    table: DataFrame, names: list[str], bounds: list[tuple[float, float]], bins: int
) -> list[tuple[int, ...]]:
    """Counts by bar of all features, in one pass."""
    bars = []
    for name, (low, high) in zip(names, bounds, strict=True):
        # width_bucket gives 0 and bins + 1 for what lies outside; bounds must differ.
        value = _finite(name)
        bar = fn.width_bucket(value, fn.lit(low), fn.lit(high if high > low else low + 1.0), fn.lit(bins))
        # `greatest` skips nulls: without the condition missing values would fall in the first bar.
        bars.append(fn.when(value.isNotNull(), fn.least(fn.greatest(bar, fn.lit(1)), fn.lit(bins)) - 1))
    exploded = table.select(fn.posexplode(fn.array(*bars)).alias("feature", "bar")).where("bar is not null")
    counts = [[0] * bins for _ in names]
    for row in exploded.groupBy("feature", "bar").count().collect():
        counts[row["feature"]][row["bar"]] = row["count"]
    return [tuple(one) for one in counts]


def _sparse(table: DataFrame, widths: Mapping[str, int]) -> tuple[SparseStatistics, ...]:
    if not widths:
        return ()
    sizes = fn.array(*(fn.size(columns.column(name)["indices"]) for name in widths))
    found = table.select(fn.posexplode(sizes).alias("part", "size")).groupBy("part", "size").count().collect()
    statistics = []
    for part, (name, width) in enumerate(widths.items()):
        rows = {row["size"]: row["count"] for row in sorted(found, key=lambda row: row["size"]) if row["part"] == part}
        statistics.append(
            SparseStatistics(
                name=name,
                columns=width,
                entries=sum(size * count for size, count in rows.items()),
                empty_rows=rows.get(0, 0),
                most_entries=max(rows, default=0),
                row_sizes=rows,
            )
        )
    return tuple(statistics)
