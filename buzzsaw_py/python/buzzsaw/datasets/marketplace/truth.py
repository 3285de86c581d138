"""What the marketplace knows and no column says: relevance, attention, robots.

A shopper clicks by the position-based model (Richardson, Dominowska and Ragno 2007; Craswell et al. 2008):

    P(click | query, product, position) = examination(position) * attractiveness(query, product)

    examination(k)    = 1 / (1 + decay * (k - 1))
    attractiveness    = 0.05 + 0.85 * true_relevance
    true_relevance    = 0 for a product of another kind than the query asks for, else
                        text_match * (0.4 + 0.35 * quality + 0.25 * taste)
    text_match        = (1 + what matches of brand, colour, feature) / (1 + what is asked for of them)

`quality` is the product's own, `taste` is drawn for the pair; both are uniform in [0, 1). After a click,

    P(cart | click)    = 0.1 + 0.4 * true_relevance
    P(purchase | cart) = 0.3 + 0.5 * quality, less 0.15 when the seller is new

Clicks of robots know nothing of this; see `RobotKind`.
"""

from __future__ import annotations

import enum

import numpy as np

from buzzsaw.datasets.marketplace.market import Marketplace
from buzzsaw.datasets.marketplace.products import Traits, is_new_seller, traits
from buzzsaw.datasets.marketplace.queries import Wants, wants
from buzzsaw.datasets.marketplace.randomness import Floats, Ints, bits, share


class RobotKind(enum.IntEnum):
    """What a robot does; a shopper's index says whether it is one (`robot_kind`)."""

    #: A person.
    NONE = 0
    #: Opens results at any position, four in five of them.
    CLICKER = 1
    #: Reads result pages and opens nothing.
    SCRAPER = 2


#: The probability that a clicker opens a result.
CLICKER_RATE = 0.8


def examination(market: Marketplace, position: Ints) -> Floats:
    """The probability that a shopper looks at a position (from 1); 1 at the first. `decay: 1` is 1 / position."""
    return 1.0 / (1.0 + market.decay * (np.asarray(position, np.float64) - 1.0))


def true_relevance(market: Marketplace, query: Ints, product: Ints) -> Floats:
    """The relevance of products to queries, in [0, 1).

    Args:
        market: The marketplace.
        query: Indices of queries.
        product: Indices of products, of a shape that broadcasts with the queries'.
    """
    query, product = np.broadcast_arrays(np.asarray(query, np.int64), np.asarray(product, np.int64))
    seen = traits(market, product)
    return relevance(text_match(wants(query), seen), seen.quality, taste(market, query, product))


def attractiveness(market: Marketplace, query: Ints, product: Ints) -> Floats:
    """The probability that a shopper who looks at a result opens it."""
    return attraction(true_relevance(market, query, product))


def robot_kind(market: Marketplace, shopper: Ints) -> Ints:
    """The `RobotKind` of shoppers, by their indices."""
    number = np.asarray(shopper) - market.shoppers
    return np.where(number < 0, int(RobotKind.NONE), np.where(number % 2 == 0, RobotKind.CLICKER, RobotKind.SCRAPER))


def text_match(asked: Wants, seen: Traits) -> Floats:
    """How much of what is asked for a product has; 0 for another kind."""
    count = 1.0 + (asked.colour >= 0) + (asked.feature >= 0) + (asked.brand >= 0)
    # -1, nothing asked for, equals no trait. Brands are compared within a kind; another kind gives 0 anyway.
    matched: Floats = 1.0 + (seen.colour == asked.colour)
    matched += (seen.features[0] == asked.feature) | (seen.features[1] == asked.feature)
    matched += seen.brand == asked.brand
    matched *= seen.kind == asked.kind
    matched /= count
    return matched


def taste(market: Marketplace, query: Ints, product: Ints) -> Floats:
    """What else draws shoppers with this query to this product, in [0, 1)."""
    return share(bits(market.seed, "taste", query * 2**31 + product), 32)


def relevance(matched: Floats, quality: Floats, drawn: Floats) -> Floats:
    """The formula of `true_relevance`."""
    return matched * (0.4 + 0.35 * quality + 0.25 * drawn)


def attraction(relevant: Floats) -> Floats:
    """The formula of `attractiveness`."""
    return 0.05 + 0.85 * relevant


def cart_rate(relevant: Floats) -> Floats:
    """The probability of a cart after a click."""
    return 0.1 + 0.4 * relevant


def purchase_rate(market: Marketplace, seller: Ints, quality: Floats) -> Floats:
    """The probability of a purchase after a cart."""
    return 0.3 + 0.5 * quality - 0.15 * is_new_seller(market, seller)
