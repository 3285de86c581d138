"""Queries: what each one asks for, and its text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from buzzsaw.datasets.marketplace import text
from buzzsaw.datasets.marketplace.market import Marketplace
from buzzsaw.datasets.marketplace.products import brand_index
from buzzsaw.datasets.marketplace.randomness import Ints, bits, field
from buzzsaw.datasets.marketplace.words import BRANDS, BRANDS_OF_KIND, COLOURS, KINDS

QUERIES = pa.schema([("query_id", pa.int64()), ("query", pa.string())])

#: Choices of what is asked for, "nothing" among them.
_COLOURS, _FEATURES, _BRANDS = len(COLOURS) + 1, 4 + 1, BRANDS_OF_KIND + 1
_FEATURE_WORDS = [feature for kind in KINDS for feature in kind.features]


class Wants(NamedTuple):
    """What queries ask for; -1 where one does not ask for that. Fields have the shape of the indices."""

    kind: Ints
    colour: Ints
    feature: Ints
    #: Which of the brands of its kind.
    brand: Ints
    #: How often all choices were gone through before; it makes the text unique.
    turn: Ints


def wants(index: Ints) -> Wants:
    """What each query asks for: a mixed-radix number, so that frequent queries ask for little, and no two are alike."""
    rest, kind = index // len(KINDS), index % len(KINDS)
    rest, colour = rest // _COLOURS, rest % _COLOURS - 1
    rest, feature = rest // _FEATURES, rest % _FEATURES - 1
    turn, choice = rest // _BRANDS, rest % _BRANDS - 1
    return Wants(kind, colour, feature, choice, turn)


def query_text(market: Marketplace, index: Ints) -> pa.Array:
    """The queries as typed: one in eight in capitals. No two are equal, whatever the case of letters."""
    asked = wants(index)
    parts = [
        _optional(
            [brand.lower() for brand in BRANDS], np.where(asked.brand < 0, -1, brand_index(asked.kind, asked.brand))
        ),
        _optional(COLOURS, asked.colour),
        _optional(_FEATURE_WORDS, np.where(asked.feature < 0, -1, asked.kind * 4 + asked.feature)),
        text.pick([kind.name for kind in KINDS], asked.kind),
        text.missing_where(text.number(asked.turn), asked.turn == 0),
    ]
    typed = text.join(*parts)
    loud = field(bits(market.seed, "capitals", index), 0, 8) == 0
    return pc.if_else(pa.array(loud), pc.utf8_upper(typed), typed)


def query_rows(market: Marketplace, index: Ints) -> pa.RecordBatch:
    """The queries of these indices; the index is the rank of its popularity."""
    return pa.RecordBatch.from_arrays([pa.array(index), query_text(market, index)], schema=QUERIES)


def _optional(words: list[str] | tuple[str, ...], index: Ints) -> pa.Array:
    return pa.array([*words, None], pa.string()).take(pa.array(np.where(index < 0, len(words), index)))
