"""The operator in Spark's JVMs takes the columns that the Python runtime takes, to the same bits, and no others."""

from __future__ import annotations

import json
import uuid

import buzzsaw as bz
import pytest
from buzzsaw.spark import transform
from pyspark.sql import functions as fn
from test_spark_jvm import both

#: An input type, Spark's types for it, and values in Spark SQL.
TYPES = [
    ("bool", "boolean", ["true", "false"]),
    ("int32", "tinyint", ["127Y", "-128Y"]),
    ("int32", "smallint", ["32767S", "-1S"]),
    ("int32", "int", ["2147483647", "-7"]),
    ("int64", "tinyint", ["3Y"]),
    ("int64", "int", ["-2147483648"]),
    ("int64", "bigint", ["9223372036854775807L", "-1L"]),
    ("float32", "tinyint", ["3Y"]),
    ("float32", "smallint", ["-300S"]),
    ("float32", "float", ["float('NaN')", "float('-0.0')", "float('1e-45')", "float('Infinity')"]),
    ("float64", "smallint", ["12S"]),
    ("float64", "int", ["16777217"]),
    ("float64", "float", ["float('0.1')"]),
    ("float64", "double", ["double('NaN')", "double('-Infinity')", "double('4.9e-324')", "0.1D"]),
    ("decimal", "tinyint", ["3Y"]),
    ("decimal", "int", ["12345"]),
    ("decimal", "bigint", ["9223372036854775807L"]),
    ("decimal", "decimal(5,2)", ["999.99", "-0.01"]),
    ("decimal", "decimal(38,10)", ["1234567890123456789012345678.0123456789", "-0.0000000001"]),
    ("date", "date", ["date'2024-02-29'", "date'1969-12-31'"]),
    ("timestamp", "timestamp", ["timestamp'2024-02-29 12:34:56.789012'", "timestamp'1900-01-01 00:00:00'"]),
    ("timestamp", "timestamp_ntz", ["timestamp_ntz'2024-02-29 12:34:56.789012'"]),
    ("string", "string", ["'naïve 日本'", "''", "'a, b'", "string(unhex('ff61'))", "string(unhex('eda080'))"]),
    ("string", "binary", ["unhex('636166ff')", "unhex('')"]),
    ("string", "string collate UTF8_LCASE", ["'ABC'"]),
    ("string", "void", ["null"]),
    ("binary", "binary", ["unhex('00ff')", "unhex('')"]),
    ("list<string>", "array<string>", ["array('a', null, 'b')", "array()", "array(string(unhex('ff')))"]),
    ("list<string>", "array<binary>", ["array(unhex('ff61'))"]),
    ("list<int64>", "array<int>", ["array(1, null, -5)"]),
    ("list<float32>", "array<float>", ["array(float('NaN'), 1.5F, null)"]),
    ("list<float64>", "array<double>", ["array(0.1D, double('NaN'))"]),
    ("list<decimal>", "array<decimal(20,3)>", ["array(1.234, null)"]),
    ("list<bool>", "array<boolean>", ["array(true, null)"]),
    ("map<string>", "map<string,string>", ["map('k', 'v', 'ü', null)", "map()"]),
    ("map<string>", "map<binary,binary>", ["map(unhex('6b'), unhex('ff'))"]),
    ("map<int64>", "map<string,smallint>", ["map('k', 7S)"]),
    ("map<float64>", "map<string,float>", ["map('k', float('NaN'), 'l', 2F)", "map('k', 0.1F)"]),
    ("map<decimal>", "map<string,decimal(9,4)>", ["map('k', 1.2345)"]),
]


