"""The features of a transform on Spark are those of a local transform, bit for bit."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyspark
import pytest
from buzzsaw import _buzzsaw as native
from buzzsaw.spark import error_of, fit, fitting, fold_of, folds, transform, transforming
from buzzsaw.spark.failures import WorkerError, carried
from buzzsaw.spark.versions import has_operator
from buzzsaw.spark.worker import FoldTask, LearnTask, PruneTask, TransformTask
from frames import on_spark
from pyspark.sql import functions as fn

KEYS = ["group_id", "product_id"]


@contextmanager
def arrow_batches_of(spark, rows):
    key = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(key)
    spark.conf.set(key, str(rows))
    try:
        yield
    finally:
        spark.conf.set(key, before)


def local_rows(pipeline, table: pa.Table, mode: str) -> dict[tuple, tuple]:
    """Every row's features as bytes, by its key."""
    block = pipeline.transform(table, mode=mode)
    keys = zip(*(table[key].to_pylist() for key in KEYS), strict=True)
    rows = {}
    for i, key in enumerate(keys):
        sparse = []
        for part in block.sparse.values():
            of_row = slice(part.indptr[i], part.indptr[i + 1])
            sparse.append((part.indices[of_row].astype("<u4").tobytes(), part.data[of_row].tobytes()))
        rows[key] = (block.dense[i].tobytes(), *sparse, int(block.fingerprints[i]))
    return rows


def spark_rows(features, pipeline) -> dict[tuple, tuple]:
    rows = {}
    for row in features.collect():
        dense = np.array([row[name] for name in pipeline.dense_names], dtype=np.float32)
        sparse = [
            (np.array(row[name]["indices"], "<u4").tobytes(), np.array(row[name]["values"], "<f4").tobytes())
            for name in pipeline.sparse_columns
        ]
        rows[tuple(row[key] for key in KEYS)] = (dense.tobytes(), *sparse, row["fingerprint"])
    return rows


@pytest.mark.parametrize(("batch", "mode"), [(10_000, "serve"), (10_000, "train"), (7, "train"), (1, "serve")])
def test_bits_equal_the_local_ones_however_batches_cut_groups(spark, shop, pipeline, batch, mode):
    with arrow_batches_of(spark, batch):
        shuffled = on_spark(spark, shop.pairs).orderBy(fn.rand(5)).repartition(6)
        found = spark_rows(transform(shuffled, pipeline, mode=mode, keep=KEYS), pipeline)
    wanted = local_rows(pipeline, shop.pairs, mode)
    assert found.keys() == wanted.keys()
    assert found == wanted


def test_icecat_bits_equal_the_local_ones(spark, icecat, spec):
    pipeline = bz.fit(spec, icecat.pairs, icecat.documents)
    pairs = on_spark(spark, icecat.pairs.drop_columns(["ean"]))
    found = spark_rows(transform(pairs, pipeline, mode="train", keep=KEYS), pipeline)
    assert found == local_rows(pipeline, icecat.pairs, "train")


def test_training_rows_carry_the_fingerprint_as_served(pairs, shop, pipeline):
    train = transform(pairs, pipeline, mode="train", keep=KEYS).collect()
    serve = {row: values[-1] for row, values in local_rows(pipeline, shop.pairs, "serve").items()}
    assert all(row["fingerprint_served"] == serve[row["group_id"], row["product_id"]] for row in train)
    assert any(row["fingerprint_served"] != row["fingerprint"] for row in train)


def test_columns_types_and_order(pairs, pipeline):
    features = transform(pairs, pipeline, keep=["product_id"])
    assert features.columns == ["product_id", *pipeline.feature_names, "fingerprint"]
    types = dict(features.dtypes)
    assert {types[name] for name in pipeline.dense_names} == {"float"}
    assert {types[name] for name in pipeline.sparse_columns} == {"struct<indices:array<int>,values:array<float>>"}
    assert types["fingerprint"] == "bigint"


