"""Runs whose output is on a file system that Spark reaches by its scheme: HDFS, for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import buzzsaw as bz
import pyspark
import pytest
from buzzsaw import labels, nightly
from buzzsaw.datasets import marketplace
from buzzsaw.errors import IoError, MissingInputError
from buzzsaw.jobs import hadoop as hadoop_files
from buzzsaw.jobs import storage
from buzzsaw.jobs.delta import newest_version
from buzzsaw.jobs.hadoop import HadoopPath
from buzzsaw.spark.versions import has_operator
from hdfs import SUPERUSER, hdfs
from nights import SPEC, judgments, products, write_tables
from pyspark.sql import SparkSession
from shops import NOW

pytestmark = pytest.mark.skipif(
    not has_operator(pyspark.__version__), reason="the daemons are of the Hadoop of Spark 4.2"
)

DAY_BEFORE = NOW - timedelta(days=1)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hdfs(tmp_path_factory.mktemp("hdfs")) as running:
        yield running


def hadoop(session: SparkSession) -> Any:
    return session._jvm.org.apache.hadoop


def configuration(session: SparkSession) -> Any:
    return session._jsparkSession.sessionState().newHadoopConf()


@pytest.fixture(scope="module")
def root(spark: SparkSession, address: str) -> str:
    """A folder where anyone may write; beside it are ones where the tests may not."""
    java = hadoop(spark)
    files = java.fs.FileSystem.get(spark._jvm.java.net.URI(address), configuration(spark), SUPERUSER)
    for name, mode in (("open", "777"), ("closed", "755")):
        folder = java.fs.Path(f"{address}/{name}")
        files.mkdirs(folder)
        files.setPermission(folder, java.fs.permission.FsPermission(mode))
    return f"{address}/open"


@pytest.fixture
def default(spark: SparkSession, address: str) -> Iterator[None]:
    """The session's own file system is HDFS, as YARN's clusters have it."""
    spark.conf.set("fs.defaultFS", address)
    yield
    spark.conf.unset("fs.defaultFS")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Arguments of the nightly job, but for time and output."""
    folder = tmp_path_factory.mktemp("inputs")
    at = write_tables(folder, products(), judgments())
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    return [str(word) for word in ("--products", at[0], "--judgments", at[1], "--spec", folder / "spec.yaml")]


def night(session: SparkSession, words: list[str], now: datetime, output: str) -> int:
    return nightly.main([*words, "--now", now.isoformat(), "--output", output], session)


def rows_of(session: SparkSession, output: str, now: datetime) -> dict[str, list[str]]:
    """The rows of both tables of a night, in an order of their own."""
    return {
        table: sorted(map(repr, nightly.read(output, now.date(), table, session=session).collect()))
        for table in ("training", "documents")
    }


