"""The features of a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from buzzsaw import _buzzsaw

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_matrix


class FeatureBlock:
    """The features of a batch: a dense matrix and named sparse parts.

    Every array is a read-only view of the block's own memory and keeps it alive.

    Example:
        >>> import buzzsaw as bz
        >>> spec = bz.Spec.parse('''
        ... buzzsaw: 1
        ... name: tags
        ... inputs:
        ...   price: {type: float64, side: document}
        ...   tags: {type: list<string>, side: document}
        ... steps:
        ...   tag_hash: {transform: hashed_terms, input: tags, bits: 4}
        ... features: [price, tag_hash]
        ... ''')
        >>> block = bz.fit(spec, {}).transform({"price": [2.0, 3.0], "tags": [["a", "a"], []]})
        >>> block.dense.tolist()
        [[2.0], [3.0]]
        >>> block.sparse["tag_hash"].sum(axis=1).tolist()
        [[2.0], [0.0]]
    """

    __slots__ = ("_native", "_sparse", "feature_names")

    feature_names: list[str]
    """The names of all features, dense and sparse, in the order of the spec."""

    def __init__(self, native: _buzzsaw.Block, feature_names: list[str]) -> None:
        self._native = native
        self._sparse: SparseParts | None = None
        self.feature_names = feature_names

    def __len__(self) -> int:
        return self._native.rows

    @property
    def dense(self) -> npt.NDArray[np.float32]:
        """float32 of shape (rows, dense features); the one NaN 0x7fc00000 where a value is missing."""
        return self._native.dense

    @property
    def dense_names(self) -> list[str]:
        """The names of the dense features, in the order of the columns."""
        return self._native.dense_names

    @property
    def sparse(self) -> SparseParts:
        """The sparse parts by name, each a SciPy CSR matrix of shape (rows, columns) in float32; needs SciPy."""
        if self._sparse is None:
            self._sparse = SparseParts(self._native)
        return self._sparse

    @property
    def fingerprints(self) -> npt.NDArray[np.int64]:
        """int64 of shape (rows,): equal rows have equal fingerprints, on every runtime."""
        return self._native.fingerprints

    def to_arrow(self, *, indices: Literal["uint32", "int32"] = "uint32") -> pa.RecordBatch:
        """A record batch: a float32 column for each dense feature, `struct<indices, values>` for each sparse part.

        Missing values are NaN, not null, so that the bits stay. `indices="int32"` is for engines without unsigned
        integers, such as Spark.

        Raises:
            ResourceLimitError: For a part past the range of Arrow's 32-bit offsets, or of `int32` indices.
        """
        return self._native.to_arrow(indices)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The Arrow PyCapsule interface: pyarrow, polars and DuckDB (2.0) read a block as a record batch."""
        return self._native.__arrow_c_array__(requested_schema)

    def __repr__(self) -> str:
        return f"FeatureBlock({len(self)} rows, {len(self.feature_names)} features)"


class SparseParts(Mapping[str, "csr_matrix"]):
    """Sparse parts by name, in feature order; a matrix is made when it is asked for and shares the block's memory."""

    __slots__ = ("_made", "_parts")

    def __init__(self, native: _buzzsaw.Block) -> None:
        self._parts = {part[0]: part[1:] for part in native.sparse_parts}
        self._made: dict[str, csr_matrix] = {}

    def arrays(self, name: str) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
        """A part without SciPy.

        Returns:
            Its number of columns, and the arrays of CSR: `indptr` (rows + 1), `indices` (ascending within a row) and
            `values`, which share the block's memory.

        Raises:
            KeyError: when there is no such part.
        """
        return self._parts[name]

    def __getitem__(self, name: str) -> csr_matrix:
        if name not in self._made:
            self._made[name] = _csr(*self._parts[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def _csr(
    columns: int, indptr: npt.NDArray[np.int64], indices: npt.NDArray[np.uint32], values: npt.NDArray[np.float32]
) -> csr_matrix:
    from scipy.sparse import csr_matrix  # noqa: PLC0415  an optional dependency

    # SciPy's indices are signed. A view, not a copy, wherever the column numbers fit.
    signed = indices.view(np.int32) if columns <= np.iinfo(np.int32).max else indices.astype(np.int64)
    if indptr[-1] <= np.iinfo(np.int32).max and signed.dtype == np.int32:
        indptr = indptr.astype(np.int32)
    matrix = csr_matrix((values, signed, indptr), shape=(len(indptr) - 1, columns), copy=False)
    matrix.has_sorted_indices = True
    matrix.has_canonical_format = True
    return matrix
