"""The artifact of a fit on Spark is that of a local fit, at any partitioning, and though tasks fail."""

from __future__ import annotations

from types import SimpleNamespace

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.spark import fit, fitting
from buzzsaw.spark.failures import carried
from cluster import told_by
from frames import cached, counting
from pyspark.sql import functions as fn

#: A state that is learnt from values within a group.
LEVELS = """
buzzsaw: 1
name: levels
inputs:
  price_cents: {type: int64, side: document}
  group_id: {type: string, side: query, role: group}
steps:
  in_group: {transform: group_zscore, input: price_cents}
  scaled: {transform: standardize, input: in_group}
features: [scaled]
"""


#: Steps that take their state from lookup tables, beside one that learns.
LOOKED_UP = """
buzzsaw: 1
name: looked_up
inputs:
  price_cents: {type: int64, side: document}
  supplier: {type: string, side: document}
steps:
  vector: {transform: embedding, input: supplier, table: suppliers, dimensions: 2}
  scaled: {transform: standardize, input: price_cents}
features: [vector, scaled]
"""


#: Vocabularies of which a share of all rows is kept, beside one that is kept by number. No name of a model is frequent.
SHARES = """
buzzsaw: 1
name: shares
inputs:
  title: {type: string, side: document}
  model_name: {type: string, side: document}
  supplier: {type: string, side: document}
steps:
  terms: {transform: tokenize, input: title, analyzer: english}
  counts: {transform: count_vector, input: terms, min_df: 0.05}
  name: {transform: rare_category, input: model_name, min_share: 0.02}
  place: {transform: hash_bucket, input: name, buckets: 16}
  made_by: {transform: one_hot, input: supplier, min_count: 38}
features: [counts, place, made_by]
"""


#: A driver whose tasks may fail three times. Those with an even number do at their first attempt, after all their rows.
RETRIED = """
import json
import sys

import buzzsaw as bz
from buzzsaw.spark import fit, fitting
from pyspark import TaskContext
from pyspark.sql import SparkSession

settings = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50",
}
session = SparkSession.builder.master("local[2,4]").config(map=settings).getOrCreate()
session.sparkContext.setLogLevel("OFF")
again = {what: session.sparkContext.accumulator(0) for what in ("learn", "merge")}


def failing_once(frame, what):
    counted = again[what]

    def fails(batches):
        yield from batches
        context = TaskContext.get()
        if context.partitionId() % 2 == 0:
            if context.attemptNumber() == 0:
                raise OSError("the machine of the first attempt is gone")
            # Spark counts what a task adds only when it ends well.
            counted.add(1)

    return frame.mapInArrow(fails, frame.schema)


by_bucket = fitting._by_bucket
fitting._by_bucket = lambda states, partitions: failing_once(by_bucket(states, partitions), "merge")
# A task that learns hands on after each batch, so that its first attempt has.
fitting._SPILL_BYTES = 0
spec, pairs, documents = sys.argv[1:]
tables = [failing_once(session.read.parquet(path).repartition(5), "learn") for path in (pairs, documents)]
fitted = fit(bz.Spec.parse(spec), *tables)
print(json.dumps([fitted.content_hash, {what: counted.value for what, counted in again.items()}]))
session.stop()
"""


@pytest.mark.parametrize("partitions", [1, 7, 64])
def test_the_artifact_does_not_depend_on_the_partitioning(spec, pairs, documents, pipeline, partitions):
    fitted = fit(spec, pairs.orderBy(fn.rand(partitions)), documents, partitions=partitions)
    assert fitted.content_hash == pipeline.content_hash
    assert fitted.to_bytes() == pipeline.to_bytes()


def test_the_artifact_does_not_depend_on_when_workers_hand_on(spec, pairs, documents, pipeline, monkeypatch):
    # After each batch of 50 rows.
    monkeypatch.setattr(fitting, "_SPILL_BYTES", 0)
    session = pairs.sparkSession
    bound = session.conf.get(fitting._BATCH_BYTES, None)
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "50")
    try:
        fitted = fit(spec, pairs, documents, partitions=3)
    finally:
        session.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert fitted.to_bytes() == pipeline.to_bytes()
    assert session.conf.get(fitting._BATCH_BYTES, None) == bound


def test_tasks_that_fail_and_run_again_count_once(shop, tmp_path):
    """Of those that learn, that merge and that prune."""
    pq.write_table(shop.pairs, tmp_path / "pairs.parquet")
    found, again = told_by(RETRIED, SHARES, tmp_path / "pairs.parquet", shop.products, folder=tmp_path)
    assert found == bz.fit(bz.Spec.parse(SHARES), shop.pairs, shop.documents).content_hash
    # Three of the five that read the documents, and others after each of two shuffles.
    assert again["learn"] == 3
    assert again["merge"] > 10


@pytest.mark.parametrize("partitions", [1, 7])
def test_what_is_too_small_a_share_does_not_reach_the_driver(pairs, documents, shop, monkeypatch, partitions):
    spec = bz.Spec.parse(SHARES)
    local = bz.fit(spec, shop.pairs, shop.documents)
    session, taken_in, keys = pairs.sparkSession, fitting._take_in, []
    read = session.sparkContext.accumulator(0)

    def recording(fitter, merged, made):
        taken_in(fitter, merged, made)
        keys.append(merged.keys)

    monkeypatch.setattr(fitting, "_take_in", recording)
    before = cached(session)
    fitted = fit(spec, pairs, counting(documents, read), partitions=partitions)
    assert fitted.to_bytes() == local.to_bytes()
    # First the rest, which has no keys, and then those that are kept and no other.
    assert keys == [0, sum(local.sparse_columns.values())]
    assert read.value == documents.count()
    assert cached(session) == before


