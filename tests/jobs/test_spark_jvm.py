"""The operator in Spark's JVMs gives what the Python runtime gives: columns, types, bits and errors."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest
from buzzsaw.nightly.command import main
from buzzsaw.spark import error_of, fit, jvm, jvm_settings, transform
from executions import logged, runtimes
from frames import on_spark
from pyspark.sql import functions as fn
from test_nightly import arguments
from test_spark_transform import KEYS, local_rows, spark_rows


@contextmanager
def setting(spark, key, value):
    before = spark.conf.get(key, None)
    spark.conf.set(key, str(value))
    try:
        yield
    finally:
        if before is None:
            spark.conf.unset(key)
        else:
            spark.conf.set(key, before)


def refused(features):
    """The Buzzsaw error of the action that computes `features`."""
    with pytest.raises(Exception) as caught:
        features.collect()
    error = error_of(caught.value)
    assert error is not None, caught.value
    return error


def both(frame, pipeline, **options):
    """The rows of both runtimes, sorted, after a look at their schemas."""
    python = transform(frame, pipeline, **options)
    jvm = transform(frame, pipeline, runtime="jvm", **options)
    assert jvm.schema.json() == python.schema.json()
    return tuple(sorted(map(bits, made.collect())) for made in (python, jvm))


def bits(row):
    """A row as text that tells every bit of a float."""
    return str([_bits(value) for value in row])


def _bits(value):
    if isinstance(value, float):
        return np.float64(value).tobytes().hex()
    if isinstance(value, (list, tuple)):
        return [_bits(item) for item in value]
    return value


@pytest.mark.parametrize(("batch", "mode"), [(10_000, "serve"), (10_000, "train"), (7, "train"), (1, "serve")])
def test_bits_equal_the_local_ones_however_batches_end(spark, shop, pipeline, batch, mode):
    with setting(spark, "spark.buzzsaw.batchRows", batch):
        shuffled = on_spark(spark, shop.pairs).orderBy(fn.rand(5)).repartition(6)
        found = spark_rows(transform(shuffled, pipeline, mode=mode, keep=KEYS, runtime="jvm"), pipeline)
    assert found == local_rows(pipeline, shop.pairs, mode)


def test_sparse_rows_of_any_size_follow_each_other(spark):
    """An array's header grows with each 64 items, and rows use the memory of the ones before."""
    spec = """
buzzsaw: 1
name: sizes
inputs: {text: {type: string, side: document}}
steps:
  terms: {transform: tokenize, input: text}
  hashed: {transform: hashed_terms, input: terms, bits: 24}
features: [hashed]
"""
    sizes = [0, 1, 63, 64, 65, 129, 3, 500, 2]
    rows = [(i, " ".join(f"w{i}x{j}" for j in range(size))) for i, size in enumerate(sizes)]
    frame = spark.createDataFrame(rows, "id int, text string").coalesce(1)
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    python, jvm_rows = both(frame, pipeline, keep=["id"])
    assert jvm_rows == python
    made = transform(frame, pipeline, keep=["id"], runtime="jvm").orderBy("id").collect()
    assert [len(row["hashed"]["indices"]) for row in made] == sizes


@pytest.mark.parametrize("partitions", [1, 3])
def test_small_batches_in_bytes_change_no_bit(spark, shop, pipeline, partitions):
    frame = on_spark(spark, shop.pairs)
    with setting(spark, "spark.buzzsaw.batchBytes", 1):
        made = transform(frame, pipeline, keep=KEYS, partitions=partitions, runtime="jvm")
        found = spark_rows(made, pipeline)
        assert made.rdd.getNumPartitions() == partitions
    assert found == local_rows(pipeline, shop.pairs, "serve")


def test_icecat_bits_equal_the_local_ones(spark, icecat, spec):
    pipeline = bz.fit(spec, icecat.pairs, icecat.documents)
    pairs = on_spark(spark, icecat.pairs.drop_columns(["ean"]))
    found = spark_rows(transform(pairs, pipeline, mode="train", keep=KEYS, runtime="jvm"), pipeline)
    assert found == local_rows(pipeline, icecat.pairs, "train")


