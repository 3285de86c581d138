"""Products and sellers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from buzzsaw.datasets.marketplace import text
from buzzsaw.datasets.marketplace.market import DAY, Marketplace
from buzzsaw.datasets.marketplace.randomness import Bits, Flags, Floats, Ints, below, bits, field, remainder, share
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


class Traits(NamedTuple):
    """What shoppers and rankers see of products; every field has the shape of the indices."""

    kind: Ints
    #: Which of the brands of its kind; `brand_index` says which of all.
    brand: Ints
    colour: Ints
    #: Two different ones of the kind's four.
    features: tuple[Ints, Ints]
    #: In [0, 1): how good it is, which no column says.
    quality: Floats
    #: In [0, 1): the place of its price in its kind.
    dearness: Floats
    #: In [0, 1): what a ranker by popularity sorts by. Products of new sellers have a fifth of the others'.
    popularity: Floats
    #: Sellers of a low index have more products: the square of a uniform number.
    seller: Ints


def traits(market: Marketplace, index: Ints) -> Traits:
    """The traits of products."""
    word = bits(market.seed, "product", index)
    other = bits(market.seed, "product, again", index)
    first = field(word, 16, 4)
    second = (first + 1 + field(word, 0, 3)) & 3
    # 24 bits, so that each of millions of sellers is drawn.
    drawn = share(other, 0) + (word & np.uint64(0xFF)).view(np.int64) * 2.0**-24
    drawn *= drawn
    drawn *= market.sellers
    seller = drawn.astype(np.int64)
    liked = share(other, 48)
    liked *= np.where(is_new_seller(market, seller), 0.2, 1.0)
    return Traits(
        kind=remainder(index, len(KINDS)),
        brand=field(word, 32, BRANDS_OF_KIND),
        colour=field(word, 48, len(COLOURS)),
        features=(first, second),
        quality=share(other, 32),
        dearness=share(other, 16),
        popularity=liked,
        seller=seller,
    )


def brand_index(kind: Ints, brand: Ints) -> Ints:
    """The index in `BRANDS` of a kind's brand."""
    return remainder(kind * 2 + brand, len(BRANDS))


def is_new_seller(market: Marketplace, seller: Ints) -> Flags:
    """The last fifth of the sellers joined in the 60 days before the start; the others years before."""
    return seller >= market.sellers - market.sellers // 5


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
    brand, colour = text.pick(BRANDS, brand_index(seen.kind, seen.brand)), text.pick(COLOURS, seen.colour)
    kind = text.pick([kind.name for kind in KINDS], seen.kind)
    first, second = (_FEATURES.take(pa.array(seen.kind * 4 + feature)) for feature in seen.features)
    model = text.join(text.pick(SERIES, field(word, 0, len(SERIES))), text.number(100 + field(word, 16, 9_900)))
    description = text.join(first, text.constant(","), second, text.constant(";"), kind, text.constant("by"), brand)
    price = _PRICES[seen.kind] * (40 + (seen.dearness * 160).astype(np.int64)) // 100
    columns = [
        product_ids(index),
        model,
        text.join(brand, model, first, kind, colour),
        text.missing_where(description, field(word, 32, 20) == 0),
        brand,
        pa.array(price, mask=field(word, 48, 30) == 0),
        _timestamps(_released(market, index, seen.seller)),
        _single(text.number(4_000_000_000_000 + index)),
        _attributes(kind, colour, text.number(50 + field(bits(market.seed, "weight", index), 0, 4_000))),
        text.number(FIRST_SELLER + seen.seller),
        pa.array((seen.popularity * seen.popularity * 400).astype(np.int64)),
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
