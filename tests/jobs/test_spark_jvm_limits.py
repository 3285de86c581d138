"""What a native batch of Spark's JVMs may hold: past it a task fails in Buzzsaw's words, and the session goes on."""

from __future__ import annotations

import buzzsaw as bz
import pytest
from buzzsaw.spark import error_of, transform
from test_spark_jvm import bits, both, measured, refused, setting

LIMIT = "spark.buzzsaw.maxBatchBytes"

#: The group is small or large, the columns are some 16 bytes a row.
GROUPED = """
buzzsaw: 1
name: grouped
inputs:
  price: {type: int64, side: document}
  request: {type: int64, side: query, role: group}
steps:
  in_group: {transform: group_zscore, input: price}
features: [in_group]
"""

TEXT = """
buzzsaw: 1
name: long_texts
inputs:
  title: {type: string, side: document}
steps:
  terms: {transform: tokenize, input: title}
  hashed: {transform: hashed_terms, input: terms, bits: 20}
features: [hashed]
"""


@pytest.fixture(scope="module")
def text():
    return bz.fit(bz.Spec.parse(TEXT), {})


def assert_past_the_limit(error, words):
    """Every part of what a user of Spark is told."""
    assert isinstance(error, bz.ResourceLimitError)
    assert (error.code, error.place) == ("BZ_RESOURCE_LIMIT", "batch")
    assert words in error.message
    assert LIMIT in error.hint


def titles(spark, sql):
    """Titles of columns: Spark would fold a literal."""
    return spark.range(0, 3, 1, 1).selectExpr("id", f"{sql} as title")


@pytest.mark.parametrize(
    ("sql", "limit", "words"),
    [
        ("repeat(concat('usb ', id), 400000)", "1m", "would pass the batch's limit of 1048576 bytes"),
        # 289 KB, whose 50,000 hashed terms take more.
        ("concat_ws(' ', sequence(id, 50000))", "350k", "over the limit of 358400"),
        ("string(id)", "1", "would pass the batch's limit of 1 bytes"),
    ],
    ids=["columns", "features", "nothing"],
)
def test_a_text_past_the_limit_is_refused_and_passes_a_higher_one(spark, text, sql, limit, words):
    frame = titles(spark, sql)
    with setting(spark, LIMIT, limit):
        assert_past_the_limit(refused(transform(frame, text, keep=["id"], runtime="jvm")), words)
        if limit != "1":
            assert transform(titles(spark, "string(id)"), text, keep=["id"], runtime="jvm").count() == 3
    with setting(spark, LIMIT, "16m"):
        python, jvm = both(frame, text, keep=["id"])
    assert jvm == python


def test_a_group_past_the_limit_is_refused_and_passes_a_higher_one(spark):
    pipeline = bz.fit(bz.Spec.parse(GROUPED), {})
    rows = 100_000

    def of_groups(size):
        return spark.range(0, rows, 1, 2).selectExpr("id as price", f"id div {size} as request")

    def hashed(frame):
        return transform(frame, pipeline, keep=[], partitions=1, runtime="jvm").selectExpr("bit_xor(fingerprint) x")

    with setting(spark, LIMIT, "1m"):
        assert_past_the_limit(refused(hashed(of_groups(rows))), "limit of 1048576")
        # As many rows, in batches that end between small groups.
        small = hashed(of_groups(10)).first()["x"]
    assert hashed(of_groups(10)).first()["x"] == small
    with setting(spark, LIMIT, "64m"):
        large = hashed(of_groups(rows)).first()["x"]
    python = transform(of_groups(rows), pipeline, keep=[], runtime="python").selectExpr("bit_xor(fingerprint) x")
    assert large == python.first()["x"] != small


def test_batches_of_many_rows_end_before_the_limit(spark, text):
    frame = spark.range(0, 2000, 1, 1).selectExpr("id", "repeat(concat('usb ', id, ' '), 200) as title")
    # Of 2000 rows with some 1.7 KB each, where batches by the default settings would have them all.
    with setting(spark, LIMIT, "1m"):
        python, jvm = both(frame, text, keep=["id"])
    assert jvm == python


