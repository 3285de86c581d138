"""Counts of all dense features by their bins, in one pass."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

#: What the bins of `own` and `reference` have after those of finite values: minus infinity, infinity, missing.
SPECIAL = 3


@dataclass(frozen=True)
class Wanted:
    """The bins of one feature."""

    name: str
    #: The ends of its bars, which are of one width; equal when it has none.
    low: float
    high: float
    #: Edges of bins of this run, ascending; the end bins are open.
    own: Sequence[float]
    #: Those of an earlier run.
    reference: Sequence[float] | None


@dataclass(frozen=True)
class Counts:
    """Rows by bin."""

    #: What lies outside is in the end bars; missing and infinite values are in none.
    bars: tuple[int, ...]
    own: tuple[int, ...]
    #: Empty when none are wanted.
    reference: tuple[int, ...]


def histograms(table: DataFrame, wanted: Sequence[Wanted], bars: int) -> list[Counts]:
    """The counts of each feature, in the order of `wanted`."""
    values = fn.array(*(columns.column(one.name).cast("double") for one in wanted))
    # Ends and edges are looked up by the feature's number: an expression for each would be much code to compile.
    at = fn.col("feature") + 1
    found = [
        _bar(fn.element_at(_array([_ends(one) for one in wanted]), at), bars).alias("bar"),
        _bin(fn.element_at(_array([one.own for one in wanted]), at)).alias("own"),
        _bin(fn.element_at(_array([one.reference or () for one in wanted]), at)).alias("reference"),
    ]
    exploded = table.select(fn.posexplode(values).alias("feature", "value"))
    # Bins of one feature cut the same values: few combinations of them occur.
    keys = ("feature", "bar", "own", "reference")
    counts = [
        ([0] * bars, [0] * (len(one.own) + 1 + SPECIAL), [0] * (len(one.reference or ()) + 1 + SPECIAL))
        for one in wanted
    ]
    for feature, bar, own, reference, rows in exploded.select("feature", *found).groupBy(*keys).count().collect():
        by_bar, by_own, by_reference = counts[feature]
        if bar is not None:
            by_bar[bar] += rows
        by_own[own] += rows
        by_reference[reference] += rows
    return [
        Counts(tuple(by_bar), tuple(by_own), tuple(by_reference) if one.reference is not None else ())
        for one, (by_bar, by_own, by_reference) in zip(wanted, counts, strict=True)
    ]


def finite_part(value: Column) -> Column:
    """The value where it is finite, null elsewhere."""
    return fn.when(~fn.isnan(value) & (fn.abs(value) != float("inf")), value)


def in_words(edges: Sequence[float]) -> list[str]:
    """The bins between `edges` for people, the special ones last."""
    ends = [f"{edge:.6g}" for edge in edges]
    if not ends:
        finite = ["any value"]
    else:
        # Edges apart by one f32 hold a single value, and look alike.
        between = [low if low == high else f"{low} to {high}" for low, high in itertools.pairwise(ends)]
        finite = [f"below {ends[0]}", *between, f"{ends[-1]} or more"]
    return [*finite, "-inf", "inf", "missing"]


def _ends(one: Wanted) -> tuple[float, float]:
    """The ends of the bars; those of width_bucket must differ."""
    return one.low, one.high if one.high > one.low else one.low + 1.0


def _array(rows: Sequence[Sequence[float]]) -> Column:
    return fn.array(*(fn.array(*map(fn.lit, row)).cast("array<double>") for row in rows))


def _bar(ends: Column, bars: int) -> Column:
    finite = finite_part(fn.col("value"))
    # width_bucket gives 0 and bars + 1 for what lies outside.
    bar = fn.width_bucket(finite, fn.element_at(ends, 1), fn.element_at(ends, 2), fn.lit(bars))
    # `greatest` skips nulls: without the condition missing values would fall in the first bar.
    return fn.when(finite.isNotNull(), fn.least(fn.greatest(bar, fn.lit(1)), fn.lit(bars)) - 1).cast("int")


def _bin(edges: Column) -> Column:
    """How many edges are not above the value; special values come after all bins."""
    value, first = fn.col("value"), fn.size(edges) + 1
    return (
        fn.when(value.isNull() | fn.isnan(value), first + 2)
        .when(value == float("inf"), first + 1)
        .when(value == float("-inf"), first)
        .otherwise(fn.size(fn.filter(edges, lambda edge: edge <= value)))
    )