def test_missing_is_nan_and_not_null(pairs, pipeline):
    features = transform(pairs, pipeline, keep=[])
    bm25 = fn.col("description_bm25")
    assert features.where(bm25.isNull()).count() == 0
    assert features.where(fn.isnan(bm25)).count() > 0


def test_all_columns_are_kept_by_default(pairs, pipeline):
    features = transform(pairs, pipeline)
    assert features.columns[: len(pairs.columns)] == pairs.columns
    kept = {row["product_id"]: row for row in features.select(*pairs.columns).collect()}
    for row in pairs.collect():
        assert kept[row["product_id"]]["attributes"] == row["attributes"]


@contextmanager
def case_sensitive(spark):
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        yield
    finally:
        spark.conf.unset("spark.sql.caseSensitive")


JVM = pytest.param(
    "jvm", marks=pytest.mark.skipif(not has_operator(pyspark.__version__), reason="the operator is for another Spark")
)
each_runtime = pytest.mark.parametrize("runtime", ["python", JVM])


@each_runtime
@pytest.mark.parametrize("exact", [False, True], ids=["any case", "case sensitive"])
def test_columns_may_be_upper_case_and_are_kept_as_they_are(spark, pairs, shop, pipeline, runtime, exact):  # noqa: PLR0917
    upper = pairs.toDF(*(name.upper() for name in pairs.columns))
    with case_sensitive(spark) if exact else nullcontext():
        features = transform(upper, pipeline, runtime=runtime)
        assert features.columns[: len(upper.columns)] == upper.columns
        named = features.withColumnsRenamed({key.upper(): key for key in KEYS})
        assert spark_rows(named, pipeline) == local_rows(pipeline, shop.pairs, "serve")


@each_runtime
def test_of_columns_that_differ_by_case_alone_the_one_of_the_name_is_read(spark, pairs, shop, pipeline, runtime):
    with case_sensitive(spark):
        both = pairs.withColumn("TITLE", fn.lit("other"))
        features = transform(both, pipeline, runtime=runtime)
        assert features.columns[: len(both.columns)] == both.columns
        assert spark_rows(features, pipeline) == local_rows(pipeline, shop.pairs, "serve")
        assert {row["TITLE"] for row in features.select("TITLE").collect()} == {"other"}
        neither = both.withColumnRenamed("title", "Title")
        with pytest.raises(bz.InvalidValueError, match="Title, TITLE") as refused:
            transform(neither, pipeline, keep=KEYS, runtime=runtime)
    assert refused.value.place == "inputs.title"


def test_only_needed_columns_cross_to_the_worker(pairs, pipeline, capsys):
    transform(pairs, pipeline, keep=["product_id"]).explain()
    plan = capsys.readouterr().out
    crossing = plan[plan.index("MapInArrow") :]
    assert "rater_1" not in crossing.split("InMemoryTableScan")[0].split("\n", 1)[1]


def test_a_kept_column_of_a_features_name_is_refused(pairs, pipeline):
    with pytest.raises(bz.InvalidValueError, match="Title_BM25"):
        transform(pairs.withColumn("Title_BM25", fn.lit(1)), pipeline).columns  # noqa: B018


def test_text_that_is_not_utf8_reaches_the_core_unharmed(spark):
    pipeline = bz.fit(
        bz.Spec.parse("""
            buzzsaw: 1
            name: hashes
            inputs:
              title: {type: string, side: document}
            steps:
              terms: {transform: tokenize, input: title}
              hashed: {transform: hashed_terms, input: terms, bits: 20}
            features: [hashed]
        """),
        {},
    )
    # A lone byte, a surrogate encoded as UTF-8, a cut sequence, a NUL.
    raw = [b"caf\xff x", b"\xed\xa0\x80", b"ab\xf0\x9f", b"a\x00b", "naïve 日本".encode(), b""]
    frame = spark.createDataFrame([(i, bytearray(text)) for i, text in enumerate(raw)], "i int, raw binary")
    features = transform(frame.selectExpr("i", "cast(raw as string) as title"), pipeline, keep=["i"])
    found = {row["i"]: row["fingerprint"] for row in features.collect()}
    local = pipeline.transform({"title": pa.array(raw, pa.binary())})
    assert found == dict(enumerate(local.fingerprints.tolist()))
    repaired = pipeline.transform({"title": [text.decode("utf-8", "replace") for text in raw if b"\xed" not in text]})
    assert [found[i] for i in (0, 2, 3, 4, 5)] == repaired.fingerprints.tolist()


