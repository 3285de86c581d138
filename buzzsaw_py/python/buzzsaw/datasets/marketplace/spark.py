"""Tables of the marketplace as DataFrames: each task computes the rows of its indices; the driver holds no row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema

from buzzsaw.datasets.marketplace.market import Marketplace
from buzzsaw.datasets.marketplace.tables import CHUNK, TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class _Task:
    """What the workers compute; pickled by name."""

    market: Marketplace
    table: str

    def __call__(self, indices: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows, _, _ = TABLES[self.table]
        for batch in indices:
            index = batch.column(0).to_numpy(zero_copy_only=False)
            for first in range(0, len(index), CHUNK):
                yield rows(self.market, np.asarray(index[first : first + CHUNK], np.int64))


def frame(session: SparkSession, market: Marketplace, table: str, partitions: int | None = None) -> DataFrame:
    """A table of the marketplace, the same rows as `marketplace.table` at any number of partitions.

    Args:
        session: The session; its time zone must be UTC only if dates are to be read as days of another column.
        market: The marketplace.
        table: A name of `marketplace.TABLES`.
        partitions: How many tasks compute it; by default as many as Spark would.
    """
    _, counted, schema = TABLES[table]
    indices = session.range(0, getattr(market, counted), 1, partitions)
    return indices.mapInArrow(_Task(market, table), from_arrow_schema(schema))


def products(session: SparkSession, market: Marketplace, partitions: int | None = None) -> DataFrame:
    """The products; see `frame`."""
    return frame(session, market, "products", partitions)


def sellers(session: SparkSession, market: Marketplace, partitions: int | None = None) -> DataFrame:
    """The sellers; see `frame`."""
    return frame(session, market, "sellers", partitions)


def queries(session: SparkSession, market: Marketplace, partitions: int | None = None) -> DataFrame:
    """The queries; see `frame`."""
    return frame(session, market, "queries", partitions)


def impressions(session: SparkSession, market: Marketplace, partitions: int | None = None) -> DataFrame:
    """The impressions; see `frame`."""
    return frame(session, market, "impressions", partitions)


def interactions(session: SparkSession, market: Marketplace, partitions: int | None = None) -> DataFrame:
    """The interactions; see `frame`."""
    return frame(session, market, "interactions", partitions)
