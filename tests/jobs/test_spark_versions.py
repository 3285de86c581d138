"""What the library does where PySpark 3.5 and 4 differ: each way runs, on whichever of them is installed."""

from __future__ import annotations

import buzzsaw as bz
import pyarrow as pa
import pytest
from buzzsaw.jobs.failures import paragraph
from buzzsaw.spark import fold_of, transform, versions
from frames import on_spark
from py4j.protocol import Py4JError
from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

#: As Spark 3.5 tells of a file that is no Parquet; frames are left out.
FAILED_TASK = """An error occurred while calling o48.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent \
failure: Lost task 0.0 in stage 0.0 (TID 0) (localhost executor driver): org.apache.spark.SparkException: Exception \
thrown in awaitResult:\x20
\tat org.apache.spark.util.SparkThreadUtils$.awaitResult(SparkThreadUtils.scala:56)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: org.apache.spark.SparkException: [CANNOT_READ_FILE_FOOTER] Could not read footer for file: file:/data/shop.
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.cannotReadFooterForFileError(QueryExecutionErrors.scala:1057)
Caused by: java.lang.RuntimeException: corrupted file: the footer index is not within the file: -544499037
\t... 14 more

Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2898)
"""


@pytest.fixture
def without_arrow(monkeypatch):
    """PySpark without what came with 4, so that the other way runs."""
    monkeypatch.delattr(fn, "arrow_udf", raising=False)
    monkeypatch.delattr(DataFrame, "toArrow", raising=False)


def test_folds_are_the_same_through_arrow_and_through_pandas(spark, without_arrow):
    # Not UTF-8, a missing one, an empty one, a NUL.
    raw = [b"caf\xff", b"\xed\xa0\x80", None, b"", b"a\x00b", "naïve 日本".encode(), *(b"%d" % i for i in range(50))]
    rows = [(i, None if text is None else bytearray(text)) for i, text in enumerate(raw)]
    frame = (
        spark.createDataFrame(rows, "i int, raw binary")
        .repartition(3)
        .withColumn("qid", fn.expr("cast(raw as string)"))
    )
    found = frame.select("i", fold_of(fn.col("qid"), 7).alias("fold"))
    assert dict(found.dtypes)["fold"] == "int"
    assert {row["i"]: row["fold"] for row in found.collect()} == dict(enumerate(bz._buzzsaw.qid_folds(raw, 7)))


def test_folds_of_no_rows(spark, without_arrow):
    frame = spark.createDataFrame([], "qid string")
    assert frame.select(fold_of(fn.col("qid"), 7)).collect() == []


@pytest.mark.parametrize("rows", [0, 5])
def test_rows_come_to_the_driver_with_their_types(spark, shop, without_arrow, rows):
    table = shop.pairs.slice(0, rows)
    found = versions.to_arrow(on_spark(spark, table).coalesce(1))
    assert found.column_names == table.column_names
    assert found.cast(table.schema).equals(table)
    assert found.schema.field("now").type == pa.timestamp("us", tz="UTC")


def test_the_operator_is_refused_on_another_spark_than_its_own(spark, pairs, pipeline, monkeypatch):
    if versions.has_operator(spark.version):
        monkeypatch.setattr(versions, "OPERATOR_SPARK", "9.9")
    with pytest.raises(bz.InvalidValueError) as caught:
        transform(pairs, pipeline, runtime="jvm")
    assert caught.value.place == "runtime"
    assert f"is for Spark {versions.OPERATOR_SPARK}, and the session is one of Spark {spark.version}" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("version", "has"),
    [("4.2.0", True), ("4.2.1-SNAPSHOT", True), ("4.20.0", False), ("4.1.1", False), ("4", False), ("3.5.9", False)],
)
def test_the_operator_is_for_one_line_of_spark(version, has):
    assert versions.has_operator(version) is has


def test_what_cannot_be_cast_fails_and_is_not_null(spark):
    with pytest.raises(Exception, match="CAST_INVALID_INPUT"):
        spark.sql("select cast(text as date) from values ('2026-11-31') as rows (text)").collect()


def test_the_cause_of_a_failed_task_is_what_is_told():
    told = paragraph(Py4JError(FAILED_TASK))
    assert told.startswith(
        "Py4JError: org.apache.spark.SparkException: [CANNOT_READ_FILE_FOOTER] Could not read footer"
    )
    assert "file:/data/shop" in told
    assert "Job aborted" not in told
    assert "\tat" not in told
