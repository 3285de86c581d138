"""How much two distributions over the same bins differ, and bins that suit a distribution."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

import numpy as np

#: The quantiles at which bins for later runs are cut.
DECILES = tuple(k / 10 for k in range(1, 10))

#: What is added to each count before shares are taken for the PSI, which has no value for an empty bin.
SMOOTHING = 0.5


def psi(expected: Sequence[int], actual: Sequence[int]) -> float:
    """The population stability index of `actual` counts against `expected` ones, in nats; 0 for equal shares.

    The sum over bins of (p - q) ln(p / q), with shares p and q of counts to each of which 0.5 was added, so that a
    bin that is empty in one has a share, too; bins that are empty in both are left out before. It is the sum of both
    Kullback-Leibler divergences. Source: Siddiqi, "Credit Risk Scorecards" (2006), by whom more than 0.1 deserves a
    look and more than 0.25 is a shift.

    Both must have counts of the same bins, and a row each.
    """
    used = [pair for pair in zip(expected, actual, strict=True) if any(pair)]
    q, p = (_shares(counts, SMOOTHING) for counts in zip(*used, strict=True))
    return math.fsum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))


def unchanged_psi(expected: Sequence[int], actual: Sequence[int]) -> float:
    """What the PSI of two samples of one distribution is on average: (bins - 1)(1/n + 1/m), for n and m rows.

    Bins that are empty in both do not count. Source: Yurdakul and Naranjo, "Statistical properties of the population
    stability index", Journal of Risk Model Validation 14 (2020).
    """
    used = sum(1 for pair in zip(expected, actual, strict=True) if any(pair))
    return (used - 1) * (1 / sum(expected) + 1 / sum(actual))


def jensen_shannon(expected: Sequence[int], actual: Sequence[int]) -> float:
    """The Jensen-Shannon divergence of two distributions in bits, 0 to 1.

    The mean of the Kullback-Leibler divergences, to base 2, from each to the mean of both. Counts are not smoothed.
    It is the square of SciPy's `jensenshannon(..., base=2)`. Source: Lin, "Divergence measures based on the Shannon
    entropy", IEEE Transactions on Information Theory 37 (1991).
    """
    p, q = _shares(actual, 0.0), _shares(expected, 0.0)
    terms = []
    for a, b in zip(p, q, strict=True):
        middle = (a + b) / 2
        terms += [share * math.log2(share / middle) / 2 for share in (a, b) if share]
    return min(max(math.fsum(terms), 0.0), 1.0)


def edges_of(quantiles: Sequence[float], after: Callable[[float], float]) -> list[float]:
    """Edges of bins at quantiles: bin i has the values v with edges[i - 1] <= v < edges[i].

    A value that two quantiles or more share has a bin of its own, so that a feature of few values, or of one, cannot
    move within a bin unseen.

    Args:
        quantiles: Ascending.
        after: The smallest value after one.
    """
    edges = set()
    for value in quantiles:
        edges.add(value)
        if quantiles.count(value) > 1 and math.isfinite(after(value)):
            edges.add(after(value))
    return sorted(edges)


def next_f32(value: float) -> float:
    """The smallest f32 above one: features are held as f32."""
    with np.errstate(over="ignore"):
        return float(np.nextafter(np.float32(value), np.float32(np.inf)))


def size_deciles(sizes: Mapping[int, int]) -> list[float]:
    """The deciles of whole numbers with counts: the smallest that at least so large a share does not exceed."""
    rows, passed = sum(sizes.values()), 0
    found: list[float] = []
    for size in sorted(sizes):
        passed += sizes[size]
        while len(found) < len(DECILES) and 10 * passed >= (len(found) + 1) * rows:
            found.append(float(size))
    return found


def size_counts(sizes: Mapping[int, int], edges: Sequence[float]) -> list[int]:
    """Counts of whole numbers by the bins between `edges`, the open ends among them."""
    counts = [0] * (len(edges) + 1)
    for size, rows in sizes.items():
        counts[bisect_right(edges, size)] += rows
    return counts


def _shares(counts: Sequence[int], added: float) -> list[float]:
    whole = sum(counts) + added * len(counts)
    return [(count + added) / whole for count in counts]
