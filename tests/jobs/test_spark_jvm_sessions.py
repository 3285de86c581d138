"""What only a session of its own shows: a panic of the native library, pages of Spark's UI, a JVM without Delta."""

from __future__ import annotations

import re

import buzzsaw as bz
import pytest
from cluster import told_by
from shops import ROOT
from test_spark_jvm import FLAT

#: The native library with a transform that panics at 0.1; `make test` builds it before it runs these tests.
FAULTS = ROOT / "build" / "faults" / "libbuzzsaw_jni.so"


@pytest.fixture
def flat(tmp_path):
    """An artifact without steps within a group, of the whole library, and its pipeline."""
    pipeline = bz.fit(bz.Spec.parse(FLAT), {})
    pipeline.save(tmp_path / "flat.bzsw")
    return tmp_path / "flat.bzsw", pipeline


PANICS = '''
import json
import sys

import buzzsaw as bz
from pyspark.sql import DataFrame, SparkSession

library, other = sys.argv[1:]
settings = {"spark.ui.enabled": "false", "spark.driver.extraJavaOptions": f"-Dbuzzsaw.native.path={library}"}
session = SparkSession.builder.master("local[2]").config(map=bz.spark.jvm_settings(settings=settings)).getOrCreate()
jar = session._jvm.io.buzzsaw
# The wheel does not know the transform: the library that panics makes the artifact.
planted = jar.Pipeline.compile("""
buzzsaw: 1
name: planted
inputs:
  x: {type: float64, side: document}
steps:
  item: {transform: planted_panic, input: x}
features: [item]
""")


def items(rows):
    made = jar.spark.FeatureTransform.of(planted.toBytes()).transform(session.sql(rows)._jdf)
    return [row["item"] for row in DataFrame(made, session).collect()]


good = "select id, double(id) as x from range(0, 20, 1, 2)"
told = {"before": items(good)}
try:
    items("select id, if(id = 7, 0.1D, double(id)) as x from range(0, 20, 1, 2)")
except Exception as failure:
    error = bz.spark.error_of(failure)
    told |= {"type": type(error).__name__, "problems": error.problems, "backtrace": error.backtrace}
    told |= {"text": str(failure)}
told["after"] = items(good)
rows = session.sql("select 2.5D as price, 'usb cable' as title")
features = bz.spark.transform(rows, bz.load(other), keep=[], runtime="jvm")
told["other"] = [row["fingerprint"] for row in features.collect()]
print(json.dumps(told))
session.stop()
'''


@pytest.mark.skipif(not FAULTS.exists(), reason=f"{FAULTS.relative_to(ROOT)} is not built; `make test` builds it")
def test_a_panic_in_a_task_is_an_error_with_its_backtrace_and_the_session_goes_on(flat, tmp_path):
    file, pipeline = flat
    told = told_by(PANICS, FAULTS, file, folder=tmp_path)
    assert told["type"] == "InternalError"
    (problem,) = told["problems"]
    assert (problem["code"], problem["place"]) == ("BZ_INTERNAL", "steps.item")
    assert "index out of bounds" in problem["message"]
    assert "planted_panic.rs:" in problem["message"]
    # The frames, which the text of Spark's exception has too.
    assert "planted_panic" in told["backtrace"]
    assert "buzzsaw-problems" not in told["backtrace"]
    assert f"\nRust backtrace:\n{told['backtrace']}\n" in told["text"]
    assert told["before"] == told["after"] == [20.0] * 20
    local = pipeline.transform({"price": [2.5], "title": ["usb cable"]})
    assert told["other"] == local.fingerprints.tolist()


SHOWN = """
import json
import sys
import time
import urllib.request

import buzzsaw as bz
from pyspark.sql import SparkSession

settings = {"spark.ui.enabled": "true", "spark.ui.port": "0", "spark.buzzsaw.batchRows": "10"}
session = SparkSession.builder.master("local[1]").config(map=bz.spark.jvm_settings(settings=settings)).getOrCreate()
rows = session.range(0, 40, 1, 1).selectExpr("double(id) as price", "concat('usb ', id) as title")
bz.spark.transform(rows, bz.load(sys.argv[1]), keep=[], runtime="jvm").collect()
context = session.sparkContext
page = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/sql?details=true"
# The UI is on this machine, whatever proxy there is.
client = urllib.request.build_opener(urllib.request.ProxyHandler({}))
end = time.monotonic() + 60
shown = []
# Spark's pages are behind its events.
while not shown and time.monotonic() < end:
    time.sleep(0.2)
    with client.open(page, timeout=30) as answer:
        queries = json.load(answer)
    nodes = [node for query in queries if query["status"] == "COMPLETED" for node in query["nodes"]]
    shown = [node["metrics"] for node in nodes if node["nodeName"] == "BuzzsawFeatures" and node["metrics"]]
print(json.dumps([{metric["name"]: metric["value"] for metric in metrics} for metrics in shown]))
session.stop()
"""


def test_the_pages_of_sparks_ui_show_rows_batches_bytes_and_native_time(flat, tmp_path):
    file, _ = flat
    (shown,) = told_by(SHOWN, file, folder=tmp_path)
    assert re.fullmatch(r"[\d.]+ m?s", shown.pop("time in native code"))
    assert shown == {
        "number of output rows": "40",
        "number of batches": "4",
        # 40 times 8 of the price and 4 of the title's offset, each with a byte that says whether it is there: 560. The
        # titles themselves: 10 of 5 bytes and 30 of 6.
        "bytes given to native code": "790.0 B",
    }


SECOND = """
import json
import sys
from pathlib import Path

import buzzsaw as bz
from pyspark import SparkContext
from pyspark.sql import SparkSession

# A notebook's first session, without Delta.
SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate().stop()
try:
    bz.spark.local_session("second", Path(sys.argv[1]), cores=1)
except bz.BuzzsawError as error:
    print(json.dumps([*error.problems, SparkContext._active_spark_context is not None]))
"""


def test_a_jvm_that_was_started_without_deltas_jars_is_refused(tmp_path):
    problem, runs = told_by(SECOND, ROOT / "build" / "delta-jars", folder=tmp_path)
    assert (problem["code"], problem["place"]) == ("BZ_MISSING_INPUT", "spark.jars")
    assert "start Python" in problem["hint"]
    assert not runs