def test_a_failure_to_prune_keeps_its_words_and_leaves_nothing_cached(pairs, documents, monkeypatch):
    class Failing:
        def __init__(self, fitter, rest):
            pass

        @carried
        def prune(self, batches):
            raise bz.InvalidValueError.of("it fails", place="here")
            yield

    before = cached(pairs.sparkSession)
    monkeypatch.setattr(fitting, "PruneTask", Failing)
    with pytest.raises(bz.InvalidValueError, match="it fails"):
        fit(bz.Spec.parse(SHARES), pairs, documents)
    assert cached(pairs.sparkSession) == before


def test_a_row_less_gives_another_artifact(spec, pairs, documents, pipeline):
    fitted = fit(spec, pairs.limit(pairs.count() - 1), documents)
    assert fitted.content_hash != pipeline.content_hash


def test_without_documents_the_pairs_count_with_a_warning(spec, pairs, shop):
    with pytest.warns(bz.FitWarning, match="no documents"):
        local = bz.fit(spec, shop.pairs)
    with pytest.warns(bz.FitWarning, match="no documents"):
        assert fit(spec, pairs).content_hash == local.content_hash


def test_state_that_depends_on_groups_needs_whole_groups(pairs, shop):
    spec = bz.Spec.parse(LEVELS)
    local = bz.fit(spec, shop.pairs)
    for partitions in (1, 5):
        assert fit(spec, pairs.repartition(6), partitions=partitions).content_hash == local.content_hash


def test_missing_columns_are_named_at_once_before_a_job(spec, pairs, documents):
    with pytest.raises(bz.MissingInputError) as caught:
        fit(spec, pairs.withColumnRenamed("supplier", "suplier").drop("rating"), documents)
    assert [problem["place"] for problem in caught.value.problems] == ["inputs.supplier", "inputs.rating"]
    assert caught.value.hint == "did you mean `suplier`?"
    with pytest.raises(bz.MissingInputError) as caught:
        fit(bz.Spec.parse(LEVELS), pairs, groups="grup_id")
    assert (caught.value.place, caught.value.hint) == ("groups", "did you mean `group_id`?")


def test_a_label_of_text_is_refused_before_a_job(spec, pairs, documents):
    with pytest.raises(bz.TypeMismatchError) as caught:
        fit(spec, pairs.withColumn("rating", fn.col("rating").cast("string")), documents)
    assert caught.value.place == "inputs.rating"


def test_an_empty_table_is_refused(spec, pairs, documents):
    with pytest.raises(bz.InvalidValueError, match="empty"):
        fit(spec, pairs.limit(0), documents)


@pytest.mark.parametrize("adaptive", ["true", "false"])
def test_errors_of_workers_keep_code_and_place(pairs, adaptive):
    # Without adaptive execution all stages run in the job whose results are read.
    pairs.sparkSession.conf.set("spark.sql.adaptive.enabled", adaptive)
    try:
        _refuses_orphans(pairs)
    finally:
        pairs.sparkSession.conf.unset("spark.sql.adaptive.enabled")


def _refuses_orphans(pairs):
    orphans = pairs.withColumn("group_id", fn.when(fn.col("rating") > 0, fn.col("group_id")))
    with pytest.raises(bz.InvalidValueError) as caught:
        fit(bz.Spec.parse(LEVELS), orphans)
    assert (caught.value.code, caught.value.place) == ("BZ_INVALID_VALUE", "groups")
    assert "null" in caught.value.message


def test_lookup_tables_are_read_on_the_driver(spark, pairs, documents, shop, tmp_path):
    spec = bz.Spec.parse(LOOKED_UP)
    names = sorted({name for name in shop.documents["supplier"].to_pylist() if name is not None})
    table = pa.table({"key": names, "vector": [[float(i), 0.5] for i in range(len(names))]})
    local = bz.fit(spec, shop.pairs, shop.documents, tables={"suppliers": table})
    path = tmp_path / "suppliers.parquet"
    pq.write_table(table, path)
    for given in (table, path, spark.read.parquet(str(path)).repartition(3)):
        fitted = fit(spec, pairs, documents, partitions=2, tables={"suppliers": given})
        assert fitted.content_hash == local.content_hash
    with pytest.raises(bz.MissingInputError) as caught:
        fit(spec, pairs, documents)
    assert caught.value.place == "tables.suppliers"


def test_the_estimate_of_tasks_does_not_need_a_number_of_partitions():
    """Databricks' `auto`, which no Spark that can be installed here takes."""
    said = {"spark.sql.shuffle.partitions": "auto"}
    session = SimpleNamespace(conf=said, sparkContext=SimpleNamespace(defaultParallelism=2))
    assert fitting._rests(SimpleNamespace(sparkSession=session), None) == 15
    said["spark.sql.shuffle.partitions"] = "26"
    assert fitting._rests(SimpleNamespace(sparkSession=session), None) == 6
