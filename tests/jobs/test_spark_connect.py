"""Spark Connect gets an answer: a server and its client in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys

import pyspark
import pytest
from cluster import environment

CLIENT = """
import json
import sys

import buzzsaw as bz
from pyspark.sql import SparkSession

spec = bz.Spec.load(sys.argv[1])
pipeline = bz.load(sys.argv[2])
session = SparkSession.builder.remote("local[1]").getOrCreate()
frame = session.createDataFrame([("usb cable",)], ["title"])
assert type(frame).__module__.startswith("pyspark.sql.connect")
answers = []
for work in (
    lambda: bz.spark.transform(frame, pipeline),
    lambda: bz.spark.transform(frame, pipeline, runtime="python"),
    lambda: bz.spark.transform(frame, pipeline, runtime="jvm"),
    lambda: bz.spark.fit(spec, frame),
):
    try:
        work()
        answers.append("nothing")
    except bz.InvalidValueError as error:
        answers.append([error.code, error.place, str(error)])
print(json.dumps(answers))
session.stop()
"""


@pytest.mark.skipif(pyspark.__version__ < "4", reason="the server is not among the jars of PySpark 3.5")
def test_a_frame_of_spark_connect_is_refused(spec, pipeline, tmp_path):
    pytest.importorskip("grpc", reason="the client of Spark Connect is not installed")
    pipeline.save(tmp_path / "shop.buzzsaw")
    (tmp_path / "spec.json").write_text(spec.to_json(), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, str(tmp_path / "spec.json"), str(tmp_path / "shop.buzzsaw")],
        # The server must not be taken for the session of these tests.
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert [answer[:2] for answer in answers] == [["BZ_INVALID_VALUE", place] for place in ("df", "df", "df", "pairs")]
    assert all("Spark Connect" in answer[2] and "classic session" in answer[2] for answer in answers)
