"""A standalone Spark cluster of this machine, whose workers have Spark, Java and a bare Python, and nothing of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import buzzsaw
import numpy
import pyarrow
import pyspark

_REPOSITORY = Path(__file__).resolve().parents[2]

#: How long a daemon may take to start, seconds.
_PATIENCE = 180

#: For daemons that take little memory: docs/deploy/standalone.md has them, and why these.
SMALL_DAEMON = {
    "MALLOC_ARENA_MAX": "2",
    "SPARK_DAEMON_MEMORY": "48m",
    "SPARK_DAEMON_JAVA_OPTS": "-Xms8m -XX:+UseSerialGC -XX:MaxNewSize=4m -XX:MinHeapFreeRatio=10"
    " -XX:MaxHeapFreeRatio=25 -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m -XX:TrimNativeHeapInterval=5000",
}

#: What a worker's Python does not need of its packages.
_LEFT_OUT = {"include", "tests", "__pycache__"}


@dataclass
class Daemon:
    """A master or worker with all that it started, in a process group and a folder of its own."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text("utf-8", errors="replace")

    def kill(self) -> None:
        """Ends it by force."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Cluster:
    """A running cluster."""

    url: str
    master: Daemon
    workers: list[Daemon]
    #: The interpreter of the workers; it has no packages.
    python: str


def environment() -> dict[str, str]:
    """The variables of a driver of its own: this process's, without what a Spark session of it has set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "SPARK_LOCAL_IP": "127.0.0.1"}


def told_by(program: str, *arguments: object, folder: Path) -> Any:
    """What a Python program with a session of its own prints last, as JSON; it runs in the folder."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        # Its JVM, or its server, must not be that of these tests.
        env=environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-8000:]
    return json.loads(done.stdout.splitlines()[-1])


def environment_archive(path: Path, wheel: Path | None = None) -> Path:
    """What executors need beside Spark, as they unpack it: the trees of three wheels, ours, PyArrow's and NumPy's.

    Ours is the package that is imported here, or what a wheel has.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        if wheel is not None:
            with zipfile.ZipFile(wheel) as built:
                for name in built.namelist():
                    archive.writestr(name, built.read(name))
        for package in (pyarrow, numpy) if wheel is not None else (buzzsaw, pyarrow, numpy):
            root = Path(package.__file__).parent
            # Libraries that NumPy's own wheel has beside the package.
            for folder in (root, root.with_name(f"{root.name}.libs")):
                for file in sorted(folder.rglob("*")):
                    parts = file.relative_to(folder.parent).parts
                    if file.is_file() and not _LEFT_OUT & set(parts):
                        archive.write(file, "/".join(parts))
            for file in distribution(package.__name__).files or ():
                if file.parts[0].endswith(".dist-info"):
                    archive.write(file.locate(), file.as_posix())
    return path


def bare_python() -> str:
    """The interpreter that the virtual environment was made of; it must not have what the archive brings."""
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    for module in ("buzzsaw", "pyarrow", "numpy", "pyspark"):
        done = subprocess.run([base, "-c", f"import {module}"], capture_output=True, env={}, cwd="/", check=False)
        assert done.returncode != 0, f"{base} has {module}"
    return base


def check_bare(variables: Mapping[str, str]) -> None:
    """A daemon's variables must lead neither to a Rust compiler nor to the repository."""
    for tool in ("cargo", "rustc"):
        found = shutil.which(tool, path=variables["PATH"])
        assert found is None, f"a worker would find {found}"
    for name, value in variables.items():
        for path in map(Path, value.split(os.pathsep)):
            assert not path.is_relative_to(_REPOSITORY), f"{name} is {value}"


@contextmanager
def running(folder: Path, workers: int, *, apart: bool = False) -> Iterator[Cluster]:
    """A master and workers of one core each, ended at the end.

    Workers that are `apart` have an address of this machine each, as if each were a machine: Spark starts no copy of a
    task where the task itself runs.
    """
    home = folder / "spark"
    home.mkdir(parents=True)
    for part in ("bin", "jars", "python"):
        shutil.copytree(Path(pyspark.__file__).parent / part, home / part, copy_function=_linked)
    python = bare_python()
    started: list[Daemon] = []

    def start(name: str, kind: str, *words: str, host: str = "127.0.0.1") -> Daemon:
        own = folder / name
        own.mkdir()
        variables = {
            "PATH": "/usr/bin:/bin",
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": host,
            "SPARK_LOCAL_DIRS": str(own / "scratch"),
            "HOME": str(own),
            "PYSPARK_PYTHON": python,
            **SMALL_DAEMON,
        }
        if "JAVA_HOME" in os.environ:
            variables["JAVA_HOME"] = os.environ["JAVA_HOME"]
        elif found := shutil.which("java"):
            variables["JAVA_HOME"] = str(Path(found).resolve().parents[1])
        check_bare(variables)
        command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", "--host", host, *words]
        with (own / "log").open("wb") as log:
            daemon = Daemon(
                subprocess.Popen(
                    list(map(str, command)),
                    cwd=own,
                    env=variables,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                ),
                own,
            )
        started.append(daemon)
        return daemon

    try:
        master = start("master", "master.Master", "--port", "0", "--webui-port", "0")
        url = _told(master, r"Starting Spark master at (spark://\S+)")
        made = []
        for i in range(workers):
            words = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"worker{i}"))
            host = f"127.0.0.{i + 2}" if apart else "127.0.0.1"
            made.append(start(f"worker{i}", "worker.Worker", *words, url, host=host))
        for worker in made:
            _told(worker, r"(Successfully registered) with master")
        yield Cluster(url, master, made, python)
    finally:
        for daemon in reversed(started):
            daemon.kill()


def _linked(source: str, target: str) -> None:
    """The same file under another name; a copy on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _told(daemon: Daemon, pattern: str) -> str:
    """What the daemon's log says after a while."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if found := re.search(pattern, daemon.log):
            return found[1]
        assert daemon.process.poll() is None, daemon.log
        time.sleep(0.1)
    raise AssertionError(f"no `{pattern}` in {_PATIENCE} s:\n{daemon.log}")
