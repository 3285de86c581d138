"""The log: impressions and interactions as tables, with what logs really have in them: copies and double clicks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from buzzsaw.datasets.marketplace import text, truth
from buzzsaw.datasets.marketplace.market import DAY, POSITIONS, SECOND, Marketplace
from buzzsaw.datasets.marketplace.products import product_ids
from buzzsaw.datasets.marketplace.queries import query_text
from buzzsaw.datasets.marketplace.randomness import Flags, Ints, bits, field, unit
from buzzsaw.datasets.marketplace.requests import RANKERS, Requests, Shown, impression_index, requests, shown

_WHEN = [("event_time", pa.timestamp("us", tz="UTC")), ("event_date", pa.date32())]
IMPRESSIONS = pa.schema(
    [
        ("request_id", pa.int64()),
        ("shopper_id", pa.int64()),
        ("query", pa.string()),
        ("product_id", pa.string()),
        ("position", pa.int32()),
        ("ranker", pa.string()),
        *_WHEN,
    ]
)
INTERACTIONS = pa.schema(
    [
        ("event_id", pa.int64()),
        ("request_id", pa.int64()),
        ("shopper_id", pa.int64()),
        ("product_id", pa.string()),
        ("kind", pa.string()),
        *_WHEN,
    ]
)
#: What no log has, row by row beside the tables above.
IMPRESSION_TRUTH = pa.schema(
    [
        ("copy", pa.bool_()),
        ("robot", pa.int8()),
        ("query_id", pa.int64()),
        ("relevance", pa.float64()),
        ("examination", pa.float64()),
    ]
)
INTERACTION_TRUTH = pa.schema([("copy", pa.bool_()), ("double", pa.bool_()), ("robot", pa.int8())])

#: The log has an event twice in so many of a thousand cases: same row, same event_id.
COPIES = 20
#: A click is followed by another of its own event_id within a second in so many of a thousand cases.
DOUBLES = 40

KINDS_OF_EVENT = ("click", "cart", "purchase")
#: The events that an impression can lead to, in the order of the log: (kind, whether a copy, whether a double click).
_SLOTS = (
    ("click", False, False),
    ("click", True, False),
    ("click", False, True),
    ("cart", False, False),
    ("cart", True, False),
    ("purchase", False, False),
    ("purchase", True, False),
)
_KIND = np.array([KINDS_OF_EVENT.index(kind) for kind, _, _ in _SLOTS])
_IS_COPY = np.array([copy for _, copy, _ in _SLOTS])
_IS_DOUBLE = np.array([double for _, _, double in _SLOTS])
#: Copies bear the id of the event before them.
_EVENT = np.arange(len(_SLOTS)) - _IS_COPY


def impression_rows(market: Marketplace, index: Ints) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Impressions of the requests of these indices, and the truth beside them.

    Rows of a request are together, by position; a copy follows its original.
    """
    asked = requests(market, index)
    what = shown(market, asked)
    copied = _chance(market, "impression copied", impression_index(asked).ravel(), COPIES)
    row = np.repeat(np.arange(copied.size), 1 + copied)
    request = row // POSITIONS
    texts = query_text(market, asked.query).take(pa.array(request))
    time = asked.time[request]
    columns = [
        pa.array(asked.number[request]),
        pa.array(asked.shopper[request]),
        texts,
        product_ids(what.product.ravel()[row]),
        pa.array(row % POSITIONS + 1, pa.int32()),
        text.pick(RANKERS, asked.ranker[request]),
        *_when(time),
    ]
    repeated = np.zeros(row.size, bool)
    repeated[1:] = row[1:] == row[:-1]
    hidden = [
        pa.array(repeated),
        pa.array(asked.robot[request].astype(np.int8)),
        pa.array(asked.query[request]),
        pa.array(what.relevance.ravel()[row]),
        pa.array(truth.examination(market, row % POSITIONS + 1)),
    ]
    seen = pa.RecordBatch.from_arrays(columns, schema=IMPRESSIONS)
    return seen, pa.RecordBatch.from_arrays(hidden, schema=IMPRESSION_TRUTH)