def test_the_sql_function_has_the_limit_too(spark, text, tmp_path):
    text.save(tmp_path / "text.bzsw")
    view = "long_titles"
    titles(spark, "repeat(concat('usb ', id), 400000)").createOrReplaceTempView(view)
    sql = f"select id, made.* from (select id, buzzsaw_transform('{tmp_path}/text.bzsw', title) as made from {view})"
    with setting(spark, LIMIT, "1m"):
        assert_past_the_limit(refused(spark.sql(sql)), "limit of 1048576")
    with setting(spark, LIMIT, "16m"):
        found = sorted(map(bits, spark.sql(sql).collect()))
    assert found == sorted(map(bits, transform(spark.table(view), text, keep=["id"]).collect()))
    spark.catalog.dropTempView(view)


@pytest.mark.parametrize("given", ["many", "0", "-1m", "1.5g", "", "99999999999g", "12 parsecs"])
@pytest.mark.parametrize("key", [LIMIT, "spark.buzzsaw.batchBytes"])
def test_a_limit_that_is_no_size_is_refused_before_any_job(spark, text, tmp_path, key, given):
    text.save(tmp_path / "text.bzsw")
    frame = titles(spark, "string(id)")
    with setting(spark, key, given):
        with pytest.raises(bz.InvalidValueError) as caught:
            transform(frame, text, runtime="jvm")
        with pytest.raises(Exception, match="BZ_INVALID_VALUE") as in_sql:
            frame.selectExpr(f"buzzsaw_transform('{tmp_path}/text.bzsw', title)")
    assert caught.value.place == key
    assert f"`{given}`" in caught.value.message
    assert "64m" in caught.value.hint
    assert error_of(in_sql.value).problems == caught.value.problems


@pytest.mark.parametrize("given", ["67108864", "64m", "64MB", " 1g "])
def test_sizes_are_written_as_spark_writes_them(spark, text, given):
    with setting(spark, LIMIT, given), setting(spark, "spark.buzzsaw.batchBytes", given):
        assert transform(titles(spark, "string(id)"), text, keep=[], runtime="jvm").count() == 3


def test_kept_columns_count_towards_the_end_of_a_batch(spark, text):
    frame = spark.range(0, 400, 1, 1).selectExpr("id", "string(id) as title", "repeat(string(id), 20000) as html")
    with setting(spark, "spark.buzzsaw.batchBytes", "1m"):
        assert measured(transform(frame, text, keep=["id"], runtime="jvm"))["numBatches"] == 1
        # Some 23 MB of kept text on the heap, a megabyte at a time.
        assert measured(transform(frame, text, runtime="jvm"))["numBatches"] > 15
        python, jvm = both(frame, text, keep=["id", "html"])
    assert jvm == python


def test_kept_columns_of_a_group_past_the_limit_are_refused(spark):
    pipeline = bz.fit(bz.Spec.parse(GROUPED), {})
    frame = spark.range(0, 400, 1, 1).selectExpr(
        "id as price", "id div 200 as request", "repeat(string(id), 20000) as html"
    )
    with setting(spark, LIMIT, "4m"):
        error = refused(transform(frame, pipeline, keep=["html"], partitions=1, runtime="jvm"))
        assert (error.code, error.place) == ("BZ_RESOURCE_LIMIT", "keep")
        assert "over the limit of 4194304" in error.message
        assert error.hint.startswith("keep fewer columns, make groups smaller")
        assert LIMIT in error.hint
        assert transform(frame, pipeline, keep=["price"], partitions=1, runtime="jvm").count() == 400


def test_kept_columns_and_inputs_of_a_group_count_together(spark):
    spec = TEXT.replace("steps:", "  request: {type: int64, side: query, role: group}\nsteps:", 1).replace(
        "features: [hashed]",
        "  known: {transform: list_length, input: terms}\n  of: {transform: group_zscore, input: known}\n"
        "features: [of]",
    )
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    # One group with 1.6 MB of titles and 3.2 MB of kept text.
    frame = spark.range(0, 400, 1, 1).selectExpr(
        "1 as request", "repeat('usb ', 1000) as title", "repeat('html', 2000) as html"
    )

    def made(keep):
        return transform(frame, pipeline, keep=keep, partitions=1, runtime="jvm")

    with setting(spark, LIMIT, "4m"):
        assert made(["request"]).count() == 400
        error = refused(made(["html"]))
        assert (error.code, error.place) == ("BZ_RESOURCE_LIMIT", "keep")
        assert "together over the limit of 4194304" in error.message
    with setting(spark, LIMIT, "16m"):
        assert made(["html"]).count() == 400