@pytest.mark.parametrize("mode", ["serve", "train"])
def test_rows_and_schema_are_those_of_the_python_runtime(pairs, pipeline, mode):
    python, jvm = both(pairs, pipeline, mode=mode)
    assert jvm == python
    assert len(jvm) == pairs.count()


def test_training_rows_carry_the_fingerprint_as_served(pairs, shop, pipeline):
    train = transform(pairs, pipeline, mode="train", keep=KEYS, runtime="jvm").collect()
    serve = {row: values[-1] for row, values in local_rows(pipeline, shop.pairs, "serve").items()}
    assert all(row["fingerprint_served"] == serve[row["group_id"], row["product_id"]] for row in train)
    assert any(row["fingerprint_served"] != row["fingerprint"] for row in train)


def test_columns_are_named_alike_and_kept_columns_may_have_any_type(spark, pairs, pipeline):
    frame = pairs.withColumn("Some.Odd`name", fn.lit(1)).withColumn("wait", fn.expr("interval 2 days 3 hours"))
    made = transform(frame, pipeline, keep=["Some.Odd`name", "wait", "product_id", "product_id"], runtime="jvm")
    assert made.columns[:3] == ["Some.Odd`name", "wait", "product_id"]
    assert made.first()["wait"] == datetime.timedelta(days=2, hours=3)
    frame = pairs.withColumn("months", fn.expr("make_interval(1, 2)"))
    assert transform(frame, pipeline, keep=["months"], runtime="jvm").selectExpr("months + date'2024-01-01' d").first()[
        "d"
    ] == datetime.date(2025, 3, 1)
    with pytest.raises(bz.MissingInputError, match="titel"):
        transform(pairs.withColumnRenamed("title", "titel"), pipeline, runtime="jvm")


def test_a_transform_can_be_joined_with_itself_cached_and_nested(pairs, pipeline):
    made = transform(pairs, pipeline, keep=KEYS, runtime="jvm").cache()
    rows = pairs.count()
    assert made.alias("a").join(made.alias("b"), KEYS).where("a.fingerprint = b.fingerprint").count() == rows
    again = transform(pairs.join(made.select(*KEYS, "title_bm25"), KEYS), pipeline, keep=KEYS, runtime="jvm")
    assert again.count() == rows
    made.unpersist()


def test_a_filter_after_a_transform_changes_no_value(pairs, pipeline):
    made = transform(pairs, pipeline, keep=KEYS, runtime="jvm")
    product = made.first()["product_id"]
    whole = {row["group_id"]: bits(row) for row in made.collect() if row["product_id"] == product}
    some = {row["group_id"]: bits(row) for row in made.where(fn.col("product_id") == product).collect()}
    assert some == whole


def test_groups_are_made_whole_by_a_shuffle_only_where_they_are_not(pairs, pipeline, capsys):
    def shuffles(frame):
        transform(frame, pipeline, keep=[], runtime="jvm").explain()
        plan = capsys.readouterr().out
        assert "BuzzsawFeatures" in plan
        return plan[plan.index("BuzzsawFeatures") : (plan + "InMemoryTableScan").index("InMemoryTableScan")].count(
            "Exchange"
        )

    assert shuffles(pairs) == 1
    assert shuffles(pairs.repartition("group_id")) == 1
    assert shuffles(pairs.coalesce(1)) == 0


def test_partitions_that_adaptive_execution_coalesces_hold_whole_groups(spark, pipeline, shop):
    frame = on_spark(spark, shop.pairs).repartition(7)
    with (
        setting(spark, "spark.sql.adaptive.coalescePartitions.minPartitionSize", "1b"),
        setting(spark, "spark.sql.adaptive.advisoryPartitionSizeInBytes", "4kb"),
        setting(spark, "spark.sql.shuffle.partitions", "40"),
    ):
        made = transform(frame, pipeline, keep=KEYS, runtime="jvm")
        found = spark_rows(made, pipeline)
    assert "AQEShuffleRead coalesced" in made._jdf.queryExecution().executedPlan().toString()
    assert found == local_rows(pipeline, shop.pairs, "serve")


