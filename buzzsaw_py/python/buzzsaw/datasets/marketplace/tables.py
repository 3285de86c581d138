"""Tables of the marketplace in this process, whole or in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from buzzsaw.datasets.marketplace import events, products, queries
from buzzsaw.datasets.marketplace.market import Marketplace
from buzzsaw.datasets.marketplace.randomness import Ints

Rows: TypeAlias = Callable[[Marketplace, Ints], pa.RecordBatch]

#: Indices that are computed at once: intermediate columns then stay in the processor's cache.
CHUNK = 4_096


def impression_columns(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """The impressions of requests, without the truth."""
    return events.impression_rows(market, index)[0]


def interaction_columns(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """The interactions of requests, without the truth."""
    return events.interaction_rows(market, index)[0]


def impression_truth(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """What is true of the impressions of requests."""
    return events.impression_rows(market, index)[1]


def interaction_truth(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """What is true of the interactions of requests."""
    return events.interaction_rows(market, index)[1]


#: Each table: how its rows are made, the field of `Marketplace` that counts its indices, its schema.
TABLES: dict[str, tuple[Rows, str, pa.Schema]] = {
    "products": (products.product_rows, "products", products.PRODUCTS),
    "sellers": (products.seller_rows, "sellers", products.SELLERS),
    "queries": (queries.query_rows, "queries", queries.QUERIES),
    "impressions": (impression_columns, "requests", events.IMPRESSIONS),
    "interactions": (interaction_columns, "requests", events.INTERACTIONS),
    "impression_truth": (impression_truth, "requests", events.IMPRESSION_TRUTH),
    "interaction_truth": (interaction_truth, "requests", events.INTERACTION_TRUTH),
}


def batches(market: Marketplace, table: str, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a table for the indices from `start` to below `stop`, some thousand indices at a time.

    Args:
        market: The marketplace.
        table: A name of `TABLES`. Indices count products, sellers or queries, and requests for the others.
        start: The first index.
        stop: The index after the last; by default all.
    """
    rows, counted, _ = TABLES[table]
    end = getattr(market, counted) if stop is None else stop
    for first in range(start, end, CHUNK):
        yield rows(market, np.arange(first, min(first + CHUNK, end)))


def table(market: Marketplace, name: str, start: int = 0, stop: int | None = None) -> pa.Table:
    """The same as one table; see `batches`."""
    return pa.Table.from_batches(batches(market, name, start, stop), TABLES[name][2])


def write(market: Marketplace, folder: Path) -> dict[str, Path]:
    """Writes the five tables of a log and catalogue as Parquet files, batch by batch; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name in ("products", "sellers", "queries", "impressions", "interactions"):
        paths[name] = folder / f"{name}.parquet"
        with pq.ParquetWriter(paths[name], TABLES[name][2]) as writer:
            for batch in batches(market, name):
                writer.write_batch(batch)
    return paths