def shown(kind: str) -> list[str]:
    """Steps that make features of an input `x` of a type, every value of which they tell apart."""
    outer, _, rest = kind.partition("<")
    item = rest.removesuffix(">")
    if outer == "map":
        steps = ["picked: {transform: map_get, input: x, key: k}"]
        return steps + [
            step.replace("input: x", "input: picked").replace("[x, x]", "[picked, picked]") for step in shown(item)
        ]
    if kind in ("date", "timestamp"):
        return ["shown: {transform: age, inputs: [x, near], unit: seconds}"]
    if outer == "list" and item in ("bool", "int64", "float32", "float64", "decimal"):
        return [
            "shown: {transform: list_statistic, input: x, statistic: sum}",
            "length: {transform: list_length, input: x}",
        ]
    if outer == "list":
        return ["shown: {transform: hashed_cross, inputs: [x, x], bits: 20}"]
    if kind in ("string", "binary"):
        return ["shown: {transform: hash_bucket, input: x, buckets: 1000003}"]
    return ["shown: {transform: arithmetic, inputs: [x, x], operation: add}"]


def pipeline_of(kind: str) -> bz.Pipeline:
    steps = "".join(f"  {step}\n" for step in shown(kind))
    features = [step.split(":")[0] for step in shown(kind) if not step.startswith("picked")]
    inputs = f"  x: {{type: {kind}, side: document}}\n  near: {{type: timestamp, side: document}}\n"
    spec = f"buzzsaw: 1\nname: types\ninputs:\n{inputs}steps:\n{steps}features: [{', '.join(features)}]\n"
    return bz.fit(bz.Spec.parse(spec), {})


def test_every_pair_of_types_gives_the_same_bits(spark):
    wrong = []
    for kind, sql, values in TYPES:
        pipeline = pipeline_of(kind)
        rows = " union all ".join(
            f"select {i} as i, cast({value} as {sql}) as x" for i, value in enumerate([*values, "null"])
        )
        near = fn.expr("date_trunc('DAY', x)") if kind in ("date", "timestamp") else fn.lit(0).cast("timestamp")
        python, jvm = both(spark.sql(rows).withColumn("near", near), pipeline, keep=["i"])
        if jvm != python:
            wrong.append((kind, sql, python, jvm))
        if sql != "void":
            assert len({row[row.index(",") :] for row in python}) > 1, (kind, sql, python)
    assert not wrong


@pytest.mark.parametrize("sql", ["varchar(5)", "char(5)"])
def test_text_of_bounded_length_is_read_back_from_a_table(spark, sql):
    table = f"bounded_{uuid.uuid4().hex}"
    spark.sql(f"create table {table} (i int, x {sql}) using parquet")
    try:
        spark.sql(f"insert into {table} values (0, 'abc'), (1, 'naïve'), (2, null)")
        frame = spark.table(table).withColumn("near", fn.lit(0).cast("timestamp"))
        python, jvm = both(frame, pipeline_of("string"), keep=["i"])
    finally:
        spark.sql(f"drop table {table}")
    assert jvm == python
    assert len({row[row.index(",") :] for row in python}) == 3


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("int32", "bigint"),
        ("float32", "int"),
        ("float64", "bigint"),
        ("float64", "decimal(5,2)"),
        ("decimal", "double"),
        ("string", "int"),
        ("binary", "string"),
        ("date", "timestamp"),
        ("timestamp", "date"),
        ("list<string>", "string"),
        ("list<string>", "array<int>"),
        ("map<string>", "map<int,string>"),
        ("map<string>", "map<string,int>"),
        ("map<string>", "struct<a:string>"),
    ],
)
def test_other_types_are_refused_before_any_job_by_each_api(spark, tmp_path, kind, sql):
    pipeline = pipeline_of(kind)
    frame = spark.sql(f"select cast(null as {sql}) as x, cast(null as timestamp) as near")
    with pytest.raises(bz.TypeMismatchError) as caught:
        transform(frame, pipeline, runtime="jvm")
    # The jar's own check, which Scala and Java users meet.
    file = tmp_path / "types.bzsw"
    pipeline.save(file)
    jar = spark._jvm.io.buzzsaw.spark.FeatureTransform
    with pytest.raises(Exception, match="BZ_TYPE_MISMATCH") as refused:
        jar.load(str(file)).transform(frame._jdf)
    found = json.loads(jar.problemsOf(refused.value.java_exception))
    assert [(problem["code"], problem["place"]) for problem in found] == [("BZ_TYPE_MISMATCH", caught.value.place)]
