"""What oracles share: slow, obvious readings of inputs. Nothing here calls the library under test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import xxhash

mpmath.mp.prec = 400
MISSING = float("nan")
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CROSS_SEED = 0x243F6A8885A308D3


def number(value: Any, declared: str) -> float:
    """A cell as the nearest f64; missing is NaN."""
    if value is None:
        return MISSING
    if declared == "float32":
        with np.errstate(over="ignore"):
            return float(np.float32(value))
    return float(Fraction(value)) if isinstance(value, Decimal) else float(value)


def given(values: Iterable[float]) -> list[float]:
    """The values that are not missing."""
    return [value for value in values if value == value]  # noqa: PLR0124  NaN differs from itself


def rounded(value: Any) -> float:
    """The f64 nearest to a real number of mpmath."""
    return float(value)


def ln(value: float) -> float:
    """The correctly rounded natural logarithm."""
    return rounded(mpmath.log(mpmath.mpf(value)))


def root(value: Fraction) -> float:
    """The correctly rounded square root of a ratio."""
    return rounded(mpmath.sqrt(mpmath.mpf(value.numerator) / value.denominator))


def mean(values: Sequence[float]) -> Fraction:
    """The exact mean of finite numbers."""
    return sum(map(Fraction, values), Fraction(0)) / len(values)


def variance(values: Sequence[float]) -> Fraction:
    """The exact variance of finite numbers, ddof 0."""
    middle = mean(values)
    return sum(((Fraction(v) - middle) ** 2 for v in values), Fraction(0)) / len(values)


def repair(text: bytes | str) -> str:
    """Valid text: U+FFFD for each maximal subpart, as CPython decodes, but one for an encoded surrogate."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    # U+FFFD encoded stands for itself, so that no byte before or after changes its reading.
    return _SURROGATE.sub("\ufffd".encode(), raw).decode("utf-8", "replace")


def category(value: Any, declared: str) -> bytes | None:
    """A cell as a category: text, or an exact scalar as its decimal text."""
    if value is None:
        return None
    if declared == "bool":
        return b"true" if value else b"false"
    if declared in ("int32", "int64", "date"):
        return str(value).encode()
    return repair(value).encode() if declared == "string" else value


def xxh3(data: bytes, seed: int = 0) -> int:
    """XXH3-64, by the C library's own bindings."""
    return xxhash.xxh3_64_intdigest(data, seed)


def cross(left: int, right: int) -> int:
    """The hash of an ordered pair of hashes."""
    return xxh3(left.to_bytes(8, "little") + right.to_bytes(8, "little"), _CROSS_SEED)


def member(hashed: int, i: int) -> int:
    """Output i, from 0, of SplitMix64 from the state `hashed`, as Vigna's splitmix64.c has it."""
    mask = (1 << 64) - 1
    z = (hashed + (i + 1) * 0x9E3779B97F4A7C15) & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    return z ^ z >> 31


def column_of(hashed: int, bits: int) -> int:
    """The column among 2^bits."""
    return hashed % (1 << bits)


def ngrams(tokens: Sequence[str], low: int, high: int) -> list[str]:
    """Runs of tokens joined by one space."""
    return [" ".join(tokens[i : i + n]) for n in range(low, high + 1) for i in range(len(tokens) - n + 1)]


def scaled(row: dict[int, float], norm: str) -> dict[int, float]:
    """A sparse row divided by its norm, added in the order of columns."""
    total = 0.0
    for column in sorted(row):
        total += abs(row[column]) if norm == "l1" else row[column] * row[column]
    total = total if norm == "l1" else total**0.5
    return row if norm == "none" or total == 0.0 else {c: v / total for c, v in row.items()}


def given_categories(cells: Iterable[bytes | None]) -> list[bytes]:
    """The categories that are not missing."""
    return [cell for cell in cells if cell is not None]


def ranked(cells: Iterable[bytes | None], top_k: int | None, min_count: int) -> list[bytes]:
    """The categories of a vocabulary: most frequent first, ties in the order of bytes."""
    counts = Counter(given_categories(cells))
    kept = sorted((cell for cell in counts if counts[cell] >= min_count), key=lambda cell: (-counts[cell], cell))
    return kept[:top_k]


def quantile(values: Sequence[float], q: float) -> float:
    """NumPy's linear quantile of numbers that may be infinite, its interpolation exact and rounded once."""
    known = sorted(given(values))
    if not known:
        return MISSING
    place = q * (len(known) - 1)
    below = int(place)
    if below >= len(known) - 1:
        return known[-1]
    low, high, share = known[below], known[below + 1], Fraction(place) - below
    if share == 0 or low == high:
        return low
    if np.isinf(low) and np.isinf(high):
        return MISSING
    if np.isinf(low) or np.isinf(high):
        return low if np.isinf(low) else high
    return float(Fraction(low) + (Fraction(high) - Fraction(low)) * share)


def agrees_with_numpy(values: Sequence[float], q: float) -> None:
    """Holds `quantile` against `numpy.nanquantile` where all numbers are finite and of everyday size."""
    known = [value for value in given(values) if abs(value) < 1e200]
    if known:
        np.testing.assert_allclose(quantile(known, q), np.nanquantile(known, q), rtol=1e-12, atol=1e-300)


def statistics_by_key(
    values: Sequence[float],
    keys: Sequence[bytes | None],
    shown: Sequence[bytes | None],
    least: int,
    learn: Any,
    *,
    count: Any = len,
) -> list[Any]:
    """For each key of `shown` what `learn` says of its numbers, or of all where it has fewer than `least`."""
    everywhere = learn(given(values))
    held: dict[bytes, list[float]] = {}
    for value, key in zip(values, keys, strict=True):
        if key is not None and value == value:  # noqa: PLR0124
            held.setdefault(key, []).append(value)
    own = {key: learn(numbers) for key, numbers in held.items() if count(numbers) >= least}
    return [everywhere if key is None else own.get(key, everywhere) for key in shown]


def numbers(items: Sequence[Any] | None, declared: str) -> list[float] | None:
    """A list of numbers; a missing item is NaN."""
    return None if items is None else [number(item, declared) for item in items]


def euclidean(values: Iterable[Fraction]) -> float:
    """The correctly rounded Euclidean length, infinite where it passes f64."""
    squares = sum((value * value for value in values), Fraction(0))
    return float(mpmath.sqrt(mpmath.mpf(squares.numerator) / squares.denominator))


def dot_sparse(a: dict[int, float], b: dict[int, float]) -> Fraction:
    """The exact dot product of two sparse rows of finite numbers."""
    return sum((Fraction(a[column]) * Fraction(b[column]) for column in a.keys() & b.keys()), Fraction(0))


def hashed_counts(tokens: Sequence[str] | None, bits: int) -> dict[int, float]:
    """How often tokens fall into each of 2^bits columns."""
    row: dict[int, float] = {}
    for token in filter(lambda token: token is not None, tokens or []):
        column = column_of(xxh3(repair(token).encode()), bits)
        row[column] = row.get(column, 0.0) + 1.0
    return row


def text_row(text: str | bytes | None) -> dict[int, float]:
    """The sparse row of `hashed_cross(x, x, bits=20)`, which makes a text a feature."""
    if text is None:
        return {}
    hashed = xxh3(text if isinstance(text, bytes) else text.encode())
    return {column_of(cross(hashed, hashed), 20): 1.0}
