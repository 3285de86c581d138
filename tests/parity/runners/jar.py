"""The jar, in a JVM of this process (JPype)."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import jpype
import numpy as np
import pyarrow as pa
from harness.paths import jar
from harness.tables import read_batch
from harness.task import Mode, Problems, Refused, Rows, Task

_SOURCES = Path(__file__).parent / "java"
NATIVE = "native/linux-x86_64/libbuzzsaw_jni.so"


class JarRunner:
    """Values are appended one by one through `Batch`, by the Java of `runners/java`, which javac compiles here.

    With `strings` text is given as Java strings, unpaired surrogates and all, wherever a string can hold it.
    """

    modes: tuple[Mode, ...] = ("serve",)
    explains = True

    def __init__(self, *, strings: bool = False) -> None:
        self.name = "jar (strings)" if strings else "jar"
        self._strings = strings
        #: How many texts it was asked to give as strings, could, and how many of those had an unpaired surrogate.
        self.texts = np.zeros(3, np.int64)

    @staticmethod
    def start() -> None:
        """Starts the JVM in this thread, which must be the one that ends the process when runners work in others."""
        _start()

    def build(self) -> str:
        with zipfile.ZipFile(jar()) as archive:
            return sha256(archive.read(NATIVE)).hexdigest()[:12]

    def run(self, task: Task) -> Rows:
        java = _start()
        batch = read_batch(task.batch)
        offsets = None if task.groups is None else _offsets(batch.column(task.groups))
        try:
            with java.Pipeline.load(java.Path.of(str(task.artifact))) as pipeline:
                columns = [_column(batch.column(str(i.name())), str(i.type())) for i in pipeline.inputs()]
                made = java.ParityRows(
                    pipeline,
                    java.ArrowColumn[:](columns),
                    batch.num_rows,
                    None if offsets is None else jpype.JInt[:](offsets),
                    self._strings,
                    jpype.JInt[:](list(task.explain)),
                    not task.prints_alone,
                )
        except java.BuzzsawException as error:
            raise Refused(_problems(error)) from None
        self.texts += np.array(made.texts, np.int64)
        if task.prints_alone:
            return Rows(np.array(made.fingerprints, np.int64), [], [str(text) for text in made.explained])
        raw = bytes(made.bits)
        ends = [0, *np.asarray(made.ends).tolist()]
        bits = [raw[start:end] for start, end in pairwise(ends)]
        return Rows(np.array(made.fingerprints, np.int64), bits, [str(text) for text in made.explained])

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        java = _start()

        def problems(spec: str) -> Problems:
            try:
                java.Pipeline.compile(spec).close()
            except java.BuzzsawException as error:
                return _problems(error)
            return []

        return [problems(spec) for spec in specs]


class _Java:
    def __init__(self) -> None:
        self.Pipeline = jpype.JClass("io.buzzsaw.Pipeline")
        self.BuzzsawException = jpype.JClass("io.buzzsaw.BuzzsawException")
        self.ArrowColumn = jpype.JClass("ArrowColumn")
        self.ParityRows = jpype.JClass("ParityRows")
        self.Path = jpype.JClass("java.nio.file.Path")


@cache
def _start() -> _Java:
    """The JVM, started once: a process can have only one."""
    classes = tempfile.mkdtemp(prefix="buzzsaw-parity-classes-")
    atexit.register(shutil.rmtree, classes, ignore_errors=True)
    sources = [str(path) for path in sorted(_SOURCES.glob("*.java"))]
    subprocess.run(["javac", "-cp", str(jar()), "-d", classes, *sources], check=True)
    jpype.startJVM("-Xmx2g", "-Xrs", classpath=[str(jar()), classes], convertStrings=False)
    return _Java()


def _column(column: pa.Array, declared: str) -> Any:
    """The Java view of a column: its Arrow buffers as direct buffers."""
    if column.offset:
        raise ValueError("columns come whole from a file")
    buffers = column.buffers()
    valid = _direct(buffers[0])
    outer, _, rest = declared.partition("<")
    item = rest.removesuffix(">")
    keys = items = data = None
    if outer == "list":
        items = _column(column.values, item)
    elif outer == "map":
        keys, items = _column(column.keys, "string"), _column(column.items, item)
    elif declared in ("string", "binary"):
        data = _direct(buffers[2])
    scale = column.type.scale if declared == "decimal" else 0
    return _start().ArrowColumn(declared, scale, valid, _direct(buffers[1]), data, keys, items)


def _direct(buffer: pa.Buffer | None) -> Any:
    if buffer is None or buffer.size == 0:
        return None
    # JPype takes writable memory alone.
    return jpype.nio.convertToDirectBuffer(bytearray(buffer))


def _offsets(ids: pa.Array) -> list[int]:
    values = ids.to_numpy()
    starts = np.flatnonzero(np.diff(values, prepend=values[:1] - 1)) if len(values) else np.zeros(0, int)
    return [*starts.tolist(), len(values)]


def _problems(error: Any) -> Problems:
    keys = ("code", "message", "place", "hint")
    return [{key: str(getattr(problem, key)()) for key in keys} for problem in error.problems()]
