"""Nights at scale: labels, fit and transform of a marketplace's log on a standalone cluster, at two sizes.

A master and two workers of one core each run on this machine, the workers with nothing but Spark, Java, a bare Python
and the archive that the jobs ship (as in `make soak`). One driver runs five nights: the label job over one more day of
the log, then the nightly job over that run's labels, which fits and transforms. The first night is left out of the
figures, so they are of the last 80% of the events: those of the labelled days, each counted once, though a night reads
the day before, too, for behaviour features of one day. An event is an impression or an interaction (a click, a cart
or a purchase); the interactions, about a quarter of the events, have a figure of their own.

The peer of the larger log is the smaller one: equal rates mean that nothing grows with the log but the log. There is
one run of each, the smaller first; a shuffle has a partition for each 50,000 requests, four at least. `equal` says that
every night of both sizes ended with its manifest and that each label row became one training row.

Memory is the proportional set size, sampled once a second: of the driver (its JVM and its Python together), of an
executor with its Python workers, and of a worker, which is both and the daemon of the standalone cluster. The targets
are those of `standalone.TARGETS`, at both sizes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import standalone
from cluster import environment_archive, running
from harness import report

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NIGHTS = 5
#: Days before the first labelled one; the window of the behaviour features.
BEFORE = 1
START = date(2026, 10, 1)

SPEC = """
buzzsaw: 1
name: marketplace
inputs:
  query:       {type: string, side: query}
  now:         {type: timestamp, side: query}
  title:       {type: string, side: document}
  supplier:    {type: string, side: document}
  price_cents: {type: int64, side: document}
  pair_click_rate_1d:      {type: float64, side: pair}
  product_impressions_1d:  {type: int64, side: pair}
  product_click_rate_1d:   {type: float64, side: pair}
  rating:      {type: int32, side: pair, role: label}
  weight:      {type: float64, side: pair, role: weight}
steps:
  query_terms:   {transform: tokenize, input: query, analyzer: english}
  title_terms:   {transform: tokenize, input: title, analyzer: english}
  title_bm25:    {transform: bm25, inputs: [query_terms, title_terms]}
  title_cosine:  {transform: tfidf_cosine, inputs: [query_terms, title_terms]}
  title_overlap: {transform: term_overlap, inputs: [query_terms, title_terms]}
  title_tfidf:   {transform: tfidf, input: title_terms}
  supplier_index: {transform: vocabulary_index, input: supplier}
  log_price:     {transform: log1p, input: price_cents, missing: {impute: median}}
  price_std:     {transform: standardize, input: log_price}
  log_seen:      {transform: log1p, input: product_impressions_1d}
  supplier_x_query: {transform: hashed_cross, inputs: [supplier, query_terms], bits: 18}
  best_bm25:     {transform: group_rank, input: title_bm25}
features: [title_bm25, title_cosine, title_overlap, title_tfidf, supplier_index, price_std, log_seen,
           pair_click_rate_1d, product_click_rate_1d, supplier_x_query, best_bm25]
