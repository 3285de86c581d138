"""Pipelines: a compiled spec with its fitted state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from os import PathLike, fspath
from typing import Any, Literal

import pyarrow as pa

from buzzsaw import _buzzsaw
from buzzsaw.block import FeatureBlock
from buzzsaw.errors import InvalidValueError
from buzzsaw.groups import Groups, group_column, offsets_of, whole_groups
from buzzsaw.rows import Folds, Offsets
from buzzsaw.source import BATCH_ROWS, Source
from buzzsaw.spec import Input, Spec

Mode = Literal["serve", "train"]

#: How each mode sees the folds of out-of-fold steps.
_FOLDS: dict[str, Folds] = {"serve": "full", "train": "of_qid"}


class Pipeline:
    """A compiled spec with its fitted state: immutable, thread-safe, picklable, safe after a fork.

    Example:
        >>> import buzzsaw as bz
        >>> spec = bz.Spec.parse('''
        ... buzzsaw: 1
        ... name: rank_prices
        ... inputs:
        ...   price: {type: float64, side: document}
        ... steps:
        ...   price_rank: {transform: group_zscore, input: price}
        ... features: [price_rank]
        ... ''')
        >>> pipeline = bz.fit(spec, {"price": [1.0]})
        >>> block = pipeline.transform({"price": [10.0, 20.0, 5.0], "request": [7, 7, 8]}, groups="request")
        >>> block.dense.ravel().tolist()
        [-1.0, 1.0, 0.0]
    """

    __slots__ = ("_native", "_spec")

    def __init__(self, native: _buzzsaw.Pipeline) -> None:
        self._native = native
        self._spec: Spec | None = None

    @classmethod
    def compile(cls, spec: Spec) -> Pipeline:
        """The pipeline of a spec none of whose steps learns anything.

        Raises:
            NotFittedError: Naming every step that has to be fitted.
        """
        return cls(_buzzsaw.Pipeline.from_spec(spec._native))

    @classmethod
    def from_bytes(cls, artifact: bytes) -> Pipeline:
        """Reads an artifact from memory, checked in full.

        Raises:
            CorruptArtifactError: When it is truncated, tampered with, no artifact, or holds state that another build
                wrote in another form.
            UnsupportedVersionError: When its format is newer, or it needs Unicode, Snowball or time zone tables that
                this library does not have.
        """
        return cls(_buzzsaw.Pipeline.from_bytes(artifact))

    @property
    def spec(self) -> Spec:
        """The spec, with every default written out."""
        if self._spec is None:
            self._spec = Spec.parse(self._native.spec_json())
        return self._spec

    @property
    def inputs(self) -> list[Input]:
        """The columns that serving reads; `inputs_for("train")` adds the qid where folds are in use."""
        return self.inputs_for("serve")

    def inputs_for(self, mode: Mode) -> list[Input]:
        """The columns that `transform` reads in `mode`."""
        return [Input.of(row) for row in self._native.inputs(_folds(mode))]

    @property
    def feature_names(self) -> list[str]:
        """The names of all features, dense and sparse, in the order of the spec."""
        return self._native.feature_names

    @property
    def dense_names(self) -> list[str]:
        """The names of the dense features, in the order of the matrix."""
        return self._native.dense_names

    @property
    def sparse_columns(self) -> dict[str, int]:
        """The number of columns of each sparse feature."""
        return dict(self._native.sparse_columns)

    @property
    def content_hash(self) -> str:
        """The identity of the artifact's content: `sha256:` and hex digits."""
        return self._native.content_hash

    @property
    def needs_groups(self) -> bool:
        """Whether a row's values depend on the other rows of its group."""
        return self._native.needs_groups

    @property
    def has_folds(self) -> bool:
        """Whether training rows see the fold of their qid, so that their values may differ from serving."""
        return self._native.has_folds

    def features_of_side(self, side: Literal["query", "document", "pair"]) -> list[str]:
        """The names of the spec's features that depend on `side` alone, in the order of the spec.

        A feature of a group of candidates is of side `pair`, as is one of a document and the time of a request.
        """
        return self._native.features_of_side(side)

    def select(self, features: Sequence[str]) -> Pipeline:
        """The pipeline of some features, in the order of the spec: each has the bits that it has here.

        Its spec has only the steps and inputs that they need, and inputs with a role. Its content hash stays when
        another feature, or another step's state, changes.

        Args:
            features: Names of features as the spec has them; `<feature>_missing` comes with its feature.

        Raises:
            InvalidValueError: Without a name, and for names that are no feature of the spec.

        Example:
            >>> import buzzsaw as bz
            >>> spec = bz.Spec.parse('''
            ... buzzsaw: 1
            ... name: prices
            ... inputs:
            ...   price: {type: float64, side: document}
            ...   bid: {type: float64, side: pair}
            ... steps:
            ...   scaled: {transform: standardize, input: price}
            ... features: [scaled, bid]
            ... ''')
            >>> pipeline = bz.fit(spec, {"bid": [0.5]}, documents={"price": [1.0, 3.0]})
            >>> documents = pipeline.select(pipeline.features_of_side("document"))
            >>> documents.transform({"price": [5.0]}).dense.ravel().tolist()
            [3.0]
        """
        return Pipeline(self._native.select(list(features)))

    def transform(self, data: object, *, groups: Groups = None, mode: Mode = "serve") -> FeatureBlock:
        """Computes the features of every row.

        Args:
            data: Columns by name: a pyarrow Table, RecordBatch or Dataset, a polars or pandas DataFrame, a DuckDB
                relation, a dictionary of lists or arrays, or any object with `__arrow_c_stream__` or
                `__arrow_c_array__`. Columns that no feature needs are not read.
            groups: Which rows belong together: the name of a column of group ids, or one id a row; rows of a group
                are adjacent. By default the input with `role: group`, when the spec needs groups.
            mode: `"train"` lets out-of-fold steps see the fold of the row's qid, `"serve"` gives the full state.

        Returns:
            The features, one row a row of `data`, in its order. Null and NaN are missing; see the spec's policies.

        Raises:
            MissingInputError: When a column is absent, or the spec needs groups and none were given.
            TypeMismatchError: When a column's type is not one that the spec's type takes.
            InvalidValueError: For ids of a group that are apart, or a query-side column that changes in a group.
        """
        batch, offsets = self._whole(data, groups, mode)
        return FeatureBlock(self._native.transform(batch, offsets, _folds(mode)), self.feature_names)

    def transform_batches(
        self, data: object, *, groups: str | None = None, mode: Mode = "serve", batch_rows: int = BATCH_ROWS
    ) -> Iterator[tuple[pa.RecordBatch, FeatureBlock]]:
        """Computes features batch by batch, in bounded memory; a group is never split between batches.

        Args:
            data: As `transform`. Of a one-shot stream, such as a RecordBatchReader, only one batch is held.
            groups: The name of a column of group ids; by default as `transform`.
            mode: As `transform`.
            batch_rows: About how many rows a batch has; a group that is larger is one batch.

        Yields:
            Each batch with all its columns, and its features.

        Raises:
            As `transform`.
        """
        source = Source.of(data, self.spec.inputs)
        column = group_column(groups, source, self.spec.inputs, needed=self.needs_groups)
        folds = _folds(mode)
        for batch, offsets in whole_groups(source.batches(None, batch_rows), column):
            yield batch, FeatureBlock(self._native.transform(batch, offsets, folds), self.feature_names)

    def explain(self, data: object, row: int = 0, *, groups: Groups = None, mode: Mode = "serve") -> dict[str, Any]:
        """Explains one row: the value of every step before rounding, and of every feature.

        Args:
            data: As `transform`, with all rows of the row's group.
            row: Which row, from 0.
            groups: As `transform`.
            mode: As `transform`.

        Returns:
            The explanation; missing values are `None`, infinities `"inf"` and `"-inf"`.

        Raises:
            InvalidValueError: For a row that `data` does not have; else as `transform`.
        """
        explained: dict[str, Any] = json.loads(self.explain_json(data, row, groups=groups, mode=mode))
        return explained

    def explain_json(self, data: object, row: int = 0, *, groups: Groups = None, mode: Mode = "serve") -> str:
        """`explain` as the canonical JSON that every runtime gives, byte for byte."""
        batch, offsets = self._whole(data, groups, mode)
        return self._native.explain(batch, row, offsets, _folds(mode))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the artifact; the file appears whole or not at all.

        Raises:
            IoError: When it cannot be written.
        """
        self._native.save(fspath(path))

    def to_bytes(self) -> bytes:
        """The artifact as bytes; equal pipelines give equal bytes."""
        return self._native.to_bytes()

    def _whole(self, data: object, groups: Groups, mode: Mode) -> tuple[pa.RecordBatch, Offsets | None]:
        needed = [row["name"] for row in self._native.inputs(_folds(mode))]
        source = Source.of(data, self.spec.inputs)
        if groups is None or isinstance(groups, str):
            column = group_column(groups, source, self.spec.inputs, needed=self.needs_groups)
            batch = source.whole(needed if column is None else [*needed, column])
            return batch, None if column is None else offsets_of(batch.column(column))
        batch = source.whole(needed)
        return batch, offsets_of(groups, rows=batch.num_rows)

    def __repr__(self) -> str:
        return f"Pipeline({self.spec.name!r}, {len(self.feature_names)} features, {self.content_hash[:19]})"

    def __eq__(self, other: object) -> bool:
        return self.content_hash == other.content_hash if isinstance(other, Pipeline) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __reduce__(self) -> tuple[Callable[[bytes], Pipeline], tuple[bytes]]:
        return Pipeline.from_bytes, (self.to_bytes(),)


def _folds(mode: str) -> Folds:
    if mode not in _FOLDS:
        raise InvalidValueError.of(f"there is no mode {mode!r}", place="mode", hint="give 'serve' or 'train'")
    return _FOLDS[mode]


def load(path: str | PathLike[str], *, check: Literal["once", "full"] = "once") -> Pipeline:
    """Reads an artifact file; its large state stays in a memory map that processes share.

    Args:
        path: The file.
        check: `"once"` checks every checksum the first time this host sees the file, then its size and manifest;
            `"full"` checks every checksum now and recomputes the golden rows.

    Raises:
        IoError: When the file cannot be read.
        CorruptArtifactError: When it is truncated, tampered with, no artifact, or holds state that another build wrote
            in another form.
        UnsupportedVersionError: When its format is newer, or it needs Unicode, Snowball or time zone tables that this
            library does not have.
    """
    if check == "full":
        _buzzsaw.Pipeline.verify(fspath(path))
    elif check != "once":
        raise InvalidValueError.of(f"there is no check {check!r}", place="check", hint="give 'once' or 'full'")
    return Pipeline(_buzzsaw.Pipeline.load(fspath(path)))
