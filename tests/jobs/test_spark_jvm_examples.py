"""The programs and queries that docs/spark_jvm.md and Spark's own help show are run, and give the rows of Python."""

from __future__ import annotations

import re
import subprocess
import textwrap

import buzzsaw as bz
import pytest
from buzzsaw.spark import transform
from buzzsaw.spark.jvm import EXTENSION, jar_path
from cluster import environment
from shops import ROOT
from test_spark_jvm import bits
from test_spark_submit import SMALL

MODULE = ROOT / "buzzsaw_jvm" / "spark_examples"
PROGRAMS = {"java": "JavaExample.java", "scala": "ScalaExample.scala"}


def source(language: str) -> str:
    folder = MODULE / "src" / "main" / language / "io" / "buzzsaw" / "spark" / "examples"
    return (folder / PROGRAMS[language]).read_text("utf-8")


@pytest.mark.parametrize("language", PROGRAMS)
def test_what_is_shown_is_what_is_compiled(language):
    page = (ROOT / "docs" / "spark_jvm.md").read_text("utf-8")
    (shown,) = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert textwrap.indent(shown, "    ") in source(language)


def test_the_javadoc_shows_it_too():
    documented = ROOT / "buzzsaw_jvm" / "spark" / "src" / "main" / "java" / "io" / "buzzsaw" / "spark"
    (shown,) = re.findall(
        r"<pre>\{@code\n(.*?) \* \}</pre>", (documented / "FeatureTransform.java").read_text("utf-8"), re.DOTALL
    )
    lines = re.sub(r"^ \* ?", "", shown, flags=re.MULTILINE)
    assert textwrap.indent(lines, "    ") in source("java")


@pytest.mark.parametrize("language", PROGRAMS)
def test_every_language_gives_the_rows_of_python(spark, pairs, pipeline, tmp_path, language):
    labelled = pairs.withColumn("label", pairs["rating"])
    labelled.write.parquet(str(tmp_path / "pairs.parquet"))
    pipeline.save(tmp_path / "shop_search.buzzsaw")
    (built,) = (path for path in MODULE.glob("target/buzzsaw-spark-examples-*.jar") if "sources" not in path.stem)
    command = ["spark-submit", "--master", "local[2]", "--jars", str(jar_path())]
    for key, value in {**SMALL, "spark.sql.extensions": EXTENSION}.items():
        command += ["--conf", f"{key}={value}"]
    command += ["--class", f"io.buzzsaw.spark.examples.{PROGRAMS[language].partition('.')[0]}", str(built)]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    made = spark.read.parquet(str(tmp_path / "features.parquet"))
    want = transform(labelled, pipeline, mode="train", keep=["qid", "label"])
    assert made.columns == want.columns
    assert sorted(map(str, made.collect())) == sorted(map(str, want.collect()))


SEARCH = """
buzzsaw: 1
name: search
inputs:
  query: {type: string, side: query}
  title: {type: string, side: document}
steps:
  query_terms: {transform: tokenize, input: query}
  title_terms: {transform: tokenize, input: title}
  title_bm25: {transform: bm25, inputs: [query_terms, title_terms]}
features: [title_bm25]
"""
ARTIFACT = "/models/shop.buzzsaw"


def helped(spark) -> list[str]:
    """The queries of `DESCRIBE FUNCTION EXTENDED`."""
    told = "\n".join(row[0] for row in spark.sql("describe function extended buzzsaw_transform").collect())
    return re.findall(r"^ *> (.*);$", told, re.MULTILINE)


def paged() -> list[str]:
    """The queries of the page."""
    page = (ROOT / "docs" / "spark_jvm.md").read_text("utf-8")
    return re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_queries_of_the_help_and_of_the_page_run(spark, tmp_path):
    titles = ["usb cable", "wireless mouse", "usb hub with usb cable"]
    rows = [(i, "usb cable", title, 100 * i, "usb cable", title) for i, title in enumerate(titles)]
    pairs = spark.createDataFrame(rows, "id int, query string, title string, price_cents bigint, q string, t string")
    learnt = {"query": ["usb cable"] * len(titles), "title": titles}
    pipeline = bz.fit(bz.Spec.parse(SEARCH), learnt, {"title": titles})
    pipeline.save(tmp_path / "shop.buzzsaw")
    wanted = transform(pairs, pipeline, keep=["id"]).orderBy("id")
    queries = helped(spark) + paged()
    assert len(queries) == 3
    for view in ("pairs", "shown"):
        pairs.createOrReplaceTempView(view)
    try:
        for query in queries:
            assert ARTIFACT in query
            made = spark.sql(query.replace(ARTIFACT, str(tmp_path / "shop.buzzsaw")))
            # A field of the function's struct is named by the call and itself.
            columns = [column.rpartition(".")[2] for column in made.columns]
            assert sorted(map(bits, made.collect())) == sorted(map(bits, wanted.select(columns).collect())), query
    finally:
        for view in ("pairs", "shown"):
            spark.catalog.dropTempView(view)
    scores = [row["title_bm25"] for row in wanted.collect()]
    assert scores[0] > 0 == scores[1]
