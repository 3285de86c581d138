"""Products and sellers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from buzzsaw.datasets.marketplace import text
from buzzsaw.datasets.marketplace.market import DAY, Marketplace
from buzzsaw.datasets.marketplace.randomness import Bits, Flags, Floats, Ints, below, bits, field, share, unit
from buzzsaw.datasets.marketplace.words import (
    BRANDS,
    BRANDS_OF_KIND,
    COLOURS,
    KINDS,
    SELLER_FIRST,
    SELLER_LAST,
    SERIES,
)

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
        ("seller_id", pa.string()),
        ("review_count", pa.int64()),
    ]
)
SELLERS = pa.schema(
    [
        ("seller_id", pa.string()),
        ("name", pa.string()),
        ("joined_at", pa.timestamp("us", tz="UTC")),
    ]
)

#: The first product's id and the first seller's.
FIRST_PRODUCT, FIRST_SELLER = 1_000_000, 10_000

_PRICES = np.array([kind.price for kind in KINDS], np.int64)
_FEATURES = pa.array([feature for kind in KINDS for feature in kind.features])
#: The second feature of a product is so many after its first, of four.
_SECOND = np.array([1, 2, 3], np.int64)


class Traits(NamedTuple):
    """What shoppers and rankers see of products; every field has the shape of the indices."""

    kind: Ints
    brand: Ints
    colour: Ints
    #: Two different ones of the kind's four.
    features: tuple[Ints, Ints]
    #: In [0, 1): how good it is, which no column says.
    quality: Floats
    #: In [0, 1): the place of its price in its kind.
    dearness: Floats


def traits(market: Marketplace, index: Ints) -> Traits:
    """The traits of products."""
    word = bits(market.seed, "product", index)
    kind = index % len(KINDS)
    first = field(word, 16, 4)
    # The two lowest bits of a field decide nothing else here.
    second = (first + _SECOND[field(word, 0, 3)]) & 3
    brand = (kind * 2 + field(word, 32, BRANDS_OF_KIND)) % len(BRANDS)
    other = bits(market.seed, "product, again", index)
    return Traits(kind, brand, field(word, 48, len(COLOURS)), (first, second), share(other, 0), share(other, 16))


def seller_of(market: Marketplace, product: Ints) -> Ints:
    """The seller of each product; sellers of a low index have more products (the square of a uniform number)."""
    pick = unit(bits(market.seed, "seller of product", product))
    return (pick * pick * market.sellers).astype(np.int64)


def is_new_seller(market: Marketplace, seller: Ints) -> Flags:
    """One seller in five joined in the last 60 days before the start; the others years before."""
    return field(bits(market.seed, "seller", seller), 0, 5) == 0


def popularity(market: Marketplace, product: Ints) -> Floats:
    """In [0, 1): what a ranker by popularity sorts by. Products of new sellers have a fifth of the others'."""
    pick = share(bits(market.seed, "popularity", product), 0)
    return np.where(is_new_seller(market, seller_of(market, product)), 0.2 * pick, pick)


def product_ids(index: Ints) -> pa.Array:
    """The ids of products."""
    return pc.cast(pa.array(index + FIRST_PRODUCT), pa.string())


def product_index(ids: pa.Array | pa.ChunkedArray) -> Ints:
    """The indices of products by their ids."""
    return np.asarray(pc.cast(ids, pa.int64())) - FIRST_PRODUCT


def product_rows(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """The products of these indices. One in twenty has no description, one in thirty no price."""
    seen = traits(market, index)
    word = bits(market.seed, "product text", index)
    brand, colour = text.pick(BRANDS, seen.brand), text.pick(COLOURS, seen.colour)
    kind = text.pick([kind.name for kind in KINDS], seen.kind)
    first, second = (_FEATURES.take(pa.array(seen.kind * 4 + feature)) for feature in seen.features)
    model = text.join(text.pick(SERIES, field(word, 0, len(SERIES))), text.number(100 + field(word, 16, 9_900)))
    description = text.join(first, text.constant(","), second, text.constant(";"), kind, text.constant("by"), brand)
    price = _PRICES[seen.kind] * (40 + (seen.dearness * 160).astype(np.int64)) // 100
    seller = seller_of(market, index)
    columns = [
        product_ids(index),
        model,
        text.join(brand, model, first, kind, colour),
        text.missing_where(description, field(word, 32, 20) == 0),
        brand,
        pa.array(price, mask=field(word, 48, 30) == 0),
        _timestamps(_released(market, index, seller)),
        _single(text.number(4_000_000_000_000 + index)),
        _attributes(kind, colour, text.number(50 + field(bits(market.seed, "weight", index), 0, 4_000))),
        text.number(FIRST_SELLER + seller),
        pa.array(_reviews(market, index)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=PRODUCTS)


def seller_rows(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """The sellers of these indices."""
    word = bits(market.seed, "seller", index)
    name = text.join(
        text.pick(SELLER_FIRST, field(word, 16, len(SELLER_FIRST))),
        text.pick(SELLER_LAST, field(word, 32, len(SELLER_LAST))),
        text.number(index + 1),
    )
    joined = _timestamps(_joined(market, index))
    return pa.RecordBatch.from_arrays([text.number(FIRST_SELLER + index), name, joined], schema=SELLERS)


def _joined(market: Marketplace, seller: Ints) -> Ints:
    word: Bits = bits(market.seed, "joined", seller)
    days = np.where(is_new_seller(market, seller), 1 + below(word, 60), 400 + below(word, 2_600))
    return market.start_us - days * DAY


def _released(market: Marketplace, product: Ints, seller: Ints) -> Ints:
    """After its seller joined and before the start."""
    joined = _joined(market, seller)
    days = (market.start_us - joined) // DAY
    return joined + (share(bits(market.seed, "released", product), 0) * days).astype(np.int64) * DAY


def _reviews(market: Marketplace, product: Ints) -> Ints:
    liked = popularity(market, product)
    return (liked * liked * 400).astype(np.int64)


def _timestamps(microseconds: Ints) -> pa.Array:
    return pa.array(microseconds).cast(pa.timestamp("us", tz="UTC"))


def _single(values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1, dtype=np.int32)), values)


def _attributes(kind: pa.Array, colour: pa.Array, weight: pa.Array) -> pa.Array:
    rows = len(kind)
    keys = text.pick(["t_product_type", "t_product_colour", "n_weight"], np.tile(np.arange(3), rows))
    # Row by row: its kind, its colour, its weight.
    order = (np.arange(rows)[:, None] + np.arange(3)[None, :] * rows).ravel()
    items = pa.concat_arrays([kind, colour, weight]).take(pa.array(order))
    offsets = pa.array(np.arange(0, 3 * rows + 1, 3, dtype=np.int32))
    return pa.MapArray.from_arrays(offsets, keys, items)
