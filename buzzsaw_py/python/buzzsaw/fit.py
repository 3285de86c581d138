"""Fitting: from a spec and its tables to a pipeline."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from buzzsaw import _buzzsaw
from buzzsaw.arguments import expect
from buzzsaw.errors import InvalidValueError
from buzzsaw.groups import group_column, whole_groups
from buzzsaw.lookup import LookupTable, give_tables
from buzzsaw.pipeline import Pipeline
from buzzsaw.rows import SourceName
from buzzsaw.source import Source
from buzzsaw.spec import Spec

#: More threads than any machine has CPUs; past it the operating system may refuse to start them.
_MOST_THREADS = 1024


class FitWarning(UserWarning):
    """Something that the caller should know before fitting, such as documents counted once for each of their rows."""


class FitProgress(NamedTuple):
    """How far a fit is."""

    round: int
    """The number of the pass over the data, from 1; how many there are depends on the data."""
    source: str
    """The table being read: `pairs` or `documents`."""
    rows: int
    """Rows of it read so far in this round."""
    total: int | None
    """Rows it has, `None` when not known."""


def fit(
    spec: Spec,
    pairs: object,
    documents: object = None,
    *,
    groups: str | None = None,
    tables: Mapping[str, LookupTable] | None = None,
    threads: int | None = None,
    progress: Callable[[FitProgress], None] | None = None,
) -> Pipeline:
    """Learns the state of every fitted step.

    The result does not depend on the order of rows, on batches, or on the number of threads: the content hash is
    the same. Tables are read in batches, once for each level of fitted steps that depend on fitted steps, and again
    where a quantile needs it.

    Args:
        spec: What to fit.
        pairs: One row a judged or logged pair of query and document, with the columns that the label needs; anything
            that `Pipeline.transform` takes. A RecordBatchReader can be read only once, so its columns are held.
        documents: Each document once; document frequencies, lengths and vocabularies are learnt from it. Without it
            they are learnt from `pairs` as given, with a `FitWarning`.
        groups: The name of the column of group ids, for specs whose fitted steps need groups; by default the input
            with `role: group`.
        tables: The lookup tables of steps that read one, by name: anything that `Pipeline.transform` takes, or the path
            of a Parquet file, with the columns `key` (strings) and `vector` (lists of numbers).
        threads: How many threads read and learn, 1 to 1024; one a CPU by default.
        progress: Called from worker threads, one at a time, after each batch.

    Raises:
        MissingInputError: When a table lacks a column, or a lookup table is not given.
        TypeMismatchError: When a column's type is not one that the spec's type takes.
        InvalidValueError: When a table to learn from has no rows, a value cannot be learnt from, or `threads` is out
            of its range.

    Example:
        >>> import buzzsaw as bz
        >>> spec = bz.Spec.parse('''
        ... buzzsaw: 1
        ... name: scaled
        ... inputs:
        ...   price: {type: float64, side: document}
        ... steps:
        ...   scaled: {transform: standardize, input: price}
        ... features: [scaled]
        ... ''')
        >>> pipeline = bz.fit(spec, {}, documents={"price": [1.0, 3.0, None]})
        >>> pipeline.transform({"price": [5.0, 2.0]}).dense.ravel().tolist()
        [3.0, 0.0]
    """
    expect(spec, Spec, "spec", "Spec.load reads a file, Spec.parse a text")
    if threads is None:
        threads = os.cpu_count() or 1
    elif not 1 <= threads <= _MOST_THREADS:
        message = f"must be from 1 to {_MOST_THREADS}, not {threads}"
        raise InvalidValueError.of(message, place="threads", hint="leave it out for one thread a CPU")
    fitter = _buzzsaw.Fitter(spec._native, documents is not None)
    for warning in fitter.warnings():
        warnings.warn(warning, FitWarning, stacklevel=2)
    give_tables(fitter, tables)
    names = [column.name for column in spec.inputs] + ([groups] if groups else [])
    given = {"pairs": pairs, "documents": documents}
    sources: dict[str, Source] = {}
    while pending := fitter.pending():
        for name in pending:
            if name not in sources:
                sources[name] = Source.of(given[name], spec.inputs).kept(names)
            a_pass = _Pass(fitter, spec, name=name, source=sources[name], groups=groups, progress=progress)
            a_pass.run(threads)
    return Pipeline(fitter.into_pipeline())


class _Pass:
    """One pass over one table: threads take batches from one stream, each into its own partial."""

    def __init__(
        self,
        fitter: _buzzsaw.Fitter,
        spec: Spec,
        *,
        name: SourceName,
        source: Source,
        groups: str | None,
        progress: Callable[[FitProgress], None] | None,
    ) -> None:
        self.fitter, self.name, self.source, self.progress = fitter, name, source, progress
        self.round = fitter.round
        columns = [row["name"] for row in fitter.inputs(name)]
        needed = fitter.needs_groups(name)
        group = group_column(groups if needed else None, source, spec.inputs, needed=needed)
        if group is not None:
            columns.append(group)
        self.batches = whole_groups(source.batches(columns), group)
        self.reading = threading.Lock()
        self.rows = 0
        self.failed = False

    def run(self, threads: int) -> None:
        """Reads the whole table and ends the pass."""
        with ThreadPoolExecutor(threads, thread_name_prefix="buzzsaw-fit") as pool:
            futures = [pool.submit(self.learn) for _ in range(threads)]
        partials = [future.result() for future in futures]
        merged = partials[0]
        for partial in partials[1:]:
            merged.merge(partial)
        self.fitter.finish(merged)

    def learn(self) -> _buzzsaw.Partial:
        """One thread's work: what it learnt from the batches that it took."""
        partial = self.fitter.partial(self.name)
        try:
            while True:
                with self.reading:
                    batch, offsets = (None, None) if self.failed else next(self.batches, (None, None))
                if batch is None:
                    return partial
                self.fitter.update(partial, batch, offsets)
                self.report(batch.num_rows)
        except BaseException:
            self.failed = True
            raise

    def report(self, rows: int) -> None:
        """Counts rows and tells the caller."""
        with self.reading:
            self.rows += rows
            if self.progress is not None:
                self.progress(FitProgress(self.round, self.name, self.rows, self.source.rows))