"""


def drive(folder: Path, requests: int) -> None:
    """The driver: writes the log, runs the nights, and tells of each."""
    from buzzsaw.datasets import marketplace
    from buzzsaw.labels import LabelSettings
    from buzzsaw.labels import run as run_labels
    from buzzsaw.nightly import NightlySettings
    from buzzsaw.nightly import run as run_nightly
    from pyspark.sql import SparkSession

    session = SparkSession.builder.appName("buzzsaw-scale").getOrCreate()
    market = marketplace.Marketplace(
        seed=1,
        products=max(2_000, requests // 20),
        sellers=max(50, requests // 2_000),
        queries=max(500, requests // 40),
        requests=requests,
        # The last day is there for its interactions with impressions of the day before.
        days=BEFORE + NIGHTS + 1,
        start=START,
    )
    tasks = max(8, requests // 50_000)
    for name in ("impressions", "interactions", "products"):
        rows = getattr(marketplace.spark, name)(session, market, tasks)
        writer = rows.write.partitionBy("event_date") if name != "products" else rows.write
        writer.parquet(str(folder / name))
    spec = folder / "spec.yaml"
    spec.write_text(SPEC, "utf-8")
    for night in range(NIGHTS):
        # A day is labelled when the attribution of its last impression is over.
        now = datetime.combine(START + timedelta(BEFORE + night + 2), datetime.min.time(), timezone.utc)
        began = time.monotonic()
        labels = run_labels(
            session,
            LabelSettings(
                str(folder / "impressions"),
                str(folder / "interactions"),
                str(folder / "labels"),
                label_days=1,
                windows=[1],
                late_days=1,
            ),
            now,
        )
        labelled = time.monotonic()
        nightly = run_nightly(
            session,
            NightlySettings(
                products=str(folder / "products"),
                judgments=None,
                labels=str(folder / "labels"),
                output=str(folder / "nights"),
                spec=str(spec),
            ),
            now,
        )
        ended = time.monotonic()
        made = labels.manifest["tables"]["labels"]["rows"]
        rows = of_day(session, folder, START + timedelta(BEFORE + night))
        standalone.tell(
            events=sum(rows.values()),
            interactions=rows["interactions"],
            label_rows=made,
            label_seconds=labelled - began,
            night_seconds=ended - labelled,
            equal=nightly.manifest["tables"]["training"]["rows"] == made and nightly.wrote and labels.wrote,
        )
    session.stop()


def of_day(session: SparkSession, folder: Path, day: date) -> dict[str, int]:
    """How many impressions and how many interactions a day has."""
    tables = {name: session.read.parquet(str(folder / name)) for name in ("impressions", "interactions")}
    return {name: table.where(f"event_date = '{day}'").count() for name, table in tables.items()}


def main() -> None:
    """Runs both sizes and compares their rates."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=140_000, help="requests of the smaller log, over seven days")
    parser.add_argument("--times", type=int, default=4, help="how much larger the other log is")
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.drive:
        drive(arguments.drive, arguments.requests)
        return
    rates: list[tuple[float, float]] = []
    figures: dict[str, float] = {}
    peaks: list[dict[str, int]] = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        archive = environment_archive(root / "environment.zip")
        for size, requests in (("small", arguments.requests), ("large", arguments.requests * arguments.times)):
            folder = root / size
            folder.mkdir()
            words = [__file__, "--drive", str(folder), "--requests", str(requests)]
            settings = {
                "spark.driver.memory": "1g",
                "spark.sql.shuffle.partitions": str(max(4, requests // 50_000)),
            }
            with running(root / f"cluster-{size}", workers=2) as cluster:
                told, peak = standalone.drive(cluster, archive, folder, words, settings)
            if len(told) != NIGHTS or not all(night["equal"] for night in told):
                raise SystemExit(f"scale ({size}): not every night ended with one training row a label")
            rest = told[1:]
            seconds = sum(night["label_seconds"] + night["night_seconds"] for night in rest)
            events = sum(night["events"] for night in rest)
            rates.append((events, seconds))
            peaks.append(peak)
            figures |= {
                f"{size}_events": events,
                f"{size}_interactions": sum(night["interactions"] for night in rest),
                f"{size}_label_seconds": round(sum(night["label_seconds"] for night in rest), 1),
                f"{size}_night_seconds": round(sum(night["night_seconds"] for night in rest), 1),
                f"{size}_driver_mib": round(peak["driver"] / 2**20),
                f"{size}_executor_mib": round(peak["executor"] / 2**20),
                f"{size}_worker_mib": round(peak["worker"] / 2**20),
            }
    (few, few_seconds), (many, many_seconds) = rates
    report(
        bench="scale",
        case=f"{NIGHTS} nights of labels, fit and transform, events of the last {NIGHTS - 1}, two workers of one core",
        peer=f"a log of a {arguments.times}th",
        # Seconds for as many events as the larger log has.
        pairs=[(many_seconds, few_seconds * many / few)],
        amount=many,
        unit="events/s",
        target=0.85,
        **figures,
        **standalone.met(*peaks),
    )


if __name__ == "__main__":
    main()
