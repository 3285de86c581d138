"""The labels in the statistics of a table: how many the driver holds, against plain Python over all rows."""

from __future__ import annotations

import math

import pytest
from buzzsaw.nightly.report import render_labels
from buzzsaw.nightly.statistics import label_statistics
from pyspark.sql import functions as fn

#: Rows by label; those of 7 and of 2.5 are as many.
LABELS = {float(i) / 4: 3 + i * 7919 % 500 for i in range(1_000)} | {7.0: 2_000, 2.5: 2_000, -3.0: 1_999}
ODD = {None: 11, math.nan: 4, math.inf: 2_500, -math.inf: 1}


def statistics(spark, rows_by_label, most):
    """Each label in two counts, as those of groups are."""
    rows = [(label, count) for label, whole in rows_by_label.items() for count in (1, whole - 1) if count]
    return label_statistics(spark.createDataFrame(rows, "label double, rows long").repartition(3), most)


def text(labels):
    return {f"{label:g}": rows for label, rows in sorted(labels)}


def test_the_most_frequent_labels_are_named_and_the_rest_are_one(spark):
    found = statistics(spark, LABELS | ODD, 40)
    numbers = {label: rows for label, rows in (LABELS | ODD).items() if label is not None and not math.isnan(label)}
    kept = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))[:40]
    rest = sum(LABELS.values()) + sum(ODD.values()) - 15 - sum(rows for _, rows in kept)
    assert found.rows == {"missing": 15, **text(kept), "other": rest}
    assert list(found.rows) == ["missing", *text(kept), "other"]
    assert found.distinct == len(numbers)
    mean = math.fsum(label * rows for label, rows in LABELS.items()) / sum(LABELS.values())
    assert found.mean == pytest.approx(mean, rel=1e-12)


def test_of_few_labels_all_are_named(spark):
    found = statistics(spark, {0.0: 5, 1.0: 2, 3.0: 9}, 3)
    assert (found.rows, found.distinct, found.mean) == ({"0": 5, "1": 2, "3": 9}, 3, pytest.approx(29 / 16))
    # Which of two as frequent ones is named does not depend on the order of rows.
    assert statistics(spark, {4.0: 5, 1.0: 5, 3.0: 9}, 2).rows == {"1": 5, "3": 9, "other": 5}
    missing = statistics(spark, {None: 2, math.nan: 3}, 3)
    assert (missing.rows, missing.distinct, missing.mean) == ({"missing": 5}, 0, None)
    none = label_statistics(spark.createDataFrame([], "label int, rows long"))
    assert (none.rows, none.distinct, none.mean) == ({}, 0, None)


def test_labels_may_be_decimals_and_bools(spark):
    counts = spark.createDataFrame([(1.5, 2), (3.0, 1), (None, 4)], "label double, rows long")
    decimals = label_statistics(counts.withColumn("label", fn.col("label").cast("decimal(3,2)")))
    assert (decimals.rows, decimals.distinct, decimals.mean) == ({"missing": 4, "1.5": 2, "3": 1}, 2, 2.0)
    bools = label_statistics(spark.createDataFrame([(True, 3), (False, 1)], "label boolean, rows long"))
    assert (bools.rows, bools.distinct, bools.mean) == ({"0": 1, "1": 3}, 2, 0.75)


def test_the_page_has_as_many_bars_as_fit():
    page = render_labels({"missing": 1, **{str(i): 1_000 + i for i in range(90)}, "other": 7})
    # The eleven most frequent ones of 92, and all others together.
    assert all(f">{i}<" in page for i in range(79, 90))
    assert ">other<" in page
    assert f">{1 + 7 + sum(1_000 + i for i in range(79)):,}<" in page
    assert ">78<" not in page
    assert ">other<" not in render_labels({"0": 4, "1": 2})
