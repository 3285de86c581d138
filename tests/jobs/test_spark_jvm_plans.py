"""What Spark's planner and scheduler do with the operator: equal plans or not, absent columns, killed tasks."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import buzzsaw as bz
import pytest
from buzzsaw.spark import transform
from test_spark_jvm import FLAT, bits, setting
from test_spark_jvm_limits import GROUPED
from test_spark_transform import KEYS


def plan(made):
    """The plan that the planner compares, without the numbers of its columns."""
    return made._jdf.queryExecution().optimizedPlan().canonicalized()


def test_transforms_by_equal_artifacts_are_equal_plans(pairs, pipeline):
    first = transform(pairs, pipeline, keep=[], runtime="jvm")
    second = transform(pairs, bz.Pipeline.from_bytes(pipeline.to_bytes()), keep=[], runtime="jvm")
    assert plan(first).equals(plan(second))


def test_what_changes_a_value_changes_the_plan(spark):
    spec = FLAT.replace("steps:", "  count: {type: float64, side: document}\nsteps:", 1).replace(
        "features: [", "  of_count: {transform: log1p, input: count}\nfeatures: [of_count, "
    )
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    other = bz.fit(bz.Spec.parse(spec.replace("bits: 18", "bits: 17")), {})
    rows = spark.sql("select double(id) as price, double(id) as count, string(id) as title from range(0, 10, 1, 1)")
    rows = rows.cache()
    rows.count()

    def made(frame, pipeline=pipeline, mode="serve", keep=()):
        return plan(transform(frame, pipeline, mode=mode, keep=keep, runtime="jvm"))

    same = made(rows)
    assert same.equals(made(rows))
    assert same.equals(made(rows.select("title", "count", "price")))
    unequal = {
        "artifact": made(rows, other),
        # The spec has no folds, so the columns are those of serving.
        "mode": made(rows, mode="train"),
        "type": made(rows.withColumn("price", rows["price"].cast("float"))),
        "order": made(rows.selectExpr("count as price", "price as count", "title")),
        "kept": made(rows, keep=["title"]),
    }
    assert {what for what, found in unequal.items() if same.equals(found)} == set()
    rows.unpersist()


def test_serving_and_training_in_one_query_are_what_each_is_alone(pairs, pipeline):
    made = {mode: transform(pairs, pipeline, mode=mode, keep=KEYS, runtime="jvm") for mode in ("serve", "train")}
    shown = made["serve"].columns
    made = {mode: features.select(*shown).selectExpr(f"'{mode}' as mode", "*") for mode, features in made.items()}
    together = made["serve"].union(made["train"]).collect()
    alone = {mode: sorted(map(bits, features.collect())) for mode, features in made.items()}
    for mode, rows in alone.items():
        assert sorted(bits(row) for row in together if row["mode"] == mode) == rows
    assert [row.replace("serve", "train") for row in alone["serve"]] != alone["train"]


@pytest.fixture
def grouped(tmp_path):
    """A pipeline with steps within a group, and its artifact."""
    pipeline = bz.fit(bz.Spec.parse(GROUPED), {})
    pipeline.save(tmp_path / "grouped.bzsw")
    return pipeline, tmp_path / "grouped.bzsw"


ABSENT = [
    ({"keep": ["labl"]}, "keep", "did you mean `label`?"),
    ({"groups": "somewhere_else"}, "groups", "it has c00, c01, "),
    ({"keep": ["price", "request"], "frame": "label"}, "inputs.price", "it has label"),
]


@pytest.mark.parametrize(("options", "place", "hint"), ABSENT, ids=["keep", "groups", "input"])
def test_an_absent_column_is_reported_where_it_is_asked_for(spark, grouped, options, place, hint):
    """By Python for both runtimes, and by the jar, which Scala and Java call."""
    pipeline, file = grouped
    many = [f"{i} as c{i:02}" for i in range(30)]
    frame = (
        spark.range(1).selectExpr(*many, "id as price", "id as request", "0 as label").select(options.get("frame", "*"))
    )
    given = {key: value for key, value in options.items() if key != "frame"}
    for runtime in ("python", "jvm"):
        with pytest.raises(bz.MissingInputError) as caught:
            transform(frame, pipeline, runtime=runtime, **given)
        assert caught.value.place == place
        assert caught.value.hint.startswith(hint)
    jar = spark._jvm.io.buzzsaw.spark.FeatureTransform
    made = jar.load(str(file))
    for option, value in given.items():
        made = getattr(made, option)(value)
    with pytest.raises(Exception, match="BZ_MISSING_INPUT") as refused:
        made.transform(frame._jdf)
    problem = json.loads(jar.problemsOf(refused.value.java_exception))[0]
    assert (problem["code"], problem["place"]) == ("BZ_MISSING_INPUT", place)
    assert problem["hint"].startswith(hint)
    assert problem["hint"].count(",") < 20


def tasks_in_the_operator(spark):
    """How many of Spark's tasks are within the operator."""
    threads = spark._jvm.java.lang.management.ManagementFactory.getThreadMXBean().dumpAllThreads(False, False)
    tasks = [thread.getStackTrace() for thread in threads if thread.getThreadName().startswith("Executor task")]
    return sum(any("buzzsaw.spark.FeatureIterator" in str(call) for call in stack) for stack in tasks)


def until(reached, patience=60):
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("interrupt", [True, False])
def test_the_session_goes_on_after_a_task_was_killed(spark, interrupt):
    pipeline = bz.fit(bz.Spec.parse(FLAT), {})
    group = f"killed-{uuid.uuid4().hex}"

    def features(rows):
        title = "repeat(concat('usb ', id, ' '), 300) as title"
        frame = spark.range(0, rows, 1, 2).selectExpr("id", "double(id) as price", title)
        return transform(frame, pipeline, keep=["id"], runtime="jvm")

    def run():
        spark.sparkContext.setJobGroup(group, "to be killed", interruptOnCancel=interrupt)
        # Half a minute and more, were it not killed.
        features(400_000).write.format("noop").mode("overwrite").save()

    with setting(spark, "spark.buzzsaw.batchRows", 100), ThreadPoolExecutor(1) as thread:
        running = thread.submit(run)
        try:
            until(lambda: running.done() or tasks_in_the_operator(spark))
        finally:
            spark.sparkContext.cancelJobGroup(group)
        with pytest.raises(Exception, match="cancelled"):
            running.result()
    until(lambda: not tasks_in_the_operator(spark))
    found = {row["id"]: row["fingerprint"] for row in features(100).collect()}
    titles = [f"usb {i} " * 300 for i in range(100)]
    local = pipeline.transform({"price": [float(i) for i in range(100)], "title": titles})
    assert found == dict(enumerate(local.fingerprints.tolist()))
