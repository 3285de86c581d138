"""An HDFS of this machine: a name node and a data node, in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pyspark
from shops import ROOT

#: How long the daemons may take to start, seconds.
_PATIENCE = 120

_JAVA = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]

#: Who may do everything there: another user than that of the tests.
SUPERUSER = "hdfs"

_POM = ROOT / "tools" / "hdfs_jars" / "pom.xml"
_JARS = Path(pyspark.__file__).parent / "jars"


def check_release() -> None:
    """The daemons must be of the Hadoop of Spark's client."""
    named = r"hadoop-client-minicluster</artifactId>.*?<version>(.+?)</version>"
    (version,) = re.findall(named, _POM.read_text("utf-8"), re.DOTALL)
    client = [path.name for path in _JARS.glob("hadoop-client-api-*.jar")]
    assert client == [f"hadoop-client-api-{version}.jar"], f"{_POM} names {version}; Spark has {client}"


@contextmanager
def hdfs(folder: Path) -> Iterator[str]:
    """A running HDFS whose files are in the folder; its address, `hdfs://127.0.0.1:PORT`."""
    check_release()
    subprocess.run(["make", "--silent", "build/hdfs-jars/.resolved"], cwd=ROOT, check=True)
    rpc, http = _free_ports()
    address = f"hdfs://127.0.0.1:{rpc}"
    settings = {
        "fs.defaultFS": address,
        "dfs.replication": "1",
        "dfs.namenode.name.dir": (folder / "names").as_uri(),
        "dfs.datanode.data.dir": (folder / "data").as_uri(),
        "dfs.namenode.http-address": f"127.0.0.1:{http}",
        # The name node tells clients which ones they are.
        "dfs.datanode.address": "127.0.0.1:0",
        "dfs.datanode.http.address": "127.0.0.1:0",
        "dfs.datanode.ipc.address": "127.0.0.1:0",
        "dfs.datanode.hostname": "127.0.0.1",
        "dfs.namenode.safemode.extension": "0",
        "hadoop.tmp.dir": str(folder / "tmp"),
    }
    (folder / "conf").mkdir(parents=True)
    properties = "".join(f"<property><name>{k}</name><value>{v}</value></property>" for k, v in settings.items())
    for name in ("core-site.xml", "hdfs-site.xml"):
        (folder / "conf" / name).write_text(f"<configuration>{properties}</configuration>", "utf-8")
    # In this order: the daemons' jar has the releases of what it is made of.
    classes = [str(folder / "conf"), str(ROOT / "build" / "hdfs-jars" / "*"), str(_JARS / "*")]
    java = [*_JAVA, "-cp", os.pathsep.join(classes)]
    named, data = (f"org.apache.hadoop.hdfs.server.{node}" for node in ("namenode.NameNode", "datanode.DataNode"))
    environment = os.environ | {"HADOOP_USER_NAME": SUPERUSER}
    with (folder / "log").open("wb") as log, ExitStack() as running:

        def start(*command: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                [*java, *command], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

        formatting = start(named, "-format", "-nonInteractive")
        assert formatting.wait() == 0, _tail(folder)
        daemons = [start(named), start(data)]
        for daemon in daemons:
            running.callback(_end, daemon)
        _wait(f"http://127.0.0.1:{http}/jmx?qry=Hadoop:service=NameNode,name=FSNamesystemState", daemons, folder)
        yield address


def _wait(page: str, daemons: list[subprocess.Popen[bytes]], folder: Path) -> None:
    """Waits until the name node has its data node."""
    direct = build_opener(ProxyHandler({}))
    deadline, last = time.monotonic() + _PATIENCE, ""
    while time.monotonic() < deadline and all(daemon.poll() is None for daemon in daemons):
        try:
            with direct.open(page, timeout=5) as answer:
                last = answer.read().decode()
            state = json.loads(last)["beans"]
            if state and state[0]["NumLiveDataNodes"] == 1 and state[0]["FSState"] == "Operational":
                return
        except OSError as error:
            last = str(error)
        time.sleep(0.2)
    raise AssertionError(f"HDFS did not start: {last}\n{_tail(folder)}")


def _tail(folder: Path) -> str:
    return (folder / "log").read_text("utf-8", errors="replace")[-3000:]


def _end(daemon: subprocess.Popen[bytes]) -> None:
    if daemon.poll() is None:
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for free in (one, other):
            free.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
