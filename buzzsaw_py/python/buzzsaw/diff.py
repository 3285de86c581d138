"""What two artifacts make of the same rows: which features differ, in how many rows, how far, and whose order changes.

Example:
    >>> import buzzsaw as bz
    >>> from buzzsaw.diff import compare
    >>> spec = bz.Spec.parse('''
    ... buzzsaw: 1
    ... name: prices
    ... inputs:
    ...   price: {type: float64, side: pair}
    ... steps:
    ...   scaled: {transform: min_max, input: price}
    ... features: [scaled, price]
    ... ''')
    >>> before, after = (bz.fit(spec, {"price": prices}) for prices in ([0.0, 4.0], [0.0, 8.0]))
    >>> found = compare(before, after, {"price": [2.0, 0.0]})
    >>> [(change.name, change.rows, change.largest) for change in found.changes]
    [('scaled', 1, 0.25)]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from buzzsaw.groups import group_column, whole_groups
from buzzsaw.pipeline import Mode, Pipeline
from buzzsaw.rows import Offsets
from buzzsaw.source import BATCH_ROWS, Source

if TYPE_CHECKING:
    import pyarrow as pa

    from buzzsaw.block import FeatureBlock


#: Columns, indptr, indices and values of a sparse part.
_Csr = tuple[int, npt.NDArray[np.int64], npt.NDArray[np.uint32], npt.NDArray[np.float32]]

#: Groups that a change names.
MOST_GROUPS = 10


@dataclass
class Reordered:
    """A group whose rows a feature orders otherwise. A row's place is how many distinct values of it are smaller."""

    group: str
    """Its id."""
    first_row: int
    """Its first row, from 0."""
    rows: int
    """How many it has."""
    moved: int
    """How many of them have another place."""
    places: int
    """By how many places the one that moved most did."""
    moved_row: int
    """Which one that is, from 0, the first of several; `buzzsaw explain --row` takes it."""


@dataclass
class Change:
    """How a feature that both artifacts have differs over the rows."""

    name: str
    rows: int = 0
    """Rows whose value has other bits; of a sparse feature, any entry."""
    appeared: int = 0
    """Rows where the value was missing and is given now."""
    vanished: int = 0
    """Rows where the value was given and is missing now."""
    largest: float = 0.0
    """The largest absolute difference of two given values, an absent entry counted as 0."""
    total: float = field(default=0.0, repr=False)
    """All such differences added up; of a sparse feature, the largest of each row."""
    steps: int = 0
    """The largest distance in float32 numbers (ULP) of two given values; 0 for a sparse feature."""
    groups: int = 0
    """Groups whose rows this feature orders otherwise, missing last, ties as ties; 0 for a sparse feature."""
    reordered: list[Reordered] = field(default_factory=list)
    """Of these groups the ten in which a row moved by most places; among equals those with more such rows, then the
    first ones."""
    first_row: int = -1
    """The first row that differs, from 0."""

    @property
    def mean(self) -> float:
        """The mean absolute difference over the rows that differ and have both values."""
        both = self.rows - self.appeared - self.vanished
        return self.total / both if both else 0.0


@dataclass
class Difference:
    """What `compare` found."""

    rows: int = 0
    """Rows compared."""
    groups: int = 0
    """Groups compared; 0 where the data have none."""
    changed_rows: int = 0
    """Rows in which any feature that both have differs."""
    added: list[str] = field(default_factory=list)
    """Features of the second artifact alone."""
    removed: list[str] = field(default_factory=list)
    """Features of the first artifact alone."""
    retyped: list[str] = field(default_factory=list)
    """Features that are dense in one and sparse in the other, or have another number of columns."""
    changes: list[Change] = field(default_factory=list)
    """Features that differ in some row, those that differ in most rows first."""
    same: list[str] = field(default_factory=list)
    """Features with the same bits in every row."""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.retyped or self.changes)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        made = dataclasses.asdict(self)
        for shown, change in zip(made["changes"], self.changes, strict=True):
            del shown["total"]
            shown["mean"] = change.mean
        return made


def compare(
    before: Pipeline,
    after: Pipeline,
    data: object,
    *,
    groups: str | None = None,
    mode: Mode = "serve",
    batch_rows: int = BATCH_ROWS,
) -> Difference:
    """Computes the features of every row with both artifacts and compares their bits, batch by batch.

    Args:
        before: The artifact in use.
        after: The artifact that may take its place.
        data: As `Pipeline.transform`, with the columns that either reads. Of a one-shot stream one batch is held.
        groups: The name of a column of group ids; by default the input with `role: group`, if the data
            have it. Without one no order changes.
        mode: As `Pipeline.transform`.
        batch_rows: About how many rows a batch has; a group that is larger is one batch.

    Raises:
        As `Pipeline.transform`, for either artifact.
    """
    inputs = list({column.name: column for column in [*after.spec.inputs, *before.spec.inputs]}.values())
    source = Source.of(data, inputs)
    column = group_column(groups, source, inputs, needed=True)
    found, widths = Difference(), (_widths(before), _widths(after))
    found.removed = [name for name in widths[0] if name not in widths[1]]
    found.added = [name for name in widths[1] if name not in widths[0]]
    both = [name for name in widths[0] if name in widths[1]]
    found.retyped = [name for name in both if widths[0][name] != widths[1][name]]
    changes = {name: Change(name) for name in both if name not in found.retyped}
    for batch, offsets in whole_groups(source.batches(None, batch_rows), column):
        blocks = [pipeline.transform(batch, groups=column, mode=mode) for pipeline in (before, after)]
        differs = np.zeros(batch.num_rows, dtype=bool)
        groups_of = None if offsets is None else _Groups(offsets, batch.column(column), found.rows)
        for change, rows in _compared(blocks[0], blocks[1], changes, groups_of):
            differs |= rows
            if rows.any() and change.first_row < 0:
                change.first_row = found.rows + int(rows.argmax())
        found.rows += batch.num_rows
        found.groups += 0 if offsets is None else len(offsets) - 1
        found.changed_rows += int(differs.sum())
    found.changes = sorted((change for change in changes.values() if change.rows), key=lambda change: -change.rows)
    found.same = [name for name, change in changes.items() if not change.rows]
    return found


