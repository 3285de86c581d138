"""Fit on Spark: partial states in executors, merged there by key through Spark's shuffle, finished on the driver."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import numpy as np
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from buzzsaw import FitWarning, Pipeline, Spec
from buzzsaw import _buzzsaw as native
from buzzsaw.arguments import expect
from buzzsaw.errors import MissingInputError
from buzzsaw.lookup import LookupTable, give_tables
from buzzsaw.spark import columns
from buzzsaw.spark.failures import error_of
from buzzsaw.spark.groups import by_group, group_column
from buzzsaw.spark.session import check_classic
from buzzsaw.spark.versions import to_arrow
from buzzsaw.spark.worker import LearnTask

#: Into how many parts keys are spread: a task merges one after the other, so that none has to hold more.
_PARTS = 64

#: Tasks that merge; the driver takes in the states of one after the other.
_MERGES = 8


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
    join before. Terms and categories are counted through Spark's shuffle; of them the driver sees those that are kept,
    and holds these once.

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
            rows = columns.select(table, [*inputs, *([group_name] if group_name else [])], f"the table of {source}")
            # Columns and types are judged here, before any job starts.
            no_groups = np.zeros(1, np.uint32) if group_name else None
            fitter.update(fitter.partial(source), columns.empty_batch(rows.select(*inputs)), no_groups)
            if group_name is not None:
                rows = by_group(rows, group_name, partitions)
            elif partitions is not None:
                rows = rows.repartition(partitions)
            shipped = rows.sparkSession.sparkContext.broadcast(state)
            try:
                task = LearnTask(shipped, source, inputs, group_name, _PARTS, _rests(rows, partitions))
                fitter.finish(_learn(fitter, task, rows))
            finally:
                shipped.destroy()
    return Pipeline(fitter.into_pipeline())


def _learn(fitter: native.Fitter, task: LearnTask, rows: DataFrame) -> native.Partial:
    states = rows.mapInArrow(task.learn, "part int, state binary")
    by_number = states.repartition(_MERGES, "part").sortWithinPartitions("part")
    merged = fitter.partial(task.source)
    try:
        for row in by_number.mapInArrow(task.merge, states.schema).toLocalIterator(prefetchPartitions=True):
            merged.merge(fitter.partial_from_bytes(bytes(row["state"])))
    except PySparkException as failure:
        error = error_of(failure)
        if error is None:
            raise
        raise error from failure
    return merged


def _rests(table: DataFrame, partitions: int | None) -> int:
    """How many states are left of those without keys: about the square root of the tasks that learn."""
    session = table.sparkSession
    # Asking the table for its partitions would run the shuffles before it; an estimate serves as well.
    shuffled = int(session.conf.get("spark.sql.shuffle.partitions", "200") or 200)
    return math.isqrt((partitions or max(shuffled, session.sparkContext.defaultParallelism)) - 1) + 1
