"""Small nights for tests of what a run does around its features, and what their tables hold."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw import labels
from buzzsaw.nightly import read

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: A spec of each kind of state and side, over the tables of `write_tables`.
SPEC = """
buzzsaw: 1
name: small
inputs:
  query: {type: string, side: query}
  now: {type: timestamp, side: query}
  title: {type: string, side: document}
  price: {type: float64, side: document}
  released_at: {type: timestamp, side: document}
  rating: {type: int32, side: pair, role: label}
  qid: {type: string, side: query, role: qid}
  group_id: {type: string, side: query, role: group}
steps:
  query_terms: {transform: tokenize, input: query}
  title_terms: {transform: tokenize, input: title}
  match: {transform: bm25, inputs: [query_terms, title_terms]}
  match_rank: {transform: group_zscore, input: match}
  scaled: {transform: standardize, input: price}
  age_days: {transform: age, inputs: [now, released_at], unit: days}
  title_rating: {transform: target_mean, input: title, prior_weight: 2, folds: 5}
  tfidf: {transform: tfidf, input: title_terms}
features: [match, match_rank, scaled, age_days, title_rating, tfidf]
"""

#: One without fitted steps, to change: {features} are lines of it.
PLAIN = """
buzzsaw: 1
name: plain
inputs:
  query: {{type: string, side: query}}
  title: {{type: string, side: document}}
  price: {{type: float64, side: document}}
  rating: {{type: int32, side: pair, role: label}}
steps:
  title_terms: {{transform: tokenize, input: title}}
  query_terms: {{transform: tokenize, input: query}}
  log_price: {{transform: log1p, input: price}}
  title_length: {{transform: list_length, input: title_terms}}
  query_length: {{transform: list_length, input: query_terms}}
  title_hashed: {{transform: hashed_terms, input: title_terms, bits: 8}}
features: {features}
"""

_RELEASED = datetime(2020, 1, 1, tzinfo=timezone.utc)


def products(count: int = 24) -> list[dict[str, Any]]:
    """Products p0, p1, ...; every fifth has no price."""
    return [
        {
            "product_id": f"p{i}",
            "title": f"{('red', 'blue', 'green')[i % 3]} {('lamp', 'cable')[i % 2]} {i % 7}",
            "price": None if i % 5 == 4 else 3.5 * i + 1,
            "released_at": _RELEASED + timedelta(days=17 * i, microseconds=i),
        }
        for i in range(count)
    ]


def judgments(count: int = 60, of: int = 24) -> list[dict[str, Any]]:
    """Six candidates a query."""
    words = ("red lamp", "Blue  cable", "lamp", "green", "cable 3", "blue lamp 5")
    return [
        {"query": f"{words[i // 6 % 6]}{' ' * (i // 36)}", "product_id": f"p{i * 7 % of}", "rating": i * i % 4}
        for i in range(count)
    ]


def write_tables(folder: Path, documents: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> tuple[Path, Path]:
    """The tables as Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    of_products = pa.schema(
        [
            ("product_id", pa.string()),
            ("title", pa.string()),
            ("price", pa.float64()),
            ("released_at", pa.timestamp("us", tz="UTC")),
        ]
    )
    of_pairs = pa.schema([("query", pa.string()), ("product_id", pa.string()), ("rating", pa.int32())])
    if documents and "day" in documents[0]:
        of_products = of_products.append(pa.field("day", pa.date32()))
    if pairs and "day" in pairs[0]:
        of_pairs = of_pairs.append(pa.field("day", pa.date32()))
    pq.write_table(pa.Table.from_pylist(documents, of_products), folder / "products.parquet")
    pq.write_table(pa.Table.from_pylist(pairs, of_pairs), folder / "judgments.parquet")
    return folder / "products.parquet", folder / "judgments.parquet"


def contents(session: SparkSession, output: Path, day: date | str) -> dict[str, list[str]]:
    """Every row of a date's tables as text, in an order of their own; features show all their bits but NaN's."""
    manifest = json.loads((output / "runs" / str(day) / "manifest.json").read_text("utf-8"))
    tables = {}
    for name in manifest["tables"]:
        of_labels = manifest["job"] == "build_labels"
        rows = labels.read(output, day, session=session) if of_labels else read(output, day, name, session=session)
        tables[name] = [str(rows.dtypes), *sorted(map(repr, rows.collect()))]
    return tables


def lasting(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says that does not depend on how often its run was tried, or where and when."""
    kept = {name: manifest[name] for name in manifest if name not in ("finished", "report", "report_json", "settings")}
    kept["tables"] = {name: {**table, "version": None} for name, table in manifest["tables"].items()}
    return kept


def versions(session: SparkSession, output: Path) -> dict[str, int]:
    """The newest version of each table that is there."""
    from buzzsaw.jobs.delta import newest_version

    # The log of a table that was never committed is empty.
    found = sorted({path.parent.parent for path in output.glob("*/_delta_log/*.json")})
    return {path.name: newest_version(session, str(path)) for path in found}
