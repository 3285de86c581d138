"""Missing, empty and short lists of every kind, with missing items; maps with repeated keys and missing values."""

import random
from decimal import Decimal

_S = [None, [], [None], [""], ["a", None, "a"], [b"\xff", "a\0b", "\U0001f642"], ["x"] * 300, [None, None]]
_N = [None, [], [None], [0], [1, None, 2**63 - 1, -(2**63)]]
_A = [None, [], [None], [float("nan")], [1.5, None, float("inf"), float("nan"), -0.0], [0.0] * 100]
_C = [None, [], [None], [Decimal("0.1"), None, Decimal("-7")]]
_M = [None, [], [("a", 1.0)], [("a", None), ("b", float("nan"))], [("a", 1.0), ("a", 2.0), ("", 3.0)], [(b"\xff", 1.0)]]
_W = [None, [], [("a", 5)], [("a", None), ("b", 0)]]
_T = [None, "", "  ", "red", "red red lamp", "one two three four five"]
_H = [None, 1.0, float("nan"), float("inf"), 2.5]


def rows() -> dict[str, list]:
    rng = random.Random("parity list_length")
    count = 60
    made = {"s": _S, "n": _N, "d": _N[:4], "a": _A, "c": _C, "m": _M, "w": _W, "t": _T, "h": _H}
    columns = {name: [values[i % len(values)] for i in range(count)] for name, values in made.items()}
    columns["s"][30:] = [rng.choices(["a", "b", None], k=rng.randint(0, 20)) for _ in range(count - 30)]
    return columns
