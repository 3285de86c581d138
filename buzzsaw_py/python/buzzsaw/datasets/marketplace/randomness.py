"""Random numbers that are functions of a seed, a stream and an index.

A counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): no state, so a row comes
out the same in any batch, order and process. The function is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
Only integer arithmetic, comparisons, and `+ - * /` of f64 are used on what it gives, never `exp` or `pow`: NumPy's
versions of those differ by CPU in the last bit, and rows must not.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.uint64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@functools.lru_cache(maxsize=256)
def _key(seed: int, stream: str) -> np.uint64:
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=8).digest()
    key: np.uint64 = np.uint64(int.from_bytes(digest, "little"))
    return key


def bits(seed: int, stream: str, index: Ints) -> Bits:
    """64 random bits for each index, of its shape. Different indices of a stream give different bits."""
    word = index.astype(np.uint64)
    word *= _GOLDEN
    word += _key(seed, stream)
    shifted = word >> np.uint64(30)
    word ^= shifted
    word *= _FIRST
    np.right_shift(word, np.uint64(27), out=shifted)
    word ^= shifted
    word *= _SECOND
    np.right_shift(word, np.uint64(31), out=shifted)
    word ^= shifted
    return word


def unit(word: Bits) -> Floats:
    """The upper 53 bits as a number in [0, 1)."""
    number: Floats = (word >> np.uint64(11)).view(np.int64) * 2.0**-53
    return number


def below(word: Bits, bound: int) -> Ints:
    """The upper 32 bits as a number in [0, bound); `bound` is at most 2^31."""
    high = word >> np.uint64(32)
    high *= np.uint64(bound)
    high >>= np.uint64(32)
    number: Ints = high.view(np.int64)
    return number


def field(word: Bits, at: int, bound: int) -> Ints:
    """Bits `at` to `at + 15` as a number in [0, bound), for small bounds: several of these come from one word."""
    part = word >> np.uint64(at)
    part &= np.uint64(0xFFFF)
    part *= np.uint64(bound)
    part >>= np.uint64(16)
    number: Ints = part.view(np.int64)
    return number


def share(word: Bits, at: int) -> Floats:
    """Bits `at` to `at + 15` as a number in [0, 1)."""
    part = word >> np.uint64(at)
    part &= np.uint64(0xFFFF)
    number: Floats = part.view(np.int64) * 2.0**-16
    return number


def remainder(values: Ints, divisor: int) -> Ints:
    """The remainder of numbers that are not negative; NumPy divides by a constant in vectors, its `%` does not."""
    return values - values // divisor * divisor


@functools.lru_cache(maxsize=4)
def _cumulated(ranks: int) -> Floats:
    # A plain cumulative sum adds in order: the same bits everywhere.
    return np.cumsum(1.0 / np.arange(1, ranks + 1))


def zipf(word: Bits, ranks: int) -> Ints:
    """A rank from 0 for each word; rank k has the probability 1 / (k + 1) over the sum of them all (Zipf's law)."""
    table = _cumulated(ranks)
    found = np.searchsorted(table, unit(word) * table[-1], side="right")
    rank: Ints = np.minimum(found, ranks - 1).astype(np.int64)
    return rank