@dataclass(frozen=True)
class _Groups:
    """The groups of a batch: where each starts, the id of each row, and how many rows came before the batch."""

    offsets: Offsets
    ids: pa.Array
    rows_before: int

    def of_rows(self, rows: npt.NDArray[np.bool_]) -> Iterator[slice]:
        """The rows of each group in which any is true."""
        starts = np.asarray(self.offsets[:-1], dtype=np.int64)
        touched = np.unique(np.searchsorted(starts, np.flatnonzero(rows), side="right") - 1)
        return (slice(int(self.offsets[at]), int(self.offsets[at + 1])) for at in touched)

    def name(self, group: slice) -> str:
        """The id of a group as text."""
        value = self.ids[group.start].as_py()
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _widths(pipeline: Pipeline) -> dict[str, int]:
    """The number of columns of each sparse feature; 0 of a dense one."""
    return {name: pipeline.sparse_columns.get(name, 0) for name in pipeline.feature_names}


def _compared(
    before: FeatureBlock, after: FeatureBlock, changes: dict[str, Change], groups: _Groups | None
) -> Iterator[tuple[Change, npt.NDArray[np.bool_]]]:
    """Takes a batch into `changes`; each with whether it differs in each row."""
    places = [{name: at for at, name in enumerate(block.dense_names)} for block in (before, after)]
    for name, change in changes.items():
        if name in places[0]:
            a, b = before.dense[:, places[0][name]], after.dense[:, places[1][name]]
            yield change, _dense(change, a, b, groups)
        else:
            yield change, _sparse(change, before.sparse.arrays(name), after.sparse.arrays(name))


def _dense(
    change: Change, a: npt.NDArray[np.float32], b: npt.NDArray[np.float32], groups: _Groups | None
) -> npt.NDArray[np.bool_]:
    differs: npt.NDArray[np.bool_] = _bits(a) != _bits(b)
    if not differs.any():
        return differs
    missing = np.isnan(a), np.isnan(b)
    given = differs & ~missing[0] & ~missing[1]
    change.rows += int(differs.sum())
    change.appeared += int((differs & missing[0]).sum())
    change.vanished += int((differs & missing[1]).sum())
    if given.any():
        # Infinities of one sign have the same bits, so that no difference is inf - inf.
        far = np.abs(b[given].astype(np.float64) - a[given].astype(np.float64))
        change.largest = max(change.largest, float(far.max()))
        change.total += float(far.sum())
        change.steps = max(change.steps, int(np.abs(_ordered(b[given]) - _ordered(a[given])).max()))
    if groups is not None:
        for group in groups.of_rows(differs):
            moved = np.abs(_places(a[group]) - _places(b[group]))
            if moved.any():
                change.groups += 1
                whole = Reordered(
                    group=groups.name(group),
                    first_row=groups.rows_before + group.start,
                    rows=len(moved),
                    moved=int(np.count_nonzero(moved)),
                    places=int(moved.max()),
                    moved_row=groups.rows_before + group.start + int(moved.argmax()),
                )
                change.reordered.append(whole)
        change.reordered.sort(key=lambda one: (-one.places, -one.moved, one.first_row))
        del change.reordered[MOST_GROUPS:]
    return differs


def _places(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """How many distinct values are smaller, ties being one; missing ones stand last."""
    places: npt.NDArray[np.int64] = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return places


def _sparse(change: Change, a: _Csr, b: _Csr) -> npt.NDArray[np.bool_]:
    """The parts have the same columns and rows; a column that a row does not have is 0 there."""
    differs = np.zeros(len(a[1]) - 1, dtype=bool)
    places = [_places_of_entries(part) for part in (a, b)]
    all_places = np.union1d(*places)
    values = np.zeros((2, len(all_places)))
    for side, part in enumerate((a, b)):
        values[side, np.searchsorted(all_places, places[side])] = part[3]
    other = (values[0] != values[1]) & ~np.isnan(values).all(axis=0)
    if other.any():
        rows = all_places[other] // a[0]
        far = np.abs(values[1, other] - values[0, other])
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        each = np.maximum.reduceat(far, starts)
        differs[rows[starts]] = True
        change.rows += len(starts)
        change.largest = max(change.largest, float(each.max()))
        change.total += float(each.sum())
    return differs


def _places_of_entries(part: _Csr) -> npt.NDArray[np.int64]:
    """Row times columns plus column, of each entry; ascending."""
    columns, indptr, indices, _ = part
    rows: npt.NDArray[np.int64] = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    return rows * columns + indices


def _bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    return np.ascontiguousarray(values).view(np.int32)


def _ordered(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Whole numbers in the order of the values, next to each other where those are; both zeros are 0."""
    bits = _bits(values).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)
