"""Fit on Spark: partial states in executors, merged there by key through Spark's shuffle, finished on the driver."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import numpy as np
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as fn

from buzzsaw import FitWarning, Pipeline, Spec
from buzzsaw import _buzzsaw as native
from buzzsaw.arguments import expect
from buzzsaw.errors import MissingInputError
from buzzsaw.lookup import LookupTable, give_tables
from buzzsaw.spark import columns
from buzzsaw.spark.failures import error_of
from buzzsaw.spark.groups import by_group, group_column
from buzzsaw.spark.session import check_classic, unless_set
from buzzsaw.spark.versions import to_arrow
from buzzsaw.spark.worker import LearnTask, PruneTask

#: Into how many buckets keys are spread: a task merges one after the other, so that none has to hold more.
_BUCKETS = 64

#: Tasks that merge; the driver takes in their states one task after the other, so that they do not meet in its heap.
_MERGES = 8

#: Bytes of keys after which a worker hands on what it has counted.
_SPILL_BYTES = 64 << 20

#: What bounds the rows of states that a merging task holds at once; Spark 3.5 does not know it.
_BATCH_BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"

#: A row of states; see `LearnTask`.
_STATES = "bucket int, state binary"


def fit(
    spec: Spec,
    pairs: DataFrame,
    documents: DataFrame | None = None,
    *,
    groups: str | None = None,
    partitions: int | None = None,
    tables: Mapping[str, LookupTable] | None = None,
) -> Pipeline:
    """Learns the state of `spec` from Spark tables.

    The artifact's content hash is that of `bz.fit` on the same rows, at any partitioning, order of rows or number of
    retries: states are exactly commutative and associative. Each round reads only the columns that it learns from;
    a spec with several levels of fitted steps, or exact medians, reads the tables several times, so cache a costly
    join before. The tables must give the same rows whenever they are read, as retries read them again: no `sample` or
    `dropDuplicates` after a shuffle that is not cached. Terms and categories are counted through Spark's shuffle; the
    driver sees those that are kept, each once.

    Args:
        spec: the feature spec.
        pairs: one row a judged or logged pair of query and document.
        documents: each document once; without it document-side state is learnt from the pairs, with a warning.
        groups: the column with the group's id; by default the input with `role: group`. Only read where a step that
            is learnt depends on a step within a group.
        partitions: how many tasks learn; by default as the tables are partitioned.
        tables: the lookup tables of steps that read one, by name, as `bz.fit` takes them, or Spark tables. The driver
            reads them.

    Raises:
        MissingInputError: for absent columns, all at once, and for lookup tables that are not given.
        TypeMismatchError: for columns of a type that the spec does not take, before any job starts.
        InvalidValueError: for an empty table, or values that a step refuses to learn from.
    """
    check_classic(pairs, "pairs")
    expect(spec, Spec, "spec", "Spec.load reads a file, Spec.parse a text")
    columns.check_partitions(partitions)
    fitter = native.Fitter(spec._native, documents is not None)
    for warning in fitter.warnings():
        warnings.warn(warning, FitWarning, stacklevel=2)
    collected = {
        name: to_arrow(table) if isinstance(table, DataFrame) else table for name, table in (tables or {}).items()
    }
    give_tables(fitter, collected)
    sources = {"pairs": pairs, "documents": documents}
    while pending := fitter.pending():
        # One state of the fitter a round: finishing the first table must not change what the second one reads.
        state = fitter.to_bytes()
        for source in pending:
            table = sources[source]
            if table is None:
                raise MissingInputError.of(f"the fit needs a table of {source}", place=source)
            group_name = group_column(spec.inputs, groups) if fitter.needs_groups(source) else None
            inputs = tuple(entry["name"] for entry in fitter.inputs(source))
            rows = columns.select(
                table,
                [*inputs, *([group_name] if group_name else [])],
                f"the table of {source}",
                columns.asked_at(inputs, groups, ()),
            )
            # Columns and types are judged here, before any job starts.
            no_groups = np.zeros(1, np.uint32) if group_name else None
            fitter.update(fitter.partial(source), columns.empty_batch(rows.schema, inputs), no_groups)
            if group_name is not None:
                rows = by_group(rows, group_name, partitions)
            elif partitions is not None:
                rows = rows.repartition(partitions)
            shipped = rows.sparkSession.sparkContext.broadcast(state)
            try:
                task = LearnTask(shipped, source, inputs, group_name, _BUCKETS, _rests(rows, partitions), _SPILL_BYTES)
                fitter.finish(_learn(fitter, task, rows))
            finally:
                shipped.destroy()
    return Pipeline(fitter.into_pipeline())


def _learn(fitter: native.Fitter, task: LearnTask, rows: DataFrame) -> native.Partial:
    states = rows.mapInArrow(task.learn, _STATES)
    merged = fitter.partial(task.source)
    # States are large rows, of which 10,000 may not fit.
    with unless_set(rows.sparkSession, _BATCH_BYTES, str(64 << 20)):
        if merged.prunes_by_rest:
            _take_in_twice(fitter, merged, task, states)
        else:
            made = _by_bucket(states, _MERGES).mapInArrow(task.merge, _STATES)
            _take_in(fitter, merged, made if task.rests == 1 else _one_rest(task, made))
    return merged


def _take_in_twice(fitter: native.Fitter, merged: native.Partial, task: LearnTask, states: DataFrame) -> None:
    """First the rest, which has the number of rows, and then the keys that are a large enough share of them."""
    # A partition a bucket: Java's serializer holds most of one while it goes to disk.
    made = _by_bucket(states, task.buckets).mapInArrow(task.merge, _STATES).persist(StorageLevel.DISK_ONLY)
    try:
        _take_in(fitter, merged, _one_rest(task, made.where("bucket < 0")))
        rest = made.sparkSession.sparkContext.broadcast(merged.to_prune_by())
        try:
            pruned = made.where("bucket >= 0").mapInArrow(PruneTask(task.fitter, rest).prune, _STATES)
            # All tasks prune, and only what they leave is shuffled.
            _take_in(fitter, merged, _by_bucket(pruned, _MERGES))
        finally:
            rest.destroy()
    finally:
        made.unpersist()


def _one_rest(task: LearnTask, made: DataFrame) -> DataFrame:
    """What is not counted by key meets in one task, and not in the driver."""
    one = made.select(fn.greatest("bucket", fn.lit(-1)).alias("bucket"), "state")
    return _by_bucket(one, _MERGES).mapInArrow(task.merge_rests, _STATES)


def _take_in(fitter: native.Fitter, merged: native.Partial, made: DataFrame) -> None:
    try:
        for row in made.toLocalIterator(prefetchPartitions=True):
            merged.merge(fitter.partial_from_bytes(bytes(row["state"])))
    except (PySparkException, Py4JJavaError) as failure:
        # A job that runs while its results are read fails in Py4J's words.
        error = error_of(failure)
        if error is None:
            raise
        raise error from failure


def _by_bucket(states: DataFrame, partitions: int) -> DataFrame:
    return states.repartition(partitions, "bucket").sortWithinPartitions("bucket")


def _rests(table: DataFrame, partitions: int | None) -> int:
    """How many states are left at first of those without keys: about the square root of the tasks that learn."""
    session = table.sparkSession
    # Asking the table for its partitions would run the shuffles before it; an estimate serves as well.
    said = session.conf.get("spark.sql.shuffle.partitions") or ""
    # Databricks takes `auto`, too.
    shuffled = int(said) if said.isdigit() else 200
    return math.isqrt((partitions or max(shuffled, session.sparkContext.defaultParallelism)) - 1) + 1
