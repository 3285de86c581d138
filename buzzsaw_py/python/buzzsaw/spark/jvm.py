"""Transform in Spark's own JVMs: the operator of the jar `buzzsaw-spark`, called through Py4J."""

from __future__ import annotations

import functools
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from py4j.java_gateway import JavaClass  # type: ignore[import-untyped]
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.sql import DataFrame

from buzzsaw import _buzzsaw as native
from buzzsaw.errors import InvalidValueError, IoError
from buzzsaw.spark import versions
from buzzsaw.spark.failures import error_from
from buzzsaw.spark.shipping import artifact_file

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: The class that installs the operator and the SQL function.
EXTENSION = "io.buzzsaw.spark.BuzzsawExtension"

_JAR = "buzzsaw-spark_2.13-*.jar"
_CLASS = "io.buzzsaw.spark.FeatureTransform"
#: Artifacts that the driver's JVM keeps in memory for further transforms.
_KEPT = 8

_loaded: OrderedDict[tuple[str, str], Any] = OrderedDict()


def jar_path() -> Path:
    """The jar for `spark.jars`: the one that `BUZZSAW_SPARK_JAR` names, else the one built in this source tree.

    The wheel holds no jar, and none is published yet: on a cluster give the file to spark-submit.

    Raises:
        IoError: when there is none.
    """
    given = os.environ.get("BUZZSAW_SPARK_JAR")
    if given:
        if not Path(given).is_file():
            raise IoError.of(
                "BUZZSAW_SPARK_JAR names no file",
                place=given,
                hint="set it to the jar that `make build` or `make dist` leaves, or leave it unset",
            )
        return Path(given)
    folder = Path(__file__).resolve().parents[4] / "buzzsaw_jvm" / "spark" / "target"
    built = [path for path in sorted(folder.glob(_JAR)) if not path.stem.endswith(("-sources", "-javadoc"))]
    if not built:
        raise IoError.of(
            "there is no jar of Buzzsaw for Spark",
            place=str(folder),
            hint="build it with `make build`, or set BUZZSAW_SPARK_JAR to where it is",
        )
    return built[-1]


def jvm_settings(jar: Path | None = None, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Settings of a new session of Spark 4.2 that make it ready for `runtime="jvm"`: the jar and the extension.

    Args:
        jar: the jar; by default that of `jar_path`.
        settings: settings to add them to, whose own jars and extensions stay.

    Example:
        >>> builder = SparkSession.builder  # doctest: +SKIP
        >>> session = builder.config(map=bz.spark.jvm_settings()).getOrCreate()  # doctest: +SKIP
    """
    made = dict(settings or {})
    for key, value in (("spark.jars", str(jar or jar_path())), ("spark.sql.extensions", EXTENSION)):
        made[key] = f"{made[key]},{value}" if made.get(key) else value
    return made


def transform_in_jvm(
    frame: DataFrame,
    pipeline: native.Pipeline,
    *,
    mode: str,
    keep: Sequence[str],
    group: str | None,
    partitions: int | None,
) -> DataFrame:
    """The features of every row of `frame`, whose columns were found to be there and of the right types.

    Raises:
        InvalidValueError: for a session of another Spark than the operator's, and for one without the jar or the
            extension.
    """
    session = frame.sparkSession
    if not versions.has_operator(session.version):
        raise InvalidValueError.of(
            f"the operator is for Spark {versions.OPERATOR_SPARK}, and the session is one of Spark {session.version}",
            place="runtime",
            hint="leave the runtime at `python`: its features are the same bits",
        )
    jvm: Any = session._jvm
    transforms = functools.reduce(getattr, _CLASS.split("."), jvm)
    # A name that is no class is a package to Py4J.
    if not isinstance(transforms, JavaClass):
        raise InvalidValueError.of(
            "the session has no jar of Buzzsaw",
            place="spark.jars",
            hint="start it with the settings of buzzsaw.spark.jvm_settings(), or give spark-submit the jar with"
            f" --jars, and {EXTENSION} in spark.sql.extensions",
        )
    try:
        made = (
            _transform(session, transforms, pipeline).mode(jvm.io.buzzsaw.Mode.valueOf(mode.upper())).keep(list(keep))
        )
        if group is not None:
            made = made.groups(group)
        if partitions is not None:
            made = made.partitions(partitions)
        return DataFrame(made.transform(frame._jdf), session)
    except Py4JJavaError as failure:
        problems = transforms.problemsOf(failure.java_exception)
        if problems is None:
            raise
        raise error_from(problems, transforms.backtraceOf(failure.java_exception)) from failure


def _transform(session: SparkSession, transforms: Any, pipeline: native.Pipeline) -> Any:
    """The Java transform of a pipeline; the driver's JVM reads the artifact once."""
    key = (str(session.sparkContext.applicationId), pipeline.content_hash)
    known = _loaded.pop(key, None)
    if known is None:
        known = transforms.load(f"file://{artifact_file(pipeline)}")
    _loaded[key] = known
    while len(_loaded) > _KEPT:
        _loaded.popitem(last=False)
    return known
