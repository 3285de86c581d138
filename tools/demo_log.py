"""The second part of the demo: from a log to labels, two nights on them, and what changed between the two artifacts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from buzzsaw import cli, labels, nightly
from buzzsaw.datasets import marketplace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MARKET = marketplace.Marketplace(
    seed=1, products=2_000, sellers=60, queries=300, requests=12_000, days=7, start=date(2026, 10, 1)
)
#: The first labels the days up to the 4th, whose attribution was over then.
NIGHTS = ("2026-10-06", "2026-10-07")

SPEC = """
buzzsaw: 1
name: marketplace
inputs:
  query: {type: string, side: query}
  title: {type: string, side: document}
  price_cents: {type: int64, side: document, checks: {min: 1, missing: {warn: 0.1}}}
  pair_click_rate_1d: {type: float64, side: pair}
  product_impressions_1d: {type: int64, side: pair}
  rating: {type: int32, side: pair, role: label}
  weight: {type: float64, side: pair, role: weight}
steps:
  query_terms: {transform: tokenize, input: query, analyzer: english}
  title_terms: {transform: tokenize, input: title, analyzer: english}
  title_bm25: {transform: bm25, inputs: [query_terms, title_terms]}
  log_price: {transform: log1p, input: price_cents, missing: {impute: median}}
  log_seen: {transform: log1p, input: product_impressions_1d}
  seen_std: {transform: standardize, input: log_seen}
  best_bm25: {transform: group_rank, input: title_bm25}
features: [title_bm25, best_bm25, log_price, seen_std, pair_click_rate_1d]
"""


def run(session: SparkSession, output: Path) -> int:
    """Runs both jobs for two dates; the exit status of what failed first, else 0."""
    log = marketplace.write(MARKET, output / "log")
    (output / "marketplace.yaml").write_text(SPEC, "utf-8")
    settings = output / "labels.yaml"
    settings.write_text("label_days: 2\nwindows: [1]\nrobot_impressions: 200\n", "utf-8")
    made, nights = output / "labels", output / "labelled"
    for day in NIGHTS:
        now = ["--now", f"{day}T03:00:00Z"]
        read = ["--config", settings, "--impressions", log["impressions"], "--interactions", log["interactions"]]
        print(f"\nlabels of {day}", flush=True)
        if status := labels.main([str(word) for word in (*read, "--output", made, *now)], session):
            return status
        print(f"\nnightly features of these labels, {day}", flush=True)
        read = ["--labels", made, "--products", log["products"], "--spec", output / "marketplace.yaml"]
        if status := nightly.main([str(word) for word in (*read, "--output", nights, *now)], session):
            return status
    rows = _sample(session, made, log["products"], output / "pairs")
    manifests = [json.loads((nights / "runs" / day / "manifest.json").read_text("utf-8")) for day in NIGHTS]
    artifacts = [nights / manifest["artifact"]["path"] for manifest in manifests]
    print("\nwhat the second night's artifact makes of 1,000 requests otherwise", flush=True)
    return cli.main(["diff", *map(str, artifacts), "--data", str(rows), "--groups", "group_id"])


def _sample(session: SparkSession, made: Path, products: Path, path: Path) -> Path:
    """The rows of a thousand requests as the nightly job joins them, sorted by request, for `buzzsaw diff`."""
    rows = labels.read(made, NIGHTS[-1], session=session)
    some = rows.select("group_id").distinct().orderBy("group_id").limit(1_000)
    joined = rows.join(some, "group_id").join(session.read.parquet(str(products)), "product_id")
    joined.coalesce(1).sortWithinPartitions("group_id", "product_id").write.mode("overwrite").parquet(str(path))
    return path
