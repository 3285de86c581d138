"""Values of every type, most of them missing; empty, invalid and unusual text."""

import random

_X = [None, float("nan"), None, 1.5, -0.0, float("inf")]
_I = [None, None, 0, 2**53 + 1, -(2**63)]
_S = [None, None, "", "acme", "a\0b", b"\xff", b"\xed\xa0\x80", "e\u0301", "\U0001f469\u200d\U0001f467", "42"]


def _columns(count: int, rng: random.Random, x: list, s: list) -> dict[str, list]:
    pick = lambda values: [rng.choice(values) for _ in range(count)]  # noqa: E731
    return {
        "x": pick(x),
        "y": pick(x),
        "i": pick(_I),
        "b": pick([True, False, None, None, None]),
        "s": pick(s),
        "t": pick(s),
        "raw": pick([None, None, None, b"", b"\xff\xfea", b"raw"]),
        "day": pick([None, 0, -1, 19_675]),
    }


def rows() -> dict[str, list]:
    return _columns(150, random.Random("parity coalesce"), _X, _S)


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return _columns(3_000, rng, [None, float("nan"), *numbers], [None, *texts])
