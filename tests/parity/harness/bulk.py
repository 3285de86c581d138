"""Many texts and numbers for the oracles: the real catalogue, and generated and hostile ones."""

from __future__ import annotations

import random
import struct
from functools import cache

import hostile
import pyarrow.parquet as pq

from harness.paths import products

_SEED = 4
#: How many texts of each source.
_COUNT = 20_000


@cache
def catalogue_texts() -> list[str]:
    """Titles and descriptions of the real products; empty where the shared data is absent."""
    path = products()
    if path is None:
        return []
    table = pq.read_table(path, columns=["title", "short_description"])
    return [text for name in table.column_names for text in table[name].to_pylist() if text is not None][:_COUNT]


@cache
def hostile_texts() -> list[bytes | None]:
    """Generated Unicode of every plane, invalid UTF-8 and missing texts, of at most 2,000 bytes."""
    texts: list[bytes | None] = []
    for chunk in hostile.chunks(_SEED, 12_000, 4_000):
        texts += chunk.columns["title"].to_pylist()
    return [text if text is None else text[:2_000] for text in texts][:_COUNT]


@cache
def hostile_numbers() -> list[float]:
    """Finite and infinite f64 of every size, NaN, zeros of both signs, and everyday numbers."""
    rng = random.Random(_SEED)
    edges = [0.0, -0.0, 1.0, -1.0, float("inf"), float("-inf"), float("nan"), 5e-324, -5e-324, 2.2250738585072014e-308]
    edges += [1.7976931348623157e308, -1.7976931348623157e308, 2.0**53, 1e16, 0.1, 1 / 3]
    bits = [struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0] for _ in range(2_000)]
    return edges * 20 + bits + [round(rng.lognormvariate(3, 2), 2) for _ in range(6_000)]
