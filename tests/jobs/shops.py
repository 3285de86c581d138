"""A small shop, joined in pyarrow so that the job's own join has something to be compared with."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "schemas" / "specs" / "shop_search.yaml"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc)


class Shop(NamedTuple):
    """The same rows three ways."""

    products: Path
    judgments: Path
    #: Judgments joined with products, rows of a group adjacent.
    pairs: pa.Table
    documents: pa.Table


def read_shop(products: Path, judgments: Path) -> Shop:
    """The shop of two Parquet files."""
    documents = pq.read_table(products)
    judged = pq.read_table(judgments)
    at = {product: i for i, product in enumerate(documents["product_id"].to_pylist())}
    taken = documents.take([at[product] for product in judged["product_id"].to_pylist()])
    queries = judged["query"].to_pylist()
    pairs = taken.append_column("query", pa.array(queries))
    pairs = pairs.append_column("rating", judged["rating"])
    pairs = pairs.append_column("qid", pa.array([" ".join(query.lower().split()) for query in queries]))
    pairs = pairs.append_column("group_id", pa.array(queries))
    pairs = pairs.append_column("now", pa.array([NOW] * len(queries), pa.timestamp("us", tz="UTC")))
    return Shop(products, judgments, pairs.sort_by([("group_id", "ascending")]), documents)
