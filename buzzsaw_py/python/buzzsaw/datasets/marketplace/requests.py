"""Requests: who searched when for what, what was shown in which order, and what they did."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from buzzsaw.datasets.marketplace import truth
from buzzsaw.datasets.marketplace.market import CANDIDATES, DAY, POSITIONS, ROBOT_TURN, SECOND, Marketplace
from buzzsaw.datasets.marketplace.products import Traits, traits
from buzzsaw.datasets.marketplace.queries import wants
from buzzsaw.datasets.marketplace.randomness import (
    Bits,
    Flags,
    Floats,
    Ints,
    below,
    bits,
    field,
    remainder,
    share,
    unit,
    zipf,
)
from buzzsaw.datasets.marketplace.words import KINDS

#: Rankers by name; a request's is drawn by its index alone, whoever asks for what. That makes experiments of the log:
#: the same product stands at several positions of the same query for no reason of its own (Agarwal et al. 2019).
RANKERS = ("relevance", "popularity", "price", "explore")
#: Of 16 requests, how many go to each.
_TURNS = np.repeat(np.arange(4), [6, 4, 3, 3])
#: What a ranker weighs: text match, popularity, low price, and noise that is drawn anew for each request.
_WEIGHTS = np.array([[0.75, 0.1, 0.0, 0.15], [0.25, 0.6, 0.0, 0.15], [0.3, 0.0, 0.55, 0.15], [0.0, 0.0, 0.0, 1.0]])

#: The last candidates are of the next kind: a retriever errs.
_STRAYS = 2
_SLOTS = np.arange(CANDIDATES)


class Requests(NamedTuple):
    """Requests, one row each: shape (n,)."""

    number: Ints
    query: Ints
    shopper: Ints
    #: Microseconds since 1970, UTC.
    time: Ints
    ranker: Ints
    robot: Ints


class Shown(NamedTuple):
    """What was shown, best first: shape (n, POSITIONS)."""

    product: Ints
    relevance: Floats
    quality: Floats
    seller: Ints
    clicked: Flags


def requests(market: Marketplace, index: Ints) -> Requests:
    """The requests of these indices. Those of a day are in one range of indices, in no order within it."""
    word = bits(market.seed, "request", index)
    by_robot = field(word, 0, ROBOT_TURN) == 0
    who = bits(market.seed, "shopper", index)
    shopper = np.where(by_robot, market.shoppers + below(who, market.robots), below(who, market.shoppers))
    query = zipf(bits(market.seed, "query of request", index), market.queries)
    ranker = _TURNS[field(word, 16, len(_TURNS))]
    return Requests(index, query, shopper, _time(market, index), ranker, truth.robot_kind(market, shopper))


def shown(market: Marketplace, asked: Requests) -> Shown:
    """Ranks the candidates of each request and draws the clicks."""
    product = candidates(market, asked.query)
    seen = traits(market, product)
    query = asked.query[:, None]
    matched = truth.text_match(wants(query), seen)
    order = _ranking(market, asked, seen, matched)
    order += np.arange(0, order.shape[0] * CANDIDATES, CANDIDATES)[:, None]
    product, matched, quality = product.ravel()[order], matched.ravel()[order], seen.quality.ravel()[order]
    relevant = truth.relevance(matched, quality, truth.taste(market, query, product))
    return Shown(product, relevant, quality, seen.seller.ravel()[order], _clicks(market, asked, relevant))


def candidates(market: Marketplace, query: Ints) -> Ints:
    """The products that queries retrieve, (n, CANDIDATES), all different: one of each residue class of the ordinals."""
    word = bits(market.seed, "candidate", query[:, None] * CANDIDATES + _SLOTS)
    turned = (_SLOTS + field(bits(market.seed, "turn", query), 0, CANDIDATES)[:, None]) & (CANDIDATES - 1)
    blocks = market.products // len(KINDS) // CANDIDATES
    ordinal = turned + CANDIDATES * below(word, blocks)
    strayed = _SLOTS >= CANDIDATES - _STRAYS
    return remainder(query[:, None] + strayed, len(KINDS)) + len(KINDS) * ordinal


def impression_index(asked: Requests) -> Ints:
    """The indices of impressions, (n, POSITIONS)."""
    return asked.number[:, None] * POSITIONS + np.arange(POSITIONS)


def _ranking(market: Marketplace, asked: Requests, seen: Traits, matched: Floats) -> Ints:
    """The slots of the candidates that are shown, best first."""
    noise = share(bits(market.seed, "noise", asked.number[:, None] * CANDIDATES + _SLOTS), 0)
    weights = _WEIGHTS[asked.ranker]
    score = weights[:, :1] * matched
    score += weights[:, 1:2] * seen.popularity
    score += weights[:, 2:3] * (1.0 - seen.dearness)
    score += weights[:, 3:] * noise
    # Sorting numbers that end in the slot is an argsort, stable and twice as fast.
    packed = ((2.0 - score) * 2.0**40).astype(np.int64)
    packed *= CANDIDATES
    packed += _SLOTS
    packed.sort(axis=1)
    return packed[:, :POSITIONS] & (CANDIDATES - 1)


def _clicks(market: Marketplace, asked: Requests, relevant: Floats) -> Flags:
    rate = truth.attraction(relevant) * truth.examination(market, np.arange(1, POSITIONS + 1))
    robot = asked.robot[:, None]
    rate = np.where(robot == truth.RobotKind.NONE, rate, (robot == truth.RobotKind.CLICKER) * truth.CLICKER_RATE)
    return unit(bits(market.seed, "click", impression_index(asked))) < rate


def _time(market: Marketplace, index: Ints) -> Ints:
    """More at noon than at midnight: the mean of two uniform times of the day."""
    word: Bits = bits(market.seed, "time", index)
    day = index * market.days // market.requests
    two = field(word, 0, 2**16) + field(word, 16, 2**16)
    return market.start_us + day * DAY + two * (DAY // 2**17) + below(word, SECOND // 2)
