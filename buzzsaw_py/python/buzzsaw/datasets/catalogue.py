"""A small shop: products, queries and judgments of the same columns as the Icecat tables.

Not a model of customers: enough text, gaps and spread for demos and tests that have no other data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_SUPPLIERS = ("Nordwind", "Kestrel", "Halcyon", "Brightline", "Ostrava", "Tamarack", "Quillon", "Verde")
_COLOURS = ("Black", "White", "Silver", "Blue", "Red", "Grey")
_SERIES = ("Pro", "Air", "Max", "Mini", "Élan", "Neo", "Straße", "X")
_KINDS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("headphones", 7_900, ("wireless", "noise cancelling", "over-ear", "bluetooth")),
    ("laptop", 89_000, ("15.6 inch", "16 GB", "backlit keyboard", "512 GB SSD")),
    ("monitor", 24_900, ("27 inch", "4K", "curved", "IPS panel")),
    ("printer", 14_900, ("laser", "duplex", "colour", "wireless")),
    ("toner cartridge", 4_900, ("original", "high yield", "black", "twin pack")),
    ("keyboard", 3_900, ("mechanical", "wireless", "compact", "backlit")),
    ("mouse", 1_900, ("optical", "wireless", "ergonomic", "silent")),
    ("router", 9_900, ("dual band", "mesh", "gigabit", "Wi-Fi 6")),
    ("speaker", 5_900, ("bluetooth", "portable", "waterproof", "stereo")),
    ("camera", 42_000, ("mirrorless", "24 MP", "4K video", "compact")),
    ("phone case", 1_500, ("leather", "shockproof", "slim", "clear")),
    ("usb cable", 900, ("braided", "fast charging", "2 m", "type C")),
)
_FORMS = (
    "{kind}",
    "{word} {kind}",
    "{supplier} {kind}",
    "  {Kind}  {word}",
    "cheap {kind}",
    "{kind} {colour}",
)

#: Products of one kind stand together, so many in a row; candidates of a query are taken from its kind's shelf on.
_SHELF = 5

PRODUCTS = pa.schema(
    [
        ("product_id", pa.string()),
        ("model_name", pa.string()),
        ("title", pa.string()),
        ("short_description", pa.string()),
        ("supplier", pa.string()),
        ("price_cents", pa.int64()),
        ("released_at", pa.timestamp("us", tz="UTC")),
        ("ean", pa.list_(pa.string())),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
JUDGMENTS = pa.schema(
    [
        ("query", pa.string()),
        ("product_id", pa.string()),
        ("rating", pa.int8()),
        ("rater_1", pa.int8()),
        ("rater_2", pa.int8()),
        ("rater_3", pa.int8()),
    ]
)


@dataclass(frozen=True)
class Catalogue:
    """A shop of a size.

    Example:
        >>> from buzzsaw.datasets import Catalogue
        >>> shop = Catalogue(seed=1, products=50)
        >>> shop.product(7) == Catalogue(seed=1, products=900).product(7)
        True
        >>> shop.judgments().num_rows
        600
    """

    seed: int = 0
    #: How many products there are.
    products: int = 2_000
    #: How many queries are judged.
    queries: int = 60
    #: How many products are judged for each query, at most all.
    judged: int = 10

    def product(self, index: int) -> dict[str, Any]:
        """The product of this index. One in twenty has no description, one in thirty no price."""
        kind, price, words = _KINDS[index // _SHELF % len(_KINDS)]
        supplier = _SUPPLIERS[self._pick("supplier", index, len(_SUPPLIERS))]
        series = _SERIES[self._pick("series", index, len(_SERIES))]
        colour = _COLOURS[self._pick("colour", index, len(_COLOURS))]
        first = self._pick("word", index, len(words))
        second = (first + 1 + self._pick("other", index, len(words) - 1)) % len(words)
        model = f"{series} {100 + self._pick('model', index, 900)}"
        described = self._pick("described", index, 20) > 0
        priced = self._pick("priced", index, 30) > 0
        attributes = [("t_product_type", kind), ("n_weight", f"{50 + self._pick('weight', index, 4_000)}.0")]
        if self._pick("coloured", index, 4) > 0:
            attributes.append(("t_product_colour", colour))
        return {
            "product_id": str(1_000_000 + index),
            "model_name": model,
            "title": f"{supplier} {model} {words[first]} {kind} {colour}",
            "short_description": f"{words[first]}, {words[second]}; {kind} by {supplier}" if described else None,
            "supplier": supplier,
            "price_cents": price * (40 + self._pick("price", index, 160)) // 100 if priced else None,
            "released_at": datetime(2012, 1, 1, tzinfo=timezone.utc) + timedelta(days=self._pick("day", index, 4_000)),
            "ean": [f"{4_000_000_000_000 + index}"],
            "attributes": attributes,
        }

    def query(self, index: int) -> str:
        """The query of this index, as it was typed; no two are alike."""
        turn, at = divmod(index, len(_KINDS))
        again, form = divmod(turn, len(_FORMS))
        kind, _, words = _KINDS[at]
        text = _FORMS[form] + (f" {again + 1}" if again else "")
        return text.format(
            kind=kind,
            Kind=kind.title(),
            word=words[self._pick("query word", index, len(words))],
            supplier=_SUPPLIERS[self._pick("query supplier", index, len(_SUPPLIERS))].lower(),
            colour=_COLOURS[self._pick("query colour", index, len(_COLOURS))].lower(),
        )

    def judgment(self, index: int) -> dict[str, Any]:
        """The judgment of this index: the rating is the middle one of three raters, who see the text and err."""
        of_query = min(self.judged, self.products)
        which, candidate = divmod(index, of_query)
        query = self.query(which)
        aisle = self._pick("aisle", which, max(1, self.products // (_SHELF * len(_KINDS))))
        start = _SHELF * (aisle * len(_KINDS) + which % len(_KINDS))
        product = self.product((start + candidate) % self.products)
        asked = set(query.lower().split())
        titled = set(product["title"].lower().split())
        relevance = round(3 * len(asked & titled) / len(asked))
        raters = [min(3, max(0, relevance + self._pick(f"rater {r}", index, 3) - 1)) for r in range(3)]
        return {
            "query": query,
            "product_id": product["product_id"],
            "rating": sorted(raters)[1],
            **{f"rater_{r + 1}": rating for r, rating in enumerate(raters)},
        }

    def product_table(self) -> pa.Table:
        """All products."""
        return _table(PRODUCTS, [self.product(i) for i in range(self.products)])

    def judgments(self) -> pa.Table:
        """All judgments, those of a query together."""
        rows = self.queries * min(self.judged, self.products)
        return _table(JUDGMENTS, [self.judgment(i) for i in range(rows)])

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Writes products.parquet and judgments.parquet and returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        products, judgments = folder / "products.parquet", folder / "judgments.parquet"
        pq.write_table(self.product_table(), products)
        pq.write_table(self.judgments(), judgments)
        return products, judgments

    def _pick(self, what: str, index: int, below: int) -> int:
        """A number below `below` that depends on seed, name and index only."""
        digest = hashlib.blake2b(f"{self.seed}/{what}/{index}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") % below


def _table(schema: pa.Schema, rows: Sequence[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schema)
