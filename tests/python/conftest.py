"""Specs and tables that the tests share."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "tests" / "specs"

_WORDS = [
    "usb",
    "cable",
    "black",
    "Wireless",
    "mouse",
    "running",
    "shoes",
    "Straße",
    "naïve",
    "3.5mm",
    "don't",
    "日本語",
    "🙂",
    "laptops",
    "lamp",
    "red",
]
_SUPPLIERS = ["acme", "bolt", "Çelik", "delta", None]


def shop_table(groups: int, *, seed: int = 1, size: int = 5) -> pa.Table:
    """Rows of the shop spec: `groups` groups of 1 to `size` candidates, with missing values of every column."""
    draw = random.Random(seed)
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    rows = []
    for request in range(groups):
        query = " ".join(draw.choices(_WORDS, k=draw.randint(0, 3)))
        for _ in range(draw.randint(1, size)):
            colour = draw.choice([("colour", "Black"), ("size", "9"), ("colour", "red")])
            rows.append(
                {
                    "request": request,
                    "qid": query or "empty",
                    "grade": draw.choice([0.0, 1.0, 3.0, None]),
                    "query": query,
                    "now": start,
                    "title": draw.choice([None, "", " ".join(draw.choices(_WORDS, k=draw.randint(1, 9)))]),
                    "supplier": draw.choice(_SUPPLIERS),
                    "price_cents": draw.choice([None, 0, draw.randint(1, 10**6)]),
                    "released_at": draw.choice([None, start - timedelta(microseconds=draw.randint(-(10**12), 10**14))]),
                    "attributes": draw.choice([None, [], [colour]]),
                    "clicks": draw.choice([None, float("nan"), draw.uniform(-1, 1e6)]),
                }
            )
    schema = pa.schema(
        [
            ("request", pa.int64()),
            ("qid", pa.string()),
            ("grade", pa.float64()),
            ("query", pa.string()),
            ("now", pa.timestamp("us", tz="UTC")),
            ("title", pa.string()),
            ("supplier", pa.string()),
            ("price_cents", pa.int64()),
            ("released_at", pa.timestamp("us", tz="UTC")),
            ("attributes", pa.map_(pa.string(), pa.string())),
            ("clicks", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def documents_of(pairs: pa.Table) -> pa.Table:
    """A table of documents for the shop spec."""
    return pairs.select(["title", "supplier", "price_cents", "released_at", "attributes"])


def bits(block: bz.FeatureBlock) -> list[bytes]:
    """Everything that a block holds, as bytes."""
    held = [block.dense.tobytes()]
    for part in block.sparse.values():
        held += [part.indptr.astype("<i8").tobytes(), part.indices.astype("<u4").tobytes(), part.data.tobytes()]
    return [*held, block.fingerprints.tobytes()]


@pytest.fixture(scope="session")
def shop_spec() -> bz.Spec:
    return bz.Spec.load(SPECS / "shop.yaml")


@pytest.fixture(scope="session")
def shop_pairs() -> pa.Table:
    return shop_table(60)


@pytest.fixture(scope="session")
def shop(shop_spec: bz.Spec, shop_pairs: pa.Table) -> bz.Pipeline:
    return bz.fit(shop_spec, shop_pairs, documents_of(shop_pairs), threads=2)


@pytest.fixture(scope="session")
def row_wise() -> bz.Pipeline:
    return bz.fit(bz.Spec.load(SPECS / "row_wise.yaml"), {})


@pytest.fixture(scope="session")
def in_group() -> bz.Pipeline:
    return bz.fit(bz.Spec.load(SPECS / "in_group.yaml"), {})


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Which artifacts this host has checked must not depend on earlier runs."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