def test_a_task_over_many_partitions_holds_the_memory_of_one_batch(spark, text):
    pools = spark._jvm.java.lang.management.ManagementFactory.getPlatformMXBeans(
        spark._jvm.java.lang.Class.forName("java.lang.management.BufferPoolMXBean")
    )
    (direct,) = (pool for pool in pools if pool.getName() == "direct")
    frame = spark.range(0, 60 * 500, 1, 60).selectExpr("id", "repeat(concat('usb ', id, ' '), 300) as title")
    made = transform(frame, text, keep=["id"], runtime="jvm")

    def total(partitions):
        return made.coalesce(partitions).selectExpr("bit_xor(fingerprint) x").first()["x"]

    want = total(60)
    before = direct.getMemoryUsed()
    assert total(1) == want
    # Each of the 60 batches has some 1.5 MB of text in a buffer of 2 MiB, and its features.
    assert direct.getMemoryUsed() - before < 60 << 20


def test_lists_of_nothing_count_towards_the_end_of_a_batch(spark):
    spec = """
buzzsaw: 1
name: listed
inputs:
  tags: {type: list<string>, side: document}
steps:
  many: {transform: list_length, input: tags}
features: [many]
"""
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    frame = spark.range(0, 2000, 1, 1).selectExpr("id", "array_repeat(cast(null as string), 2000) as tags")
    with setting(spark, LIMIT, "8m"):
        python, jvm = both(frame, pipeline, keep=["id"])
    assert jvm == python


def test_missing_values_count_towards_the_end_of_a_batch(spark):
    names = [f"x{i}" for i in range(60)]
    spec = "buzzsaw: 1\nname: sparse_rows\ninputs:\n"
    spec += "".join(f"  {name}: {{type: decimal, side: document}}\n" for name in names)
    spec += f"features: [{', '.join(names)}]"
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    # A row has one number, and takes 1 KB in a batch; one of 4096 such rows is past the limit.
    columns = [
        f"cast(if(id % {len(names)} = {i}, id, null) as decimal(20, 2)) as {name}" for i, name in enumerate(names)
    ]
    frame = spark.range(0, 4096, 1, 1).selectExpr("id", *columns)
    with setting(spark, LIMIT, "2m"):
        python, jvm = both(frame, pipeline, keep=["id"])
    assert jvm == python


@pytest.mark.parametrize("runtime", ["python", "jvm"])
@pytest.mark.parametrize("partitions", [0, -5, "8", 2**31, True, 1.5])
def test_partitions_that_are_no_number_of_tasks_are_refused(spark, text, runtime, partitions):
    with pytest.raises(bz.InvalidValueError) as caught:
        transform(titles(spark, "string(id)"), text, partitions=partitions, runtime=runtime)
    assert caught.value.place == "partitions"


@pytest.mark.parametrize("runtime", ["python", "jvm"])
def test_one_name_is_no_list_of_columns_to_keep(spark, text, runtime):
    with pytest.raises(bz.TypeMismatchError, match="give keep=\\['id'\\]"):
        transform(titles(spark, "string(id)"), text, keep="id", runtime=runtime)


@pytest.mark.parametrize("runtime", ["python", "jvm"])
def test_a_feature_cannot_be_called_as_the_fingerprint(spark, runtime):
    spec = TEXT.replace("features: [hashed]", "features: [{step: hashed, name: fingerprint}]")
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    with pytest.raises(bz.InvalidValueError, match="the name `fingerprint` of a column that the transform adds"):
        transform(titles(spark, "string(id)"), pipeline, keep=[], runtime=runtime)


def test_an_artifact_that_no_array_holds_is_refused(spark, tmp_path):
    with (tmp_path / "huge.bzsw").open("wb") as file:
        file.truncate(3 << 30)
    with pytest.raises(Exception, match="BZ_RESOURCE_LIMIT") as caught:
        spark._jvm.io.buzzsaw.spark.FeatureTransform.load(str(tmp_path / "huge.bzsw"))
    assert "3221225472 bytes" in str(caught.value)


def test_an_error_whose_text_was_cut_is_no_error_of_ours():
    assert error_of(Exception('buzzsaw-problems:[{"code":"BZ_X","place":"inputs[1]')) is None