def test_one_row_of_64_mib_goes_through(spark, pairs, pipeline):
    word = "headphones wireless "
    # Of a column: Spark would fold a literal, and print it in its plan more than once.
    title = fn.repeat(fn.concat(fn.left("title", fn.lit(0)), fn.lit(word)), (64 << 20) // len(word) + 1)
    frame = pairs.limit(3).withColumn("title", title)
    rows = transform(frame, pipeline, keep=[]).select("title_tfidf.indices", "title_bm25").collect()
    assert len(rows) == 3
    assert all(1 <= len(row["indices"]) <= 2 for row in rows)


def test_a_group_of_a_hundred_thousand_is_one_group(spark):
    pipeline = bz.fit(
        bz.Spec.parse("""
            buzzsaw: 1
            name: large_group
            inputs:
              price: {type: int64, side: document}
              request: {type: int64, side: query, role: group}
            steps:
              in_group: {transform: group_zscore, input: price}
            features: [in_group]
        """),
        {},
    )
    rows = 100_000
    frame = spark.range(rows).select(fn.lit(1).cast("long").alias("request"), fn.col("id").alias("price"))
    frame = frame.union(spark.sql("select 2L, 5L")).repartition(5)
    found = {row["price"]: row for row in transform(frame.where("request = 1"), pipeline, keep=["price"]).collect()}
    local = pipeline.transform({"price": np.arange(rows), "request": np.ones(rows, np.int64)})
    assert [found[i]["fingerprint"] for i in range(rows)] == local.fingerprints.tolist()
    alone = transform(frame.where("request = 2"), pipeline, keep=[]).collect()
    assert [row["in_group"] for row in alone] == [0.0]


def test_errors_in_values_come_with_code_and_place_from_the_action(pairs, pipeline):
    broken = pairs.withColumn(
        "now", fn.when(fn.rand(1) < 0.5, fn.col("now")).otherwise(fn.lit("2020-01-01").cast("timestamp"))
    )
    features = transform(broken, pipeline, keep=[])
    with pytest.raises(Exception) as caught:
        features.collect()
    error = error_of(caught.value)
    assert isinstance(error, bz.InvalidValueError)
    assert error.place.startswith("inputs.now")


def test_a_row_without_a_group_is_refused(pairs, pipeline):
    orphan = pairs.withColumn("group_id", fn.when(fn.col("rating") > 0, fn.col("group_id")))
    with pytest.raises(Exception) as caught:
        transform(orphan, pipeline, keep=[]).collect()
    assert isinstance(error_of(caught.value), bz.InvalidValueError)


#: What a build tells of itself that is not this one.
OTHER = "0.1.0-linux-x86_64-release-0123456789abcdef"


def check_other_build(failure):
    error = error_of(failure)
    assert (error.code, error.place) == ("BZ_UNSUPPORTED_VERSION", "executor")
    assert f"the driver has the build {OTHER}" in error.message
    assert f"an executor the build {bz.build_id()}" in error.message


@pytest.mark.parametrize("work", ["transform", "fit", "fold"])
def test_workers_of_another_build_refuse_to_work(spark, shop, spec, pairs, pipeline, monkeypatch, work):  # noqa: PLR0917
    monkeypatch.setattr(transforming, "TransformTask", partial(TransformTask, build=OTHER))
    monkeypatch.setattr(fitting, "LearnTask", partial(LearnTask, build=OTHER))
    monkeypatch.setattr(folds, "FoldTask", partial(FoldTask, build=OTHER))
    with pytest.raises(Exception) as caught:
        if work == "fit":
            fit(spec, pairs, on_spark(spark, shop.documents))
        elif work == "fold":
            pairs.select(fold_of(fn.col("qid"), 7)).collect()
        else:
            transform(pairs, pipeline, keep=[]).collect()
    check_other_build(caught.value)


def test_workers_of_another_build_refuse_to_merge():
    """An executor that comes late sees a fit's later stages first."""
    learn = LearnTask(None, None, (), None, buckets=1, rests=1, spill_bytes=1, build=OTHER)
    for states in (learn.merge, learn.merge_rests, PruneTask(None, None, build=OTHER).prune):
        with pytest.raises(WorkerError) as caught:
            next(states(iter(())))
        check_other_build(caught.value)


def test_a_panic_in_a_worker_comes_with_its_backtrace(spark):
    def panics(batches):
        native._panic_inside_guard("planted")
        yield from batches

    with pytest.raises(Exception) as caught:
        spark.range(1).mapInArrow(carried(panics), "id bigint").collect()
    with pytest.raises(bz.InternalError) as local:
        native._panic_inside_guard("planted")
    error = error_of(caught.value)
    assert isinstance(error, bz.InternalError)
    assert error.problems == local.value.problems
    # Where it began, the frames below, and nothing of what Spark puts around them.
    where, *frames = error.backtrace.splitlines()
    assert "guard.rs" in where
    assert where == local.value.backtrace.splitlines()[0]
    assert len(frames) > 10
    assert "buzzsaw-problems" not in error.backtrace
    assert f"{error}\nRust backtrace:\n{error.backtrace}\n" in str(caught.value)
    assert spark.range(3).count() == 3


def test_an_error_without_a_panic_has_no_backtrace(spark):
    def refuses(batches):
        raise bz.InvalidValueError.of("too large", place="inputs.x", hint="give less")
        yield from batches

    with pytest.raises(Exception) as caught:
        spark.range(1).mapInArrow(carried(refuses), "id bigint").collect()
    error = error_of(caught.value)
    assert (error.message, error.place, error.hint) == ("too large", "inputs.x", "give less")
    assert error.backtrace is None


def test_an_error_of_spark_itself_is_no_buzzsaw_error():
    assert error_of(RuntimeError("disk full")) is None


def test_folds_are_those_that_training_sees(spark, spec, shop):
    """A row's encoding in its own fold does not change when labels of that fold do."""
    folds = 5
    names = sorted(set(shop.pairs["qid"].to_pylist()))
    frame = spark.createDataFrame([(name,) for name in names], "qid string")
    fold = {row["qid"]: row["fold"] for row in frame.withColumn("fold", fold_of(fn.col("qid"), folds)).collect()}
    assert set(fold.values()) <= set(range(folds))
    of_rows = np.array([fold[qid] for qid in shop.pairs["qid"].to_pylist()])
    changed = of_rows == of_rows[0]
    labels = shop.pairs["rating"].to_numpy()
    other = np.where(changed, 3 - labels, labels).astype(np.int8)
    index = shop.pairs.schema.get_field_index("rating")
    pairs = shop.pairs.set_column(index, "rating", pa.array(other))
    column = bz.fit(spec, shop.pairs, shop.documents).dense_names.index("supplier_rating")
    before = bz.fit(spec, shop.pairs, shop.documents).transform(shop.pairs, mode="train").dense[:, column]
    after = bz.fit(spec, pairs, shop.documents).transform(pairs, mode="train").dense[:, column]
    assert np.array_equal(before[changed], after[changed])
    assert not np.array_equal(before[~changed], after[~changed])