def manifest_of(session: SparkSession, output: str, now: datetime) -> dict[str, Any]:
    path = storage.location_of(output, session) / "runs" / str(now.date()) / "manifest.json"
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@pytest.fixture(scope="module")
def here(spark: SparkSession, words: list[str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Both nights in a local folder."""
    output = str(tmp_path_factory.mktemp("here"))
    assert [night(spark, words, now, output) for now in (DAY_BEFORE, NOW)] == [0, 0]
    return output


@pytest.mark.usefixtures("default")
def test_nights_there_are_those_of_a_local_folder(spark, root, words, here, capsys):
    there = f"{root}/nights/a folder"
    at = [f"file:{word}" if word.endswith(".parquet") else word for word in words]
    # The session's own file system needs no name.
    assert night(spark, at, DAY_BEFORE, "hdfs://" + urlsplit(there).path) == 0
    assert night(spark, at, NOW, there) == 0
    assert f"{there}/runs/{NOW.date()}/manifest.json" in capsys.readouterr().out
    assert nightly.dates(there, session=spark) == [DAY_BEFORE.date(), NOW.date()]
    for now in (DAY_BEFORE, NOW):
        assert rows_of(spark, there, now) == rows_of(spark, here, now)
    made, local = manifest_of(spark, there, NOW), manifest_of(spark, here, NOW)
    assert made["artifact"] == local["artifact"]
    place = storage.location_of(there, spark)
    held = Path(here) / local["artifact"]["path"]
    assert (place / made["artifact"]["path"]).read_bytes() == held.read_bytes()
    # The report of the night before was found and read.
    report = json.loads((place / made["report_json"]["path"]).read_bytes())
    assert {one["reference"] for one in report["drift"]} == {str(DAY_BEFORE.date())}
    assert (place / made["report"]["path"]).read_bytes().endswith(b"</html>\n")
    # And once more: nothing is written.
    before = newest_version(spark, f"{there}/training")
    assert night(spark, at, NOW, there) == 0
    assert newest_version(spark, f"{there}/training") == before
    assert "nothing was written" in capsys.readouterr().out


def test_a_night_that_ended_early_there_is_made_whole(spark, root, words, here, monkeypatch):
    there = f"{root}/ended"
    reached = []

    def reach(name: str) -> None:
        reached.append(name)
        if name == "manifest.json: before it is put":
            raise KeyboardInterrupt

    monkeypatch.setattr(hadoop_files, "reach", reach)
    with pytest.raises(KeyboardInterrupt):
        night(spark, words, NOW, there)
    # Both artifacts and both forms of the report are there.
    endings = [name.partition(": ")[0].rpartition(".")[2] for name in reached]
    assert sorted(endings) == ["buzzsaw", "buzzsaw", "html", "json", "json"]
    assert nightly.dates(there, session=spark) == []
    monkeypatch.undo()
    assert night(spark, words, NOW, there) == 0
    assert rows_of(spark, there, NOW) == rows_of(spark, here, NOW)
    assert not [name for name in names_in(spark, f"{there}/runs/{NOW.date()}") if name.startswith(".")]


def test_labels_there_are_those_that_a_night_there_is_made_of(spark, root, tmp_path):
    log = marketplace.write(
        marketplace.Marketplace(seed=5, products=400, sellers=10, queries=10, requests=120, days=5), tmp_path
    )
    now = datetime.combine(marketplace.Marketplace().start, datetime.min.time(), timezone.utc) + timedelta(days=5)
    propensities = ", ".join(["1.0", *["0.5"] * 9])
    settings = f"label_days: 1\nwindows: [1]\npropensities: [{propensities}]\n"
    (tmp_path / "labels.yaml").write_text(settings, "utf-8")
    inputs = ["--config", tmp_path / "labels.yaml", "--impressions", log["impressions"]]
    given = [str(word) for word in [*inputs, "--interactions", log["interactions"], "--now", now.isoformat()]]
    assert labels.main([*given, "--output", f"{root}/labels"], spark) == 0
    assert labels.main([*given, "--output", str(tmp_path / "labels")], spark) == 0
    there, here = (
        sorted(map(repr, labels.read(output, now.date(), session=spark).collect()))
        for output in (f"{root}/labels", str(tmp_path / "labels"))
    )
    assert there == here
    assert len(there) > 100


def test_of_many_writers_one_wins(spark, root):
    manifest = storage.location_of(f"{root}/race/manifest.json", spark)
    contents = [f"{i}\n" * 1000 for i in range(8)]
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda text: storage.put_if_absent(manifest, text), contents))
    assert won.count(True) == 1
    assert manifest.read_bytes().decode() == contents[won.index(True)]
    made = [storage.put_fresh(manifest.parent, "report-7", ".html", f"{i}\n") for i in range(3)]
    assert [path.name for path in made] == ["report-7.html", "report-7-2.html", "report-7-3.html"]


def names_in(session: SparkSession, folder: str) -> list[str]:
    path = hadoop(session).fs.Path(folder)
    return [status.getPath().getName() for status in path.getFileSystem(configuration(session)).listStatus(path)]


def test_files_are_replaced_and_leave_nothing_beside_them(spark, root):
    path = storage.location_of(f"{root}/replaced/a.bin", spark)
    for content in (b"\x00\xff old", b"new \xc3\x28"):
        storage.put(path, content)
        assert path.read_bytes() == content
    storage.put_saved(path, lambda local: local.write_bytes(b"saved"))
    assert path.read_bytes() == b"saved"
    # What cannot take the name of a folder leaves nothing, either.
    storage.put(path.parent / "folder" / "b", b"b")
    with pytest.raises(IoError):
        storage.put(path.parent / "folder", b"c")
    assert sorted(names_in(spark, f"{root}/replaced")) == ["a.bin", "folder"]

    def fails(local: Path) -> None:
        raise IoError.of("no space is left", place=str(local))

    with pytest.raises(IoError) as caught:
        storage.put_saved(path, fails)
    assert caught.value.place == str(path)


@pytest.mark.parametrize("below", ["", "/below/it"])
def test_a_file_is_no_output(spark, root, words, capsys, below):
    storage.put(storage.location_of(f"{root}/taken", spark), b"a file")
    assert night(spark, words, NOW, f"{root}/taken{below}") == 1
    assert f"{root}/taken: the output is not a folder (give a folder)" in " ".join(capsys.readouterr().err.split())


def test_an_output_of_others_is_refused_before_anything_is_read(spark, address, root, words, capsys):
    assert night(spark, words, NOW, f"{address}/closed/nights") == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "BZ_IO" in told
    assert f"{address}/closed: cannot write: Permission denied" in told
    assert names_in(spark, f"{address}/closed") == []


def test_what_is_not_there_is_told_apart(spark, root):
    with pytest.raises(IoError, match="nosuch") as caught:
        storage.location_of("nosuch://name/folder", spark)
    assert caught.value.place == "nosuch://name/folder"
    with pytest.raises(FileNotFoundError):
        storage.location_of(f"{root}/none", spark).read_bytes()
    assert nightly.dates(f"{root}/none", session=spark) == []


def test_a_log_store_that_is_not_known_is_refused(spark, root):
    key, other = "spark.delta.logStore.hdfs.impl", "org.apache.spark.sql.delta.storage.HDFSLogStore"
    settings = spark.sparkContext._jsc.sc().conf()
    settings.set(key, other)
    try:
        with pytest.raises(bz.InvalidValueError, match=other):
            storage.check_writable(storage.location_of(f"{root}/nights", spark))
    finally:
        settings.remove(key)


@pytest.mark.usefixtures("default")
def test_a_local_output_is_local_whatever_the_sessions_own_file_system_is(spark, words, tmp_path):
    at = [f"file:{word}" if word.endswith(".parquet") else word for word in words]
    assert night(spark, at, NOW, f"file://{tmp_path}/nights") == 0
    assert (tmp_path / "nights" / "training" / "_delta_log").is_dir()
    assert (tmp_path / "nights" / "runs" / str(NOW.date()) / "manifest.json").is_file()
    assert rows_of(spark, f"{tmp_path}/nights", NOW)["training"]


def test_paths_with_a_scheme_are_split_as_paths_are(spark):
    path = HadoopPath(spark, "abfss://box@name.example/a/b.html")
    assert (path.name, str(path.parent / "c"), str(path.with_suffix(".json"))) == (
        "b.html",
        "abfss://box@name.example/a/c",
        "abfss://box@name.example/a/b.json",
    )
    assert storage.within(path, HadoopPath(spark, "abfss://box@name.example")) == "a/b.html"
    assert str(HadoopPath(spark, "dbfs:/mnt/x/")) == "dbfs:/mnt/x"
    assert HadoopPath(spark, "hdfs://name").parent == HadoopPath(spark, "hdfs://name/")
    for local in ("file:///tmp/x", "file:/tmp/x", "FILE://localhost/tmp/x"):
        assert storage.location_of(local) == Path("/tmp/x")
    assert storage.location_of("/tmp/profile:/x") == Path("/tmp/profile:/x")


def test_a_scheme_without_a_session_is_refused(monkeypatch):
    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    with pytest.raises(MissingInputError, match="no Spark session"):
        nightly.dates("hdfs://name/nights")


def test_a_spec_there_is_refused_as_python_reads_it(spark, words, tmp_path, capsys):
    given = [*words[:4], "--spec", "hdfs://name/spec.yaml"]
    assert night(spark, given, NOW, str(tmp_path / "out")) == 1
    assert "spec: must be a local file" in " ".join(capsys.readouterr().err.split())
