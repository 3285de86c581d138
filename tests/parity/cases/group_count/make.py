"""Groups of numbers and categories with repeated, missing, infinite, empty, invalid and neighbouring values."""

import random
from decimal import Decimal

_X = [0.0, -0.0, 1.0, 2.0, None, float("nan"), float("inf"), float("-inf"), 5e-324, 1e300]
_N = [0, 2**53, 2**53 + 1, -1, None, 2**63 - 1, -(2**63)]
_S = ["acme", "Acme", "", None, "a\0", "a", b"\xff", "\ufffd", b"\xed\xa0\x80", "e\u0301", "\u00e9", "x" * 300]
_RAW = [b"", b"\0", b"\xff", b"\xff\xfe", None]
_SIZES = [1, 1, 1, 2, 2, 3, 3, 4, 5, 8, 13, 40, 60]


def groups() -> list[int]:
    return [group for group, size in enumerate(_SIZES) for _ in range(size)]


def _columns(count: int, rng: random.Random) -> dict[str, list]:
    def pick(values: list) -> list:
        return [rng.choice(values) for _ in range(count)]

    return {
        "x": pick(_X),
        "n": pick(_N),
        "s": pick(_S),
        "raw": pick(_RAW),
        "day": pick([0, 1, -1, None, 19_675]),
        "b": pick([True, False, None]),
        "cents": pick([Decimal("0.10"), Decimal("0.11"), None, Decimal("-5.00")]),
    }


def rows() -> dict[str, list]:
    return {**_columns(len(groups()), random.Random("parity group_count")), "request": groups()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    count = min(len(texts), 5_000)
    request = [i // 7 for i in range(count)]
    drawn = {**_columns(count, rng), "request": request}
    # Each group draws from a few texts and numbers of its own.
    drawn["s"] = [texts[(7 * group + rng.randrange(3)) % len(texts)] for group in request]
    drawn["x"] = [numbers[(7 * group + rng.randrange(3)) % len(numbers)] for group in request]
    return drawn