def test_groups_that_a_skewed_join_splits_are_made_whole_again(spark, pipeline, shop):
    groups = on_spark(spark, pa.table({"group_id": shop.pairs["group_id"].unique()}))
    settings = {
        "spark.sql.adaptive.enabled": "true",
        # Every partition of more than the median's size counts as skewed, and is split by the tasks that wrote it.
        "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "1",
        "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "1b",
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": "1b",
        "spark.sql.adaptive.forceOptimizeSkewedJoin": "true",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.shuffle.partitions": "40",
    }
    with ExitStack() as all_set:
        for key, value in settings.items():
            all_set.enter_context(setting(spark, key, value))
        joined = on_spark(spark, shop.pairs).repartition(7).join(groups.hint("merge"), "group_id")
        made = transform(joined, pipeline, keep=KEYS, runtime="jvm")
        found = spark_rows(made, pipeline)
    assert "SortMergeJoin(skew=true)" in made._jdf.queryExecution().executedPlan().toString()
    assert found == local_rows(pipeline, shop.pairs, "serve")


def test_text_that_is_not_utf8_reaches_the_core_unharmed_from_any_memory(spark):
    pipeline = bz.fit(
        bz.Spec.parse("""
            buzzsaw: 1
            name: hashes
            inputs:
              title: {type: string, side: document}
              request: {type: string, side: query, role: group}
              x: {type: int64, side: document}
            steps:
              terms: {transform: tokenize, input: title}
              hashed: {transform: hashed_terms, input: terms, bits: 20}
              in_group: {transform: group_zscore, input: x}
            features: [hashed, in_group]
        """),
        {},
    )
    raw = [b"caf\xff x", b"\xed\xa0\x80", b"ab\xf0\x9f", b"a\x00b", "naïve 日本".encode(), b""]
    rows = [(i, bytearray(text), bytearray(b"\xff" if i % 2 else b"\xfe")) for i, text in enumerate(raw)]
    frame = spark.createDataFrame(rows, "x bigint, raw binary, id binary")
    # Sorted rows lie in memory pages and not in byte arrays.
    frame = frame.selectExpr("x", "cast(raw as string) as title", "cast(id as string) as request").repartition(2)
    found = {row["x"]: row["fingerprint"] for row in transform(frame, pipeline, keep=["x"], runtime="jvm").collect()}
    order = [0, 2, 4, 1, 3, 5]
    local = pipeline.transform(
        {"title": pa.array([raw[i] for i in order], pa.binary()), "x": order, "request": list("aaabbb")}
    )
    assert found == dict(zip(order, local.fingerprints.tolist(), strict=True))


def test_ids_that_a_collation_calls_equal_are_different_groups(spark):
    """To a fit, and to a transform of either runtime."""
    spec = bz.Spec.parse("""
        buzzsaw: 1
        name: collated
        inputs:
          x: {type: int64, side: document}
          request: {type: string, side: query, role: group}
        steps:
          in_group: {transform: group_zscore, input: x}
          scaled: {transform: standardize, input: in_group}
        features: [in_group, scaled]
    """)
    order = [*range(0, 20, 2), *range(1, 20, 2)]
    rows = {"x": order, "request": ["Ab"] * 10 + ["aB"] * 10}
    pipeline = bz.fit(spec, rows)
    frame = spark.sql("""
        select id as x, collate(if(id % 2 = 0, 'Ab', 'aB'), 'UTF8_LCASE') as request from range(0, 20, 1, 4)
    """)
    for partitions in (None, 3):
        assert fit(spec, frame, partitions=partitions).content_hash == pipeline.content_hash
        python, jvm = both(frame, pipeline, partitions=partitions)
        assert python == jvm
    made = transform(frame, pipeline, keep=["x"])
    local = pipeline.transform(rows).fingerprints.tolist()
    assert {row["x"]: row["fingerprint"] for row in made.collect()} == dict(zip(order, local, strict=True))


