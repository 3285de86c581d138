"""What the report says of the training table, computed by Spark in a few passes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pyspark.sql import functions as fn

from buzzsaw import Pipeline
from buzzsaw.jobs.caching import cached
from buzzsaw.jobs.manifest import Described
from buzzsaw.nightly.divergence import DECILES, edges_of, next_f32
from buzzsaw.nightly.histograms import Wanted, finite_part, histograms
from buzzsaw.rows import FINGERPRINT, FINGERPRINT_SERVED
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The quantiles of a dense feature.
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)

#: Labels that are named, at most: the driver and later runs hold no more of a label that is not graded.
MOST_LABELS = 200

#: What rows without a label, and rows with one of the labels that are not named, are counted as.
MISSING, OTHER = "missing", "other"


@dataclass(frozen=True)
class DenseStatistics:
    """One dense feature. Statistics are over finite values; all are null when there is none."""

    name: Annotated[str, Described("The feature.")]
    missing: Annotated[int, Described("Rows in which it is missing.", minimum=0)]
    infinite: Annotated[int, Described("Rows in which it is infinite.", minimum=0)]
    mean: Annotated[float | None, Described("The mean, to 12 digits of the greatest magnitude.")]
    deviation: Annotated[float | None, Described("The standard deviation, ddof 0, to as many.")]
    least: Annotated[float | None, Described("The least value.")]
    most: Annotated[float | None, Described("The greatest value.")]
    quantiles: Annotated[
        tuple[float, ...], Described("At 1%, 25%, 50%, 75% and 99%, off by at most 1/10,000 of the rows; or empty.")
    ]
    label_correlation: Annotated[
        float | None,
        Described("Pearson's correlation with the label, to 12 decimal places; null when one has no spread."),
    ]
    edges: Annotated[
        tuple[float, ...], Described("Edges of a histogram from the 1st to the 99th percentile; empty without spread.")
    ]
    counts: Annotated[tuple[int, ...], Described("Its counts; what lies outside is in the end bars.")]
    bins: Annotated[
        tuple[float, ...],
        Described(
            "Edges of bins for later runs, at this run's deciles: bin i has the values v with "
            "edge[i - 1] <= v < edge[i]. A value that several deciles share has a bin of its own."
        ),
    ]
    bin_counts: Annotated[
        tuple[int, ...], Described("Rows by these bins, then those at minus infinity, at infinity, and missing.")
    ]
    reference_counts: Annotated[
        tuple[int, ...], Described("The same by the bins of the run that this one is compared with; or empty.")
    ]


@dataclass(frozen=True)
class SparseStatistics:
    """One sparse feature."""

    name: Annotated[str, Described("The feature.")]
    columns: Annotated[int, Described("How many columns it has.", minimum=0)]
    entries: Annotated[int, Described("Entries of all rows.", minimum=0)]
    empty_rows: Annotated[int, Described("Rows without an entry.", minimum=0)]
    most_entries: Annotated[int, Described("Entries of the fullest row.", minimum=0)]
    row_sizes: Annotated[dict[int, int], Described("How many rows have how many entries.")]


@dataclass(frozen=True)
class TableStatistics:
    """The whole table."""

    rows: Annotated[int, Described("Its rows.", minimum=0)]
    qids: Annotated[int, Described("Normalised queries.", minimum=0)]
    groups: Annotated[int, Described("Groups.", minimum=0)]
    labels: Annotated[
        dict[str, int],
        Described(
            "Rows by label, of the 200 most frequent ones; `missing` are those without, `other` of all the rest."
        ),
    ]
    distinct_labels: Annotated[int, Described("How many labels there are; missing is none.", minimum=0)]
    label_mean: Annotated[float | None, Described("The mean of finite labels, to 12 digits of the greatest magnitude.")]
    group_sizes: Annotated[dict[int, int], Described("How many groups have how many rows.")]
    folds: Annotated[dict[int, tuple[int, int]], Described("Rows and qids of each fold.")]
    differ_from_served: Annotated[
        int | None,
        Described("Rows whose features as trained differ from those as served; null when folds change nothing."),
    ]
    dense: Annotated[tuple[DenseStatistics, ...], Described("The dense features, in the order of the spec.")]
    sparse: Annotated[tuple[SparseStatistics, ...], Described("The sparse features, in the order of the spec.")]


def measure(
    table: DataFrame, pipeline: Pipeline, bins: int, reference: Mapping[str, Sequence[float]] | None = None
) -> TableStatistics:
    """Statistics of a training table that `pipeline` made.

    Args:
        table: The table; it is read several times.
        pipeline: What made it.
        bins: Bars of a histogram.
        reference: Edges of the bins of earlier runs, by dense feature.
    """
    # Everything about whole rows comes from these counts: they are few beside the rows.
    served = fn.col(FINGERPRINT_SERVED) if FINGERPRINT_SERVED in table.columns else fn.col(FINGERPRINT)
    keys = table.withColumn("differ", fn.col(FINGERPRINT) != served).groupBy("group_id", "qid", "fold", "label")
    counted = keys.agg(fn.count("*").alias("rows"), fn.count_if("differ").alias("differ"))
    with cached(counted) as counts:
        labels = label_statistics(counts)
        group_sizes = _counts(counts.groupBy("group_id").agg(fn.sum("rows").alias("size")), "size")
        # A query is in one fold, so those of all folds are all.
        of_fold = (
            fn.sum("rows").alias("rows"),
            fn.countDistinct("qid").alias("qids"),
            fn.sum("differ").alias("differ"),
        )
        by_fold = sorted(counts.groupBy("fold").agg(*of_fold).collect(), key=lambda row: row["fold"])
    return TableStatistics(
        rows=sum(row["rows"] for row in by_fold),
        qids=sum(row["qids"] for row in by_fold),
        groups=sum(group_sizes.values()),
        labels=labels.rows,
        distinct_labels=labels.distinct,
        label_mean=labels.mean,
        group_sizes=group_sizes,
        folds={row["fold"]: (row["rows"], row["qids"]) for row in by_fold},
        differ_from_served=sum(row["differ"] for row in by_fold) if FINGERPRINT_SERVED in table.columns else None,
        dense=_dense(table, pipeline.dense_names, bins, reference or {}),
        sparse=_sparse(table, pipeline.sparse_columns),
    )


class Labels(NamedTuple):
    """The labels of a table."""

    #: Rows by label as text, ascending after those that are missing (null and NaN) and before all others.
    rows: dict[str, int]
    distinct: int
    mean: float | None


def label_statistics(counts: DataFrame, most: int = MOST_LABELS) -> Labels:
    """The labels; the driver holds `most` of them, the most frequent ones, among equals the smaller ones.

    Args:
        counts: `label`, a number or a bool, and how many `rows` have it; a label may have several counts.
        most: How many labels are named.
    """
    # As text they have six digits: those that are then the same are still one each here.
    number = fn.col("label").cast("double")
    value = fn.nanvl(number, fn.lit(None).cast("double"))
    by_label = counts.groupBy(value.alias("label")).agg(fn.sum("rows").alias("rows"))
    finite = finite_part(number)
    whole = by_label.agg(
        fn.sum("rows").alias("rows"),
        fn.count("label").alias("distinct"),
        fn.sum(fn.when(fn.col("label").isNull(), fn.col("rows"))).alias("missing"),
        fn.sum(finite * fn.col("rows")).alias("sum"),
        fn.sum(fn.when(finite.isNotNull(), fn.col("rows"))).alias("finite"),
        fn.max(fn.abs(finite)).alias("scale"),
    ).collect()[0]
    there = by_label.where(fn.col("label").isNotNull())
    kept = there.orderBy(fn.col("rows").desc(), "label").limit(most).collect()
    rows = {MISSING: whole["missing"]} if whole["missing"] else {}
    for row in sorted(kept, key=lambda row: row["label"]):
        name = f"{row['label']:g}"
        rows[name] = rows.get(name, 0) + row["rows"]
    if whole["distinct"] > len(kept):
        rows[OTHER] = whole["rows"] - sum(rows.values())
    mean = _rounded(whole["sum"] / whole["finite"], whole["scale"]) if whole["finite"] else None
    return Labels(rows, whole["distinct"], mean)


def _counts(table: DataFrame, name: str) -> dict[Any, int]:
    return dict(sorted((row[name], row["count"]) for row in table.groupBy(name).count().collect()))


def _dense(
    table: DataFrame, names: list[str], bins: int, reference: Mapping[str, Sequence[float]]
) -> tuple[DenseStatistics, ...]:
    if not names:
        return ()
    label = finite_part(fn.col("label").cast("double"))
    values = fn.posexplode(fn.array(*(columns.column(name).cast("double") for name in names)))
    value = fn.col("value")
    finite = finite_part(value)
    aggregates = [
        fn.count_if(fn.isnan(value)).alias("missing"),
        fn.count_if(fn.abs(value) == float("inf")).alias("infinite"),
        fn.avg(finite).alias("mean"),
        fn.stddev_pop(finite).alias("deviation"),
        fn.min(finite).alias("least"),
        fn.max(finite).alias("most"),
        fn.covar_pop(finite, fn.col("label")).alias("covariance"),
        fn.stddev_pop(fn.when(finite.isNotNull(), fn.col("label"))).alias("label_deviation"),
        fn.stddev_pop(fn.when(fn.col("label").isNotNull(), finite)).alias("paired_deviation"),
    ]
    exploded = table.select(label.alias("label"), values.alias("feature", "value"))
    by_feature = exploded.groupBy("feature")
    found = {row["feature"]: row for row in by_feature.agg(*aggregates).collect()}
    if not found:
        return ()
    # By itself: Spark compiles the aggregates above, but none beside one like this.
    at_shares = by_feature.agg(fn.percentile_approx(finite, [*QUANTILES, *DECILES], 10_000).alias("values")).collect()
    of_feature = {row["feature"]: tuple(row["values"] or ()) for row in at_shares}
    quantiles = [of_feature[i] for i in range(len(names))]
    wanted = [
        Wanted(name, at[0], at[len(QUANTILES) - 1], edges_of(at[len(QUANTILES) :], next_f32), reference.get(name))
        if at
        else Wanted(name, 0.0, 0.0, [], reference.get(name))
        for name, at in zip(names, quantiles, strict=True)
    ]
    counted = histograms(table, wanted, bins)
    statistics = []
    for i, (one, counts) in enumerate(zip(wanted, counted, strict=True)):
        # Not Spark's corr: in ANSI mode it fails on a feature of one value.
        spread = (found[i]["label_deviation"] or 0.0) * (found[i]["paired_deviation"] or 0.0)
        correlation = found[i]["covariance"] / spread if spread else None
        scale = max(abs(found[i]["least"] or 0.0), abs(found[i]["most"] or 0.0))
        edges = tuple(one.low + (one.high - one.low) * k / bins for k in range(bins + 1)) if one.high > one.low else ()
        statistics.append(
            DenseStatistics(
                name=one.name,
                missing=found[i]["missing"],
                infinite=found[i]["infinite"],
                mean=_rounded(found[i]["mean"], scale),
                deviation=_rounded(found[i]["deviation"], scale),
                least=found[i]["least"],
                most=found[i]["most"],
                quantiles=quantiles[i][: len(QUANTILES)],
                label_correlation=_rounded(correlation, 1.0),
                edges=edges,
                counts=counts.bars if edges else (),
                bins=tuple(one.own),
                bin_counts=counts.own,
                reference_counts=counts.reference,
            )
        )
    return tuple(statistics)


def _rounded(value: float | None, scale: float) -> float | None:
    """To 12 decimal places of `scale`: below it are the bits of Spark's sums that its order of partitions decides."""
    if value is None or not math.isfinite(value):
        return None
    return round(value, 12 - math.ceil(math.log10(scale))) + 0.0 if scale else 0.0


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
