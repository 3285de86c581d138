"""The programs of docs/spark_jvm.md: the page shows what Maven compiled, and that gives the rows of Python."""

from __future__ import annotations

import re
import subprocess
import textwrap

import pytest
from buzzsaw.spark import transform
from buzzsaw.spark.jvm import EXTENSION, jar_path
from cluster import environment
from shops import ROOT
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