def test_one_row_of_64_mib_goes_through(pairs, pipeline):
    word = "headphones wireless "
    # Of a column: Spark would fold a literal, and print it in its plan more than once.
    title = fn.repeat(fn.concat(fn.left("title", fn.lit(0)), fn.lit(word)), (64 << 20) // len(word) + 1)
    frame = pairs.limit(3).withColumn("title", title)
    rows = transform(frame, pipeline, keep=[], runtime="jvm").select("title_tfidf.indices", "title_bm25").collect()
    assert len(rows) == 3
    assert all(1 <= len(row["indices"]) <= 2 for row in rows)


def test_errors_in_values_come_with_code_place_and_hint_from_the_action(pairs, pipeline):
    now = fn.when(fn.col("rating") > 0, fn.col("now")).otherwise(fn.lit("2020-01-01").cast("timestamp"))
    broken = pairs.withColumn("now", now)
    jvm = refused(transform(broken, pipeline, keep=[], partitions=1, runtime="jvm"))
    python = refused(transform(broken, pipeline, keep=[], partitions=1))
    assert isinstance(jvm, bz.InvalidValueError)
    assert jvm.problems == python.problems


def test_a_panic_on_the_driver_comes_with_its_backtrace(spark, pairs, pipeline, monkeypatch):
    java = spark._jvm
    problem = java.io.buzzsaw.Problem("BZ_INTERNAL", "index out of bounds", "steps.item", "report it")

    def panics(*_):
        broken = java.io.buzzsaw.InternalException([problem], "   0: core::step\n   1: main")
        java.java.util.concurrent.CompletableFuture.failedFuture(broken).join()

    monkeypatch.setattr(jvm, "_transform", panics)
    with pytest.raises(bz.InternalError) as caught:
        transform(pairs, pipeline, runtime="jvm")
    assert (caught.value.message, caught.value.place) == ("index out of bounds", "steps.item")
    assert caught.value.backtrace == "   0: core::step\n   1: main"


def test_a_row_without_a_group_is_refused(pairs, pipeline):
    orphan = pairs.withColumn("group_id", fn.when(fn.col("rating") > 0, fn.col("group_id")))
    jvm = refused(transform(orphan, pipeline, keep=[], runtime="jvm"))
    assert jvm.problems == refused(transform(orphan, pipeline, keep=[])).problems


@pytest.mark.parametrize("sql", ["1.5D", "make_interval(1)", "named_struct('id', 1)"])
def test_groups_by_ids_that_cannot_be_compared_are_refused(pairs, pipeline, sql):
    frame = pairs.withColumn("odd", fn.expr(sql))
    with pytest.raises(bz.TypeMismatchError) as caught:
        transform(frame, pipeline, groups="odd", runtime="jvm")
    assert caught.value.place == "groups"


def measured(made):
    """The metrics of the operator of a frame, which is computed."""
    made.collect()
    node = made._jdf.queryExecution().executedPlan()
    while node.nodeName() != "BuzzsawFeatures":
        if node.nodeName() == "AdaptiveSparkPlan":
            node = node.executedPlan()
        else:
            node = node.plan() if node.nodeName().endswith("QueryStage") else node.children().apply(0)
    names = ("numOutputRows", "numBatches", "nativeTime", "inputBytes")
    return {name: node.metrics().apply(name).value() for name in names}


def test_metrics_count_rows_batches_bytes_and_native_time(spark, pairs, pipeline):
    with setting(spark, "spark.buzzsaw.batchRows", 10):
        value = measured(transform(pairs, pipeline, keep=[], runtime="jvm"))
    rows = pairs.count()
    assert value["numOutputRows"] == rows
    assert 3 < value["numBatches"] <= rows
    assert value["nativeTime"] > 1_000
    title_bytes = pairs.agg(fn.sum(fn.octet_length("title"))).first()[0]
    assert value["inputBytes"] > title_bytes


def test_an_artifact_is_sent_once(spark, tmp_path):
    pipeline = bz.fit(bz.Spec.parse(FLAT.replace("name: flat", f"name: sent_{uuid.uuid4().hex}")), {})
    pipeline.save(tmp_path / "flat.bzsw")
    frame = spark.sql("select 2.5D as price, 'usb cable' as title")
    load = spark._jvm.io.buzzsaw.spark.FeatureTransform.load

    def next_broadcast():
        return spark.sparkContext.broadcast(0)._jbroadcast.id()

    before = next_broadcast()
    plans = [load(str(tmp_path / "flat.bzsw")).transform(frame._jdf) for _ in range(3)]
    # The artifact, and the one that asks for the number.
    assert next_broadcast() - before == 2
    assert len(plans) == 3


FLAT = """
buzzsaw: 1
name: flat
inputs:
  price: {type: float64, side: document}
  title: {type: string, side: document}
steps:
  log_price: {transform: log1p, input: price}
  terms: {transform: tokenize, input: title}
  hashed: {transform: hashed_terms, input: terms, bits: 18}
features: [log_price, hashed]
"""


@pytest.fixture
def flat(spark, tmp_path):
    """A view of prices and titles, and an artifact without steps within a group."""
    pipeline = bz.fit(bz.Spec.parse(FLAT), {})
    pipeline.save(tmp_path / "flat.bzsw")
    rows = [(1, 2.5, "usb cable"), (2, None, "Wireless mouse mouse"), (3, 1e300, None)]
    name = f"items_{uuid.uuid4().hex}"
    spark.createDataFrame(rows, "id int, price double, title string").createOrReplaceTempView(name)
    yield pipeline, tmp_path / "flat.bzsw", name
    spark.catalog.dropTempView(name)


def test_the_sql_function_gives_the_same_bits_row_by_row(spark, flat):
    pipeline, file, view = flat
    wanted = sorted(map(bits, transform(spark.table(view), pipeline, keep=["id"]).collect()))
    forms = [f"'{file}', price, title", f"'{file}', named_struct('TITLE', title, 'other', 1, 'price', price)"]
    for given in forms:
        made = spark.sql(f"select id, made.* from (select id, buzzsaw_transform({given}) as made from {view})")
        assert made.columns == ["id", "log_price", "hashed", "fingerprint"]
        assert sorted(map(bits, made.collect())) == wanted
    row = "named_struct('price', 2.5D, 'title', 'usb cable')"
    one = spark.sql(f"select made.* from (select buzzsaw_transform('{file}', {row}) as made)").first()
    assert bits((1, *one)) == wanted[0]


def test_the_sql_function_says_what_is_wrong(spark, flat, pipeline, tmp_path):
    _, file, view = flat
    pipeline.save(tmp_path / "grouped.bzsw")
    cases = [
        (f"'{tmp_path}/grouped.bzsw', price", "BZ_INVALID_VALUE", "buzzsaw_transform"),
        (f"'{file}', price", "BZ_MISSING_INPUT", "inputs.title"),
        ("title, price", "BZ_INVALID_VALUE", "buzzsaw_transform"),
        (f"'{tmp_path}/absent.bzsw', price", "BZ_IO", f"{tmp_path}/absent.bzsw"),
        (f"'{file}', price, lower(title)", "BZ_INVALID_VALUE", "buzzsaw_transform"),
        (f"'{file}', named_struct('price', title, 'title', title)", "BZ_TYPE_MISMATCH", "inputs.price"),
        (f"'{file}', price, title, title", "BZ_INVALID_VALUE", "inputs.title"),
        (f"'{file}', named_struct('price', price, 'title', title, 'TITLE', 'x')", "BZ_INVALID_VALUE", "inputs.title"),
        ("'', price", "BZ_INVALID_VALUE", "path"),
    ]
    for given, code, place in cases:
        with pytest.raises(Exception) as caught:
            spark.sql(f"select buzzsaw_transform({given}) from {view}")
        error = error_of(caught.value)
        assert error is not None, caught.value
        assert (error.code, error.place) == (code, place)
        assert error.hint


def test_threads_may_share_a_row_function(spark, flat):
    pipeline, file, _ = flat
    values = ", ".join(f"({i}, {i}D, 'usb cable {i}')" for i in range(100))
    table = f"values {values} as t(id, price, title)"
    struct = f"select id, buzzsaw_transform('{file}', price, title) as made from {table}"
    made = spark.sql(f"select id, made.* from ({struct})")
    # The optimiser evaluates it over rows of the query's own text, on the driver and in the thread that asks.
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: sorted(map(bits, made.where("id >= 0").collect())), range(8)))
    wanted = sorted(map(bits, transform(spark.sql(f"select * from {table}"), pipeline, keep=["id"]).collect()))
    assert found == [wanted] * 8


