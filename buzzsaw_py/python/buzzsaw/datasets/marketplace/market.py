"""The sizes of a marketplace, and what they imply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timezone

from buzzsaw.datasets.marketplace.words import KINDS
from buzzsaw.errors import InvalidValueError

#: Products that a query retrieves; the ranker of a request puts them in order.
CANDIDATES = 16

#: Positions that are shown, from 1.
POSITIONS = 10

#: Each process that makes requests holds a table of 8 bytes a query.
MOST_QUERIES = 10_000_000

#: One request in so many is a robot's.
ROBOT_TURN = 20

#: Requests that a robot makes in a day, about.
ROBOT_DAY = 300

MICROSECOND = 1
SECOND = 1_000_000 * MICROSECOND
DAY = 86_400 * SECOND


@dataclass(frozen=True)
class Marketplace:
    """A marketplace of a size. Two of the same fields hold the same rows.

    Sizes only bound the indices: the product of an index is the same in a larger market. What a request shows depends
    on how many products, queries, requests and days there are.

    Raises:
        InvalidValueError: for sizes that leave a query without candidates or a day without requests, or are too large.
    """

    seed: int = 0
    products: int = 20_000
    sellers: int = 1_000
    queries: int = 5_000
    #: Requests of shoppers, each for one query with ten impressions.
    requests: int = 100_000
    #: Requests are spread evenly over so many days.
    days: int = 30
    start: date = date(2026, 10, 1)
    #: How fast attention falls with the position; see `examination`.
    decay: float = 0.5

    def __post_init__(self) -> None:
        least = {
            "products": CANDIDATES * len(KINDS),
            "sellers": 1,
            "queries": 1,
            "requests": self.days,
            "days": 1,
        }
        problems = [
            InvalidValueError.of(f"must be at least {bound}, not {getattr(self, name)}", place=name).problems[0]
            for name, bound in least.items()
            if getattr(self, name) < bound
        ]
        # Picks multiply by these bounds in 64 bits.
        problems += [
            InvalidValueError.of("must be below 2^31", place=name).problems[0]
            for name in ("products", "sellers")
            if getattr(self, name) >= 2**31
        ]
        if self.queries > MOST_QUERIES:
            message = f"must be at most {MOST_QUERIES}, not {self.queries}"
            hint = "each worker holds 8 bytes a query, by which it draws those of requests"
            problems += InvalidValueError.of(message, place="queries", hint=hint).problems
        if not self.decay >= 0:
            problems += InvalidValueError.of(f"must not be negative, not {self.decay}", place="decay").problems
        if problems:
            raise InvalidValueError(problems)

    @property
    def shoppers(self) -> int:
        """How many people search, robots aside: one for twenty requests."""
        return max(1, self.requests // 20)

    @property
    def robots(self) -> int:
        """How many robots there are. Shoppers from the index `shoppers` on are robots."""
        return max(2, self.requests // (ROBOT_TURN * self.days * ROBOT_DAY))

    @property
    def start_us(self) -> int:
        """Midnight of the first day, microseconds since 1970 in UTC."""
        midnight = datetime.combine(self.start, time(), timezone.utc)
        return int(midnight.timestamp()) * SECOND
