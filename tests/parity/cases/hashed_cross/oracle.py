"""Every combination by `itertools.product`, hashed with the C library's bindings (`xxhash`)."""

from collections import Counter
from functools import reduce
from itertools import product

from harness.reference import category, column_of, cross, repair, xxh3

_TYPES = {"s": "string", "raw": "binary", "n": "int64", "i": "int32", "b": "bool", "day": "date"}
_STEPS = {
    "words": (["s", "tokens"], 18, 0),
    "flipped": (["tokens", "s"], 18, 0),
    "squared": (["tokens", "tokens"], 31, 0),
    "tiny": (["tokens", "tokens", "s"], 1, 0),
    "seeded": (["s", "raw"], 18, 2**64 - 1),
    "scalars": (["n", "i", "b", "day", "raw"], 24, 5),
    "same": (["s", "s"], 10, 0),
    "numbers": (["n", "s"], 20, 0),
}


def parts(name: str, value: object) -> list[bytes]:
    if name == "tokens":
        return [repair(token).encode() for token in value or []]
    one = category(value, _TYPES[name])
    return [] if one is None else [one]


def expected(rows: dict, mode: str) -> dict:
    made = {}
    for step, (inputs, bits, seed) in _STEPS.items():
        made[step] = []
        for row in zip(*(rows[name] for name in inputs), strict=True):
            lists = [parts(name, value) for name, value in zip(inputs, row, strict=True)]
            hashes = (reduce(cross, (xxh3(p, seed) for p in combination)) for combination in product(*lists))
            made[step].append(dict(Counter(column_of(h, bits) for h in hashes)))
    return made
