"""Every combination by `itertools.product`; rows that hold one, and occurrences in a row, by `collections.Counter`."""

from collections import Counter
from itertools import chain, product

from harness.reference import category, ranked, repair

_TYPES = {"raw": "binary", "n": "int64", "i": "int32", "b": "bool", "day": "date"}
_STEPS = {
    "words": (["s", "tokens"], None, 1),
    "flipped": (["tokens", "s"], None, 2),
    "squared": (["tokens", "tokens"], 6, 1),
    "joined": (["left", "right"], None, 1),
    "three": (["tokens", "long", "b"], 50, 3),
    "scalars": (["n", "i", "b", "day", "raw"], None, 1),
}


def parts(name: str, value: object) -> list[bytes]:
    if name in ("tokens", "long"):
        return [repair(token).encode() for token in value or []]
    one = category(value, _TYPES.get(name, "string"))
    return [] if one is None else [one]


def written(combination: tuple[bytes, ...]) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in combination)


def _lists(rows: dict, inputs: list[str]) -> list[list[bytes]]:
    return [
        [written(c) for c in product(*(parts(name, value) for name, value in zip(inputs, row, strict=True)))]
        for row in zip(*(rows[name] for name in inputs), strict=True)
    ]


def _kept(lists: list[list[bytes]], top_k: int | None, min_count: int) -> list[bytes]:
    return sorted(ranked(chain.from_iterable(map(set, lists)), top_k, min_count))


def columns(rows: dict) -> dict[str, int]:
    return {step: len(_kept(_lists(rows, inputs), *kept)) for step, (inputs, *kept) in _STEPS.items()}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (inputs, top_k, min_count) in _STEPS.items():
        lists = _lists(rows, inputs)
        kept = _kept(_lists(fit_rows or rows, inputs), top_k, min_count)
        places = {combination: column for column, combination in enumerate(kept)}
        made[step] = [{places[c]: float(count) for c, count in Counter(row).items() if c in places} for row in lists]
    return made
