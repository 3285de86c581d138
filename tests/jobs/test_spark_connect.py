"""Spark Connect: DataFrames are refused, SQL works; a server and its client in a process of their own.

A client on the JVM has other classes of Spark than a classic session, and no server is needed for it to be refused.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import buzzsaw as bz
import pyspark
import pytest
from buzzsaw.spark import jar_path, jvm_settings
from buzzsaw.spark.versions import has_operator
from cluster import environment, told_by
from test_spark_jvm import FLAT

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

#: SQL through a server with the jar and the extension; what is asked for is in files.
SQL_CLIENT = """
import json
import sys

from pyspark.sql import SparkSession

query, settings = (open(path, encoding="utf-8").read() for path in sys.argv[1:])
session = SparkSession.builder.remote("local[1]").config(map=json.loads(settings)).getOrCreate()
answer = session.sql(query)
assert type(answer).__module__.startswith("pyspark.sql.connect")
print(json.dumps([row.asDict(recursive=True) for row in answer.collect()]))
session.stop()
"""

#: A program of an application; its frame is a plan that no server has seen.
JVM_CLIENT = """
import io.buzzsaw.BuzzsawException;
import io.buzzsaw.spark.FeatureTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.connect.SparkSession;

public class Client {
  private static void told(Runnable work) {
    try {
      work.run();
      System.out.println("nothing");
    } catch (BuzzsawException e) {
      System.out.println(e.code() + " " + e.place() + " " + e.getMessage());
    }
  }

  public static void main(String[] arguments) throws Exception {
    told(() -> FeatureTransform.load(arguments[0]));
    FeatureTransform transform = FeatureTransform.of(Files.readAllBytes(Path.of(arguments[0])));
    Dataset<Row> frame = SparkSession.builder().remote("sc://127.0.0.1:1").create().range(3).toDF();
    told(() -> transform.transform(frame));
    System.exit(0);
  }
}
"""

JARS = Path(pyspark.__file__).parent / "jars"
#: By their names, the jars of Spark that a client on the JVM does not have: in Spark's own shell, and where an
#: application depends on the client alone.
LACKING = {"shell": ("spark-sql_", "spark-sql-api_", "spark-connect_")}
LACKING["application"] = (*LACKING["shell"], "spark-core_", "spark-catalyst_", "hadoop-", "hive-")


@pytest.mark.skipif(not has_operator(pyspark.__version__), reason="the jar is for another Spark")
@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
def test_a_client_on_the_jvm_is_refused(lacking, tmp_path):
    bz.fit(bz.Spec.parse(FLAT), {}).save(tmp_path / "flat.buzzsaw")
    (tmp_path / "Client.java").write_text(JVM_CLIENT, "utf-8")
    jars = [jar_path(), *(jar for jar in sorted(JARS.glob("*.jar")) if not jar.name.startswith(lacking))]
    jars += sorted((JARS / "connect-repl").glob("spark-connect-client-jvm_*.jar"))
    command = ["java", "-cp", os.pathsep.join(map(str, jars)), "Client.java", "flat.buzzsaw"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    answers = done.stdout.splitlines()
    assert [answer.split()[:2] for answer in answers] == [["BZ_INVALID_VALUE", place] for place in ("session", "df")]
    assert all("Spark Connect" in answer and "classic session" in answer for answer in answers)


@pytest.mark.skipif(pyspark.__version__ < "4", reason="the server is not among the jars of PySpark 3.5")
def test_a_frame_of_spark_connect_is_refused(spec, pipeline, tmp_path):
    pytest.importorskip("grpc", reason="the client of Spark Connect is not installed")
    pipeline.save(tmp_path / "shop.buzzsaw")
    (tmp_path / "spec.json").write_text(spec.to_json(), "utf-8")
    answers = told_by(CLIENT, tmp_path / "spec.json", tmp_path / "shop.buzzsaw", folder=tmp_path)
    assert [answer[:2] for answer in answers] == [["BZ_INVALID_VALUE", place] for place in ("df", "df", "df", "pairs")]
    assert all("Spark Connect" in answer[2] and "classic session" in answer[2] for answer in answers)


@pytest.mark.skipif(not has_operator(pyspark.__version__), reason="the jar is for another Spark")
def test_the_sql_function_gives_the_values_of_a_classic_session_through_spark_connect(spark, tmp_path):
    pytest.importorskip("grpc", reason="the client of Spark Connect is not installed")
    bz.fit(bz.Spec.parse(FLAT), {}).save(tmp_path / "flat.buzzsaw")
    rows = "values (1, 2.5D, 'usb cable'), (2, null, 'naïve 日本 日本'), (3, 1e300D, null) as t(id, price, title)"
    made = f"select id, buzzsaw_transform('{tmp_path}/flat.buzzsaw', price, title) as made from {rows}"
    query = f"select id, made.* from ({made}) order by id"
    (tmp_path / "query.sql").write_text(query, "utf-8")
    settings = jvm_settings(settings={"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1"})
    (tmp_path / "settings.json").write_text(json.dumps(settings), "utf-8")
    found = told_by(SQL_CLIENT, tmp_path / "query.sql", tmp_path / "settings.json", folder=tmp_path)
    classic = [row.asDict(recursive=True) for row in spark.sql(query).collect()]
    # As text, which tells every float apart and a missing one alike.
    assert json.dumps(found) == json.dumps(classic)
    assert len({row["fingerprint"] for row in found}) == 3
