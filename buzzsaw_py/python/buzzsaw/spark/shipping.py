"""An artifact on every executor, once, and in every worker, once."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark import SparkFiles

from buzzsaw import _buzzsaw as native

if TYPE_CHECKING:
    from pyspark import SparkContext

#: Pipelines that one worker keeps; a worker outlives a job, and a notebook may use many.
_KEPT = 8

_lock = threading.Lock()
_shipped: dict[str, set[str]] = {}
_loaded: OrderedDict[str, native.Pipeline] = OrderedDict()


def ship(context: SparkContext, pipeline: native.Pipeline) -> str:
    """Gives the artifact to every executor and returns the name of the file there.

    The name is the content hash, so that a pipeline is shipped once an application however often it is used. It
    travels as a file and not in a broadcast variable: workers map it, and share its large tables.
    """
    path = artifact_file(pipeline)
    with _lock:
        shipped = _shipped.setdefault(context.applicationId, set())
        if path.name not in shipped:
            context.addFile(str(path))
            shipped.add(path.name)
    return path.name


def artifact_file(pipeline: native.Pipeline) -> Path:
    """The artifact as a file of this driver, under its content hash."""
    path = _artifacts() / ("buzzsaw-" + pipeline.content_hash.removeprefix("sha256:") + ".buzzsaw")
    with _lock:
        if not path.exists():
            pipeline.save(path)
    return path


def shipped_pipeline(name: str) -> native.Pipeline:
    """The pipeline of a shipped file, on an executor; loaded once a worker."""
    pipeline = _loaded.pop(name, None) or native.Pipeline.load(SparkFiles.get(name))
    _loaded[name] = pipeline
    while len(_loaded) > _KEPT:
        _loaded.popitem(last=False)
    return pipeline


@functools.cache
def _artifacts() -> Path:
    """A folder of this driver; executors fetch from it for as long as the application runs."""
    folder = Path(tempfile.mkdtemp(prefix="buzzsaw-artifacts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
