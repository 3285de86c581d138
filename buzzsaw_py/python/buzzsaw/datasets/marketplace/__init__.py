"""A two-sided marketplace: products, sellers, queries, impressions and interactions, of any size.

Each row is a function of the seed and its index, so Spark makes a billion of them in parallel (`marketplace.spark`,
imported when it is first used), and any part of a table can be made again. Relevance and attention are known
(`true_relevance`, `examination`; formulas in `truth.py`), so an estimate can be held against what is so. The log has
robots, copies and double clicks, which no column names; the tables `impression_truth` and `interaction_truth` do,
row by row.

Example:
    >>> from buzzsaw.datasets import marketplace
    >>> market = marketplace.Marketplace(seed=1, products=1_000, queries=50, requests=200, days=2)
    >>> log = marketplace.table(market, "impressions")
    >>> log.slice(10, 5) == marketplace.table(market, "impressions", 0, 2).slice(10, 5)
    True
"""

from importlib import import_module
from types import ModuleType

from buzzsaw.datasets.marketplace.market import CANDIDATES, POSITIONS, Marketplace
from buzzsaw.datasets.marketplace.products import product_index
from buzzsaw.datasets.marketplace.requests import RANKERS
from buzzsaw.datasets.marketplace.tables import TABLES, batches, table, write
from buzzsaw.datasets.marketplace.truth import RobotKind, attractiveness, examination, robot_kind, true_relevance

__all__ = [
    "CANDIDATES",
    "POSITIONS",
    "RANKERS",
    "TABLES",
    "Marketplace",
    "RobotKind",
    "attractiveness",
    "batches",
    "examination",
    "product_index",
    "robot_kind",
    "table",
    "true_relevance",
    "write",
]


def __getattr__(name: str) -> ModuleType:
    if name == "spark":
        return import_module("buzzsaw.datasets.marketplace.spark")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
