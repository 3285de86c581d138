"""Spark, in local mode, through `bz.spark.transform` with either runtime."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw import _buzzsaw
from harness.paths import digest
from harness.tables import ROW, read_batch
from harness.task import Mode, Problems, Refused, Rows, Task, row_bits

from runners.jar import NATIVE

#: A row's fingerprints: its own, and in training, where folds change values, that of the row as served.
_PRINTS = ("fingerprint", "fingerprint_served")

_SPARK_TYPES = {
    "bool": "boolean",
    "int32": "int",
    "int64": "bigint",
    "float32": "float",
    "float64": "double",
    "decimal": "decimal(38,6)",
    "string": "string",
    "binary": "binary",
    "date": "date",
    "timestamp": "timestamp",
}


class SparkRunner:
    """Two cores of this machine. Spark reads no Arrow files, so the file's columns go to Parquet as they are; text
    becomes Spark's own (a cast of binary, which checks nothing) before the transform. Both runtimes share a session,
    since a process can have only one.
    """

    modes: tuple[Mode, ...] = ("serve", "train")
    explains = False

    def __init__(self, runtime: Literal["python", "jvm"] = "python") -> None:
        self.name = "spark" if runtime == "python" else "spark (jvm)"
        self._runtime = runtime

    def build(self) -> str:
        if self._runtime == "python":
            return digest(Path(_buzzsaw.__file__))
        with ZipFile(bz.spark.jar_path()) as archive:
            return sha256(archive.read(NATIVE)).hexdigest()[:12]

    def run(self, task: Task) -> Rows:
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        pipeline = bz.load(task.artifact)
        try:
            frame = self._frame(task, pipeline)
            made = bz.spark.transform(
                frame,
                pipeline,
                mode=task.mode,
                keep=[ROW],
                groups=task.groups,
                partitions=4,
                runtime=self._runtime,
            )
            if task.prints_alone:
                made = made.select(ROW, *(name for name in made.columns if name in _PRINTS))
            made = made.toArrow()
        except (PySparkException, Py4JJavaError, bz.BuzzsawError) as failure:
            error = bz.spark.error_of(failure)
            if error is None:
                raise
            raise Refused(error.problems) from failure
        made = made.sort_by(ROW).combine_chunks()
        # Where folds change no value one fingerprint is both.
        served = _whole(made, [name for name in _PRINTS if name in made.column_names][-1]).to_numpy()
        bits = [] if task.prints_alone else _bits(made, pipeline)
        return Rows(_whole(made, "fingerprint").to_numpy(), bits, served=served if task.mode == "train" else None)

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        raise NotImplementedError("the driver compiles through the wheel")

    def _frame(self, task: Task, pipeline: bz.Pipeline) -> Any:
        from pyspark.sql.functions import col

        frame = _start().read.parquet(str(_parquet(task.batch)))
        declared = {column.name: column.type for column in pipeline.spec.inputs}
        casts = [
            col(name).cast(spark_type(declared[name])).alias(name) if _has_text(declared.get(name, "")) else col(name)
            for name in frame.columns
        ]
        return frame.select(casts)

    @staticmethod
    def stop() -> None:
        """Ends the session, if a task of either runtime started it."""
        if _start.cache_info().currsize:
            _start().stop()
            _start.cache_clear()


def _parquet(batch: Path) -> Path:
    """The batch as Parquet, in a folder beside it, which both runtimes read."""
    folder = batch.with_name(f"{batch.stem}-{batch.stat().st_mtime_ns}.parquet")
    if not folder.exists():
        for older in batch.parent.glob(f"{batch.stem}-*.parquet"):
            shutil.rmtree(older)
        rows = read_batch(batch)
        folder.mkdir()
        # Two row groups, so that two tasks read.
        half = max(1, rows.num_rows // 2 + 1)
        pq.write_table(pa.Table.from_batches([rows]), folder / "rows.parquet", row_group_size=half, store_schema=False)
    return folder


@cache
def _start() -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.driver.memory": "3g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.maxResultSize": "0",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Batches that end within groups.
        "spark.sql.execution.arrow.maxRecordsPerBatch": "3000",
        "spark.buzzsaw.batchRows": "700",
    }
    builder = SparkSession.builder.master("local[2]").appName("buzzsaw parity")
    session = builder.config(map=bz.spark.jvm_settings(settings=settings)).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def _has_text(declared: str) -> bool:
    """Whether a type has strings in it, which the file has as binary."""
    return "string" in declared or declared.startswith("map")


def spark_type(declared: str) -> str:
    """Spark's name of an input type."""
    outer, _, rest = declared.partition("<")
    if not rest:
        return _SPARK_TYPES[declared]
    item = spark_type(rest.removesuffix(">"))
    return f"array<{item}>" if outer == "list" else f"map<string,{item}>"


def _bits(made: pa.Table, pipeline: bz.Pipeline) -> list[bytes]:
    names = pipeline.dense_names
    dense = np.empty((made.num_rows, len(names)), np.float32)
    for i, name in enumerate(names):
        dense[:, i] = _whole(made, name).to_numpy(zero_copy_only=False)
    parts = []
    for name in pipeline.sparse_columns:
        part = _whole(made, name)
        indices, values = part.field("indices"), part.field("values")
        starts = np.concatenate([[0], np.cumsum(indices.value_lengths().to_numpy())]).astype(np.int64)
        parts.append((name, starts, indices.flatten().to_numpy(), values.flatten().to_numpy()))
    return row_bits(dense, parts)


def _whole(made: pa.Table, name: str) -> Any:
    column = made.column(name).combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