def interaction_rows(market: Marketplace, index: Ints) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Clicks, carts and purchases of the requests of these indices, and the truth beside them.

    Rows of an impression are together: clicks, cart, purchase; a copy follows its original.
    """
    asked = requests(market, index)
    what = shown(market, asked)
    clicked = np.flatnonzero(what.clicked)
    request = clicked // POSITIONS
    impression = impression_index(asked).ravel()[clicked]
    happened = _happened(market, asked, what, clicked, impression)
    at, slot = np.nonzero(happened)
    time = asked.time[request[at]] + _delays(market, impression)[at, slot]
    columns = [
        pa.array(bits(market.seed, "event", impression[at] * len(_SLOTS) + _EVENT[slot]).view(np.int64)),
        pa.array(asked.number[request[at]]),
        pa.array(asked.shopper[request[at]]),
        product_ids(what.product.ravel()[clicked[at]]),
        text.pick(KINDS_OF_EVENT, _KIND[slot]),
        *_when(time),
    ]
    hidden = [
        pa.array(_IS_COPY[slot]),
        pa.array(_IS_DOUBLE[slot]),
        pa.array(asked.robot[request[at]].astype(np.int8)),
    ]
    seen = pa.RecordBatch.from_arrays(columns, schema=INTERACTIONS)
    return seen, pa.RecordBatch.from_arrays(hidden, schema=INTERACTION_TRUTH)


def _happened(market: Marketplace, asked: Requests, what: Shown, clicked: Ints, impression: Ints) -> Flags:
    """Which slots of each click are in the log, (clicks, slots)."""
    relevant, quality = what.relevance.ravel()[clicked], what.quality.ravel()[clicked]
    person = asked.robot[clicked // POSITIONS] == truth.RobotKind.NONE
    cart = person & (unit(bits(market.seed, "cart", impression)) < truth.cart_rate(relevant))
    bought = truth.purchase_rate(market, what.seller.ravel()[clicked], quality)
    purchase = cart & (unit(bits(market.seed, "purchase", impression)) < bought)
    word = bits(market.seed, "event copied", impression)
    copied = [field(word, 16 * at, 1000) < COPIES for at in range(3)]
    double = field(word, 48, 1000) < DOUBLES
    always = np.ones(clicked.size, bool)
    return np.stack(
        [always, copied[0], double, cart, cart & copied[1], purchase, purchase & copied[2]],
        axis=1,
    )


def _delays(market: Marketplace, impression: Ints) -> Ints:
    """Microseconds from the impression to each slot, (clicks, slots).

    A click comes within two minutes, a cart within 20 after it, a purchase within an hour after that, but one in eight
    only on one of the next three days.
    """
    word = bits(market.seed, "delay", impression)
    click = SECOND + field(word, 0, 2**16) * 1_800
    double = click + SECOND // 5 + field(word, 16, 2**16) * 10
    cart = click + 5 * SECOND + field(word, 32, 2**16) * 18_000
    purchase = cart + 10 * SECOND + field(word, 48, 2**16) * 54_000
    late = bits(market.seed, "late", impression)
    purchase += np.where(field(late, 0, 8) == 0, (1 + field(late, 16, 3)) * DAY, 0)
    return np.stack([click, click, double, cart, cart, purchase, purchase], axis=1)


def _chance(market: Marketplace, stream: str, index: Ints, in_a_thousand: int) -> Flags:
    return field(bits(market.seed, stream, index), 0, 1000) < in_a_thousand


def _when(time: Ints) -> tuple[pa.Array, pa.Array]:
    stamps = pa.array(time).cast(pa.timestamp("us", tz="UTC"))
    return stamps, pa.array((time // DAY).astype(np.int32)).cast(pa.date32())
