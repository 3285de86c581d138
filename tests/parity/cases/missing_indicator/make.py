"""Values of every type, a third of each missing; empty ones and lists with missing items are not."""

import random
from decimal import Decimal

_NAN = float("nan")
_VALUES = {
    "f": [0.0, -0.0, float("inf"), float("-inf"), 5e-324, -1.5, 1.7976931348623157e308],
    "f32": [0.0, float("inf"), 3.5],
    "i": [0, -1, 2**63 - 1, -(2**63)],
    "b": [True, False],
    "d": [Decimal(0), Decimal("1.5")],
    "s": ["", "the of and", "red lamp", b"\xff", "a\0b", "e\u0301", "\U0001f469\u200d\U0001f467"],
    "raw": [b"", b"\0", b"\xff"],
    "day": [0, -1, 20_000],
    "at": [0, -1, 1_700_000_000_000_001],
    "terms": [[], [None], ["red", None], [""]],
    "ids": [[], [None], [7, -7]],
    "vector": [[], [None], [1.0, _NAN]],
    "map": [{}, {"colour": "red"}, {"colour": None}, {"size": "9"}],
    "counts": [{}, {"a": 1.0}],
}


def rows() -> dict[str, list]:
    rng = random.Random("parity missing_indicator")
    made = {}
    for name, values in _VALUES.items():
        missing = [None, _NAN] if name in ("f", "f32") else [None]
        pool = values + missing * (len(values) // len(missing) // 2 + 1)
        made[name] = [rng.choice(pool) for _ in range(100)]
    made["raw"] = [b"x"] * 100
    return made