def test_names_are_compared_as_the_session_compares_them(spark, flat):
    pipeline, file, view = flat
    wanted = sorted(map(bits, transform(spark.table(view), pipeline, keep=["id"]).collect()))
    row = "named_struct('title', title, 'TITLE', 'other', 'price', price)"
    upper = spark.table(view).withColumnRenamed("title", "TITLE")
    jar = spark._jvm.io.buzzsaw.spark.FeatureTransform
    with setting(spark, "spark.sql.caseSensitive", "true"):
        made = spark.sql(f"select id, made.* from (select id, buzzsaw_transform('{file}', {row}) as made from {view})")
        assert sorted(map(bits, made.collect())) == wanted
        with pytest.raises(Exception, match="BZ_MISSING_INPUT") as refused:
            jar.load(str(file)).transform(upper._jdf)
    found = json.loads(jar.problemsOf(refused.value.java_exception))
    assert [(problem["code"], problem["place"]) for problem in found] == [("BZ_MISSING_INPUT", "inputs.title")]


def test_an_artifact_is_read_with_the_hadoop_settings_of_the_session(spark, flat):
    pipeline, file, _ = flat
    mount = f"models{uuid.uuid4().hex}"
    with setting(spark, f"fs.viewfs.mounttable.{mount}.link./shop", f"file://{file.parent}"):
        made = spark._jvm.io.buzzsaw.spark.FeatureTransform.load(f"viewfs://{mount}/shop/{file.name}")
    assert made.contentHash() == pipeline.content_hash


