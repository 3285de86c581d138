r"""How likely a position is looked at, from a log whose rankers differed.

The position-based model says that an impression of product d for query q at position k is clicked with probability

    P(click) = p_k * r_qd

where p_k is the propensity (examination) of the position and r_qd the attractiveness of the pair (Richardson et al.
2007). Wherever the same pair was shown at two positions j and k, the ratio of its click rates is p_j / p_k, whatever
r_qd: an experiment that nobody planned, harvested (Agarwal et al. 2019, "Estimating Position Bias without Intrusive
Interventions"). For each two positions, the pairs that were shown at both are put together into one average pair, with

    N_jk = sum of v_qd                       v_qd = n_qdj * n_qdk / (n_qdj + n_qdk)
    C_jk = sum of v_qd * c_qdj / n_qdj       clicks at j;  C_kj likewise at k

Any weights v that do not depend on clicks keep p_j / p_k; these are Mantel and Haenszel's (1959), which weigh a pair by
how much it tells. A parameter for each pair, as in the regression EM of Wang et al. (2018) without its regression,
would not do: most pairs are seen a few times only, and that many parameters bias the estimate.

The p_k and the average attractiveness r_jk of each two positions are fitted by expectation maximisation, with the
E step of Wang et al. 2018, section 4.1: for an impression that is not clicked,

    P(examined | no click) = p_k (1 - r) / (1 - p_k r)      P(attractive | no click) = r (1 - p_k) / (1 - p_k r)

Only ratios of the p_k are identified; they are given relative to the first position. Assumed: r_qd stays the same over
the days read, and the ranker of a request is drawn whatever the shopper wants.

Weights: a clicked row counts 1 / p_k, at most `weight_clip`, as in Joachims, Swaminathan and Schnabel (2017, "Unbiased
Learning-to-Rank with Biased Feedback"), whose estimator is unbiased without the clip; the clip trades a bias at low
positions for variance. A row that is not clicked counts 1: that nobody clicked says little of relevance, and is not
weighed up.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as fn

from buzzsaw.errors import InvalidValueError
from buzzsaw.labels.attribution import QID, RATING
from buzzsaw.labels.cleaning import POSITION, PRODUCT

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

log = logging.getLogger("buzzsaw.labels")

#: Weighted counts are whole multiples of 1 over this: their sums are exact, whatever the order of rows.
SCALE = 2**20


@dataclass(frozen=True)
class Swap:
    """Two positions, and what the (query, product) pairs that were shown at both did there; weighted as above."""

    first: int
    second: int
    #: How many pairs.
    pairs: int
    #: N, C_jk and C_kj.
    shown: float
    first_clicks: float
    second_clicks: float


@dataclass(frozen=True)
class Propensities:
    """The propensity of each position, relative to the first."""

    positions: tuple[int, ...]
    values: tuple[float, ...]
    #: "estimated" or "given".
    source: str
    #: Rounds of the estimate; 0 when given.
    rounds: int
    #: Distinct (query, product) pairs for two positions, summed; 0 when given.
    pairs: int


def given(values: Sequence[float], seen: Sequence[int]) -> Propensities:
    """Propensities from the settings.

    Raises:
        InvalidValueError: when a position that was seen has none.
    """
    beyond = [position for position in seen if position > len(values)]
    if beyond:
        raise InvalidValueError.of(
            f"the log has position {max(beyond)}, and only {len(values)} propensities are given", place="propensities"
        )
    return Propensities(tuple(range(1, len(values) + 1)), tuple(float(value) for value in values), "given", 0, 0)


def swaps(attributed: DataFrame) -> list[Swap]:
    """The harvest: every two positions with pairs in common, in order.

    Args:
        attributed: Impressions with `qid`, `product_id`, `position` and `rating`; a rating above 0 is a click.
    """
    key = (QID, PRODUCT)
    counted = attributed.groupBy(*key, POSITION).agg(
        fn.count(fn.lit(1)).alias("n"), fn.count_if(fn.col(RATING) > 0).alias("c")
    )
    places = fn.array_sort(fn.collect_list(fn.struct(POSITION, "n", "c"))).alias("places")
    listed = counted.groupBy(*key).agg(places).where(fn.size("places") > 1)
    two = listed.select(fn.explode("places").alias("a"), "places").select(
        "a", fn.explode(fn.filter("places", lambda place: place[POSITION] > fn.col(f"a.{POSITION}"))).alias("b")
    )
    all_of_both = fn.col("a.n") + fn.col("b.n")

    def weighed(first: str, second: str) -> Column:
        # The product of two counts and the quotient are each rounded once: the same in any plan.
        value = fn.col(first).cast("double") * fn.col(second) / all_of_both
        return fn.sum(fn.round(value * SCALE).cast("long"))

    found = two.groupBy(fn.col(f"a.{POSITION}").alias("first"), fn.col(f"b.{POSITION}").alias("second")).agg(
        fn.count(fn.lit(1)).alias("pairs"),
        weighed("a.n", "b.n").alias("shown"),
        weighed("a.c", "b.n").alias("first_clicks"),
        weighed("b.c", "a.n").alias("second_clicks"),
    )
    return sorted(
        (
            Swap(
                row["first"],
                row["second"],
                row["pairs"],
                row["shown"] / SCALE,
                row["first_clicks"] / SCALE,
                row["second_clicks"] / SCALE,
            )
            for row in found.collect()
        ),
        key=lambda swap: (swap.first, swap.second),
    )


def estimate(found: Sequence[Swap], seen: Sequence[int], rounds: int, tolerance: float) -> Propensities:
    """The propensities of the positions `seen` that explain the harvest best; see the module.

    Raises:
        InvalidValueError: when a position has no link to the first: no chain of positions with pairs in common that
            were clicked at both.
    """
    positions = sorted(seen)
    at = {position: i for i, position in enumerate(positions)}
    # A position without a click would get the propensity 0, and its rows a weight without a bound.
    useful = [swap for swap in found if swap.first_clicks > 0 and swap.second_clicks > 0]
    _check_linked(positions, useful)
    if len(positions) == 1:
        return Propensities(tuple(positions), (1.0,), "estimated", 0, 0)
    # Each two positions are two cells of one unknown attractiveness: what was shown and clicked at either.
    cell = np.array([place for swap in useful for place in (at[swap.first], at[swap.second])])
    shared = np.repeat(np.arange(len(useful)), 2)
    shown = np.repeat([swap.shown for swap in useful], 2)
    clicks = np.array([count for swap in useful for count in (swap.first_clicks, swap.second_clicks)])
    missed = shown - clicks
    shown_at, shown_of = np.bincount(cell, shown, len(positions)), np.bincount(shared, shown)
    examined = np.full(len(positions), 0.5)
    attractive = np.full(len(useful), 0.5)
    done = 0
    for done in range(1, rounds + 1):  # noqa: B007  how many it took is told
        p, r = examined[cell], attractive[shared]
        neither = np.maximum(1.0 - p * r, 1e-300)
        seen_unclicked, liked_unclicked = p * (1.0 - r) / neither, r * (1.0 - p) / neither
        before = examined
        examined = np.bincount(cell, clicks + missed * seen_unclicked, len(positions)) / shown_at
        attractive = np.bincount(shared, clicks + missed * liked_unclicked) / shown_of
        if np.max(np.abs(examined / examined[0] - before / before[0])) <= tolerance:
            break
    else:
        log.warning("the propensities still changed by more than %g after %d rounds; see `em_rounds`", tolerance, done)
    relative = examined / examined[0]
    return Propensities(
        tuple(positions), tuple(float(p) for p in relative), "estimated", done, sum(swap.pairs for swap in useful)
    )


def _check_linked(positions: Sequence[int], found: Sequence[Swap]) -> None:
    linked = set(positions[:1])
    grew = True
    while grew:
        reached = {
            end for swap in found for end in (swap.first, swap.second) if linked & {swap.first, swap.second}
        } - linked
        linked |= reached
        grew = bool(reached)
    alone = [position for position in positions if position not in linked]
    if alone:
        raise InvalidValueError.of(
            f"no product was shown for the same query, and clicked, both at the positions "
            f"{', '.join(map(str, alone))} and at others",
            place="propensities",
            hint="give `propensities` in the settings, or a log of several rankers or more days",
        )
