"""XXH3-64 by the C library's bindings (`xxhash`), modulo the number of buckets."""

from harness.reference import category, xxh3

_STEPS = {
    "plain": ("s", "string", 2**18, 0, False),
    "few": ("s", "string", 7, 3, False),
    "most": ("raw", "binary", 2**24, 0, False),
    "one": ("b", "bool", 1, 0, False),
    "numbers": ("n", "int64", 1_000_003, 2**64 - 1, False),
    "hot": ("i", "int32", 2**18, 0, True),
    "hottest": ("day", "date", 2**31, 0, True),
    "single": ("s", "string", 1, 0, True),
}


def expected(rows: dict, mode: str) -> dict:
    made = {}
    for step, (column, declared, buckets, seed, hot) in _STEPS.items():
        cells = [category(value, declared) for value in rows[column]]
        found = [None if cell is None else xxh3(cell, seed) % buckets for cell in cells]
        made[step] = [{} if bucket is None else {bucket: 1.0} for bucket in found] if hot else found
    return made