def test_settings_keep_what_was_set(tmp_path):
    made = jvm_settings(tmp_path / "b.jar", {"spark.jars": "a.jar", "spark.sql.extensions": "x.Y", "other": "1"})
    assert made == {
        "spark.jars": f"a.jar,{tmp_path}/b.jar",
        "spark.sql.extensions": "x.Y,io.buzzsaw.spark.BuzzsawExtension",
        "other": "1",
    }


def test_a_wrong_batch_size_is_refused(spark, pairs, pipeline):
    with setting(spark, "spark.buzzsaw.batchRows", "many"), pytest.raises(bz.InvalidValueError) as caught:
        transform(pairs, pipeline, runtime="jvm")
    assert caught.value.place == "spark.buzzsaw.batchRows"
    with pytest.raises(bz.InvalidValueError, match="rust"):
        transform(pairs, pipeline, runtime="rust")


def test_the_session_can_choose_the_runtime(spark, pairs, pipeline, capsys):
    with setting(spark, "spark.buzzsaw.runtime", "jvm"):
        transform(pairs, pipeline, keep=[]).explain()
        transform(pairs, pipeline, keep=[], runtime="python").explain()
    jvm, python = capsys.readouterr().out.split("== Physical Plan ==")[1:]
    assert "BuzzsawFeatures" in jvm
    assert "MapInArrow" in python
    with setting(spark, "spark.buzzsaw.runtime", "rust"), pytest.raises(bz.InvalidValueError, match="rust"):
        transform(pairs, pipeline)


