"""Windows of behaviour features over a log that is longer than all of them: each counts its own days, none before."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timezone

import pyarrow.parquet as pq
from buzzsaw.datasets import marketplace
from buzzsaw.labels import LabelSettings
from label_reference import Rules, label_rows
from test_build_labels import made_of

UTC = timezone.utc
MARKET = marketplace.Marketplace(
    seed=13, products=400, sellers=20, queries=8, requests=1_260, days=42, start=date(2026, 9, 1)
)
#: October 10 to 12 are labelled.
NOW = datetime(2026, 10, 14, 1, tzinfo=UTC)
RULES = Rules(
    {"click": 1, "cart": 2, "purchase": 3}, datetime(2026, 10, 10, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)
)


def test_each_window_counts_its_own_days_and_none_before(spark, tmp_path):
    log = marketplace.write(MARKET, tmp_path)
    names = ("impressions", "interactions")
    settings = LabelSettings("", "", "", label_days=3, windows=list(RULES.windows))
    rows = made_of(spark, [spark.read.parquet(str(log[name])) for name in names], settings, NOW)
    got = {(int(row["group_id"]), row["product_id"]): row for row in rows}
    events = [pq.read_table(log[name]).to_pylist() for name in names]
    want = label_rows(*events, RULES)
    assert got.keys() == want.keys()
    for key, made in want.items():
        differ = {name: (value, got[key][name]) for name, value in made.items() if got[key][name] != value}
        assert not differ, key

    # The log must have what tells the windows apart, else none of this says anything.
    def some_differ(what, shorter, longer, other=want):
        return any(made[f"{what}_{shorter}d"] < other[key][f"{what}_{longer}d"] for key, made in want.items())

    for entity in ("product", "query", "pair"):
        for count in ("impressions", "clicks", "purchases"):
            assert some_differ(f"{entity}_{count}", 1, 7), (entity, count)
            assert some_differ(f"{entity}_{count}", 7, 30), (entity, count)
    # A day that is read for the first day that is labelled and is too old for the last, and days that are not read.
    older = label_rows(*events, dataclasses.replace(RULES, windows=(31, 42)))
    for entity in ("product", "query", "pair"):
        assert some_differ(f"{entity}_impressions", 30, 31, older), entity
        assert some_differ(f"{entity}_impressions", 30, 42, older), entity
