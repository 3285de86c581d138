"""Transform on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from pyspark.sql.types import StructField, StructType

from buzzsaw import Pipeline
from buzzsaw.arguments import expect
from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.rows import FINGERPRINT, FINGERPRINT_SERVED, Folds
from buzzsaw.spark import columns
from buzzsaw.spark.groups import by_group, group_column
from buzzsaw.spark.jvm import transform_in_jvm
from buzzsaw.spark.session import check_classic
from buzzsaw.spark.shipping import ship
from buzzsaw.spark.worker import TransformTask

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_RUNTIMES = ("python", "jvm")
#: The setting of a session that names the runtime of its transforms.
RUNTIME = "spark.buzzsaw.runtime"
#: How rows see folds in each mode.
_FOLDS: dict[str, Folds] = {"serve": "full", "train": "of_qid"}


def transform(
    df: DataFrame,
    pipeline: Pipeline,
    *,
    mode: Literal["serve", "train"] = "serve",
    keep: Sequence[str] | None = None,
    groups: str | None = None,
    partitions: int | None = None,
    runtime: Literal["python", "jvm"] | None = None,
) -> DataFrame:
    """The features of every row of `df`: the same bits as `pipeline.transform` gives anywhere.

    Only the columns that the pipeline reads, and those kept, cross to the Python worker; with `runtime="jvm"` none
    does, and no worker is started. The artifact is sent once to each executor. A spec with steps within a group
    shuffles the rows by group, so that each group is whole.

    Args:
        df: the input columns, under the names of the spec, in any case; of several columns that differ by case alone
            the one of just the name is read.
        pipeline: the fitted pipeline.
        mode: `serve`, or `train` for rows that see the state learnt without their own fold.
        keep: columns of `df` to keep, in front of the features; all of them by default.
        groups: the column with the group's id; by default the input with `role: group`.
        partitions: how many tasks a shuffle by group makes; by default Spark's own setting.
        runtime: `python` for Spark's Python workers; `jvm` for the operator of the jar, in a session with the settings
            of `jvm_settings`. The features are the same bits. By default the session's setting
            `spark.buzzsaw.runtime`, else `python`.

    Returns:
        The kept columns; a float column for each dense feature, NaN (not null) where missing; a
        `struct<indices: array<int>, values: array<float>>` for each sparse one, in the order of the spec; the row's
        `fingerprint` (bigint); and with `mode="train"`, where folds change values, `fingerprint_served`.

    Raises:
        MissingInputError: for absent columns, all at once.
        TypeMismatchError: for columns of types that the spec does not take; both before any job starts. Errors in
            values come from the action that runs the transform; see `error_of`.
        InvalidValueError: when a kept column and a feature have one name, for a name that several columns have but for
            their case, for a DataFrame of Spark Connect, and for `runtime="jvm"` in a session of another Spark than
            4.2, or without the jar and its extension.
    """
    check_classic(df)
    where = runtime or df.sparkSession.conf.get(RUNTIME, "python")
    if where not in _RUNTIMES:
        place = "runtime" if runtime else RUNTIME
        raise InvalidValueError.of(f"there is no runtime `{where}`", place=place, hint="give `python` or `jvm`")
    expect(pipeline, Pipeline, "pipeline", "buzzsaw.fit makes one, buzzsaw.load reads one")
    native = pipeline._native
    if mode not in _FOLDS:
        raise InvalidValueError.of(f"there is no mode `{mode}`", place="mode", hint="give `serve` or `train`")
    folds = _FOLDS[mode]
    served = FINGERPRINT_SERVED if mode == "train" and native.has_folds else None
    features = native.feature_names
    sparse = [name for name, _ in native.sparse_columns]
    prints = [FINGERPRINT] + ([served] if served else [])
    if isinstance(keep, str):
        raise TypeMismatchError.of(f"`{keep}` is no list of columns", place="keep", hint=f"give keep=[{keep!r}]")
    columns.check_partitions(partitions)
    kept = list(df.columns if keep is None else dict.fromkeys(keep))
    columns.check_distinct(kept, [*features, *prints])
    columns.check_added(features, prints)
    inputs = [entry["name"] for entry in native.inputs(folds)]
    group_name = group_column(pipeline.spec.inputs, groups) if native.needs_groups else None
    wanted = [*inputs, *([group_name] if group_name else []), *kept]
    columns.select(df, wanted, places=columns.asked_at(inputs, groups, kept))
    # A column crosses once, also when the spec, the group and what is kept call it by names of different case.
    own = columns.spelled(df, wanted)
    names: dict[str | None, str] = {}
    for name in wanted:
        names.setdefault(own[name], name)
    crossing = columns.named(df, names.values())
    held = {name: names[own[name]] for name in kept}
    no_groups = np.zeros(1, np.uint32) if group_name else None
    native.transform(columns.empty_batch(crossing.schema, inputs), no_groups, folds)
    if where == "jvm":
        # The jar compares names as the session does.
        exact = str(df.sparkSession.conf.get("spark.sql.caseSensitive", "false")).lower() == "true"
        given = columns.named(df, wanted) if exact else df
        return transform_in_jvm(given, native, mode=mode, keep=kept, group=group_name, partitions=partitions)
    if group_name is not None:
        group_name = names[own[group_name]]
        crossing = by_group(crossing, group_name, partitions)
    task = TransformTask(
        artifact=ship(df.sparkSession.sparkContext, native),
        folds=folds,
        inputs=tuple(inputs),
        kept=tuple(held.values()),
        features=tuple(features),
        fingerprint=FINGERPRINT,
        served=served,
        group=group_name,
    )
    types = {name: crossing.schema[held[name]] for name in kept}
    made = [StructField(name, of.dataType, of.nullable, of.metadata) for name, of in types.items()]
    made += columns.output_fields(native.dense_names, sparse, features) + columns.fingerprint_fields(prints)
    return crossing.mapInArrow(task.run, StructType(made))