def test_the_nightly_job_gives_the_same_bits_with_either_runtime(spark, shop, tmp_path):
    made = {}
    try:
        for runtime in ("python", "jvm"):
            events = tmp_path / f"{runtime} events"
            with logged(spark, events):
                assert main(arguments(shop, tmp_path / runtime, "--runtime", runtime), spark) == 0
            assert runtimes(events) == {"training": {runtime}, "documents": {runtime}, "rejected": set()}
            for name in ("training", "documents"):
                table = spark.read.format("delta").load(str(tmp_path / runtime / name))
                made[runtime, name] = (table.schema.json(), sorted(map(bits, table.collect())))
    finally:
        spark.conf.unset("spark.buzzsaw.runtime")
    for name, rows in (("training", shop.pairs.num_rows), ("documents", shop.documents.num_rows)):
        assert made["python", name] == made["jvm", name]
        assert len(made["python", name][1]) == rows


def test_groups_are_refused_on_a_stream(spark, pipeline, pairs, tmp_path):
    pairs.limit(1).write.parquet(str(tmp_path / "rows"))
    stream = spark.readStream.schema(pairs.schema).parquet(str(tmp_path / "rows"))
    with pytest.raises(bz.InvalidValueError, match="foreachBatch"):
        transform(stream, pipeline, runtime="jvm")


def test_a_stream_without_groups_is_transformed(spark, tmp_path):
    pipeline = bz.fit(bz.Spec.parse(FLAT), {})
    rows = spark.createDataFrame([(2.5, "usb cable"), (None, "mouse")], "price double, title string")
    rows.write.parquet(str(tmp_path / "rows"))
    stream = spark.readStream.schema(rows.schema).parquet(str(tmp_path / "rows"))
    name = f"stream_{uuid.uuid4().hex}"
    writer = transform(stream, pipeline, runtime="jvm").writeStream.format("memory").queryName(name)
    writer.trigger(availableNow=True).option(
        "checkpointLocation", str(tmp_path / "checkpoint")
    ).start().awaitTermination()
    wanted = transform(rows, pipeline).collect()
    assert sorted(map(bits, spark.table(name).collect())) == sorted(map(bits, wanted))


def test_a_session_without_the_jar_is_told_of_it(pairs, pipeline, monkeypatch):
    monkeypatch.setattr(jvm, "_CLASS", "io.buzzsaw.spark.Absent")
    with pytest.raises(bz.InvalidValueError, match="jvm_settings") as caught:
        transform(pairs, pipeline, runtime="jvm")
    assert caught.value.place == "spark.jars"


WITHOUT_EXTENSION = """
import sys, buzzsaw as bz
from pyspark.sql import SparkSession
session = SparkSession.builder.master("local[1]").config("spark.jars", str(bz.spark.jar_path()))
session = session.config("spark.ui.enabled", "false").getOrCreate()
try:
    bz.spark.transform(session.sql("select 1D as price, 'a' as title"), bz.load(sys.argv[1]), runtime="jvm")
except bz.InvalidValueError as error:
    print("place", error.place)
"""


def test_a_session_without_the_extension_is_told_of_it(flat):
    _, file, _ = flat
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTENSION, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "place spark.sql.extensions"


def test_the_jar_that_is_named_must_be_there(monkeypatch, tmp_path):
    monkeypatch.setenv("BUZZSAW_SPARK_JAR", str(tmp_path / "none.jar"))
    with pytest.raises(bz.IoError, match="BUZZSAW_SPARK_JAR") as caught:
        bz.spark.jar_path()
    assert "make build" in caught.value.hint
    (tmp_path / "none.jar").touch()
    assert bz.spark.jar_path() == tmp_path / "none.jar"
