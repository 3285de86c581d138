"""Lists of numbers and of tokens for the cases of transforms over two lists: edges, overflow, and random draws."""

# Data read better in rows than one value a line.
# ruff: noqa: E501

from __future__ import annotations

import random
from typing import Any

_NAN, _INF, _MAX = float("nan"), float("inf"), 1.7976931348623157e308

#: Two lists of f64.
PAIRS: list[tuple[list[float | None] | None, list[float | None] | None]] = [
    (None, [1.0]), ([1.0], None), (None, None), ([], []), ([], [1.0]), ([1.0], []), ([1.0, 2.0], [1.0]), ([1.0], [1.0, 2.0]),
    ([1.0, None], [1.0, 1.0]), ([1.0, 1.0], [_NAN, 1.0]), ([0.0], [0.0]), ([0.0, -0.0], [1.0, 2.0]), ([1.0, 2.0], [0.0, 0.0]),
    ([3.0, -4.0], [3.0, -4.0]), ([3.0, -4.0], [-3.0, 4.0]), ([1.0, 2.0], [-2.0, 1.0]), ([1.0, 1.0], [2.0, 0.0]),
    ([_INF, 1.0], [1.0, 1.0]), ([_INF, 1.0], [_INF, 1.0]), ([_INF, 1.0], [0.0, 1.0]), ([1.0, -_INF], [1.0, _INF]), ([_INF, None], [1.0, 1.0]),
    ([1e200, 2e200], [1e200, -5e199]), ([1e200, 1e200], [1e200, 1e200]), ([1e200, -1e200, 1.0], [1e200, 1e200, 0.0]),
    ([-1e200, -1e200], [1e200, 1e200]), ([_MAX, _MAX], [_MAX, -_MAX]), ([_MAX], [-_MAX]), ([1e308], [-7e307]), ([5e-324], [5e-324]),
    ([3e-320, 4e-320], [0.0, 0.0]), ([3e-320, 4e-320], [4e-320, -3e-320]), ([1e-200, 2e-200], [2e-200, 1e-200]), ([1e300, 1e-300], [1e-300, 1e300]),
    ([1e-170, 1e-170], [1e10, 1e10]), ([1e-30, 1e-30], [1e-30, -1e-30]), ([1e300, 1e-20], [1e300, 2e-20]), ([0.1] * 9, [0.2] * 9),
    ([0.1] * 8, [0.3] * 8), ([0.7] * 17, [float(i) for i in range(17)]), ([1e16, 1.0, -1e16], [1.0, 1.0, 1.0]), ([1e200, None], [1e200, 1.0]),
    ([None, 1e200], [1.0, -1e200]), ([_MAX, None], [-_MAX, 1.0]), ([1e160, _NAN], [1e160, 1.0]), ([3.0, 4.0], [0.0, 0.0]), ([1e-310], [7.0]),
]  # fmt: skip

_WORDS = ["red", "lamp", "usb", "cable", "2m", "", "\u00e9t\u00e9", "\U0001f642", "a\0b", "x"]
#: Two lists of tokens.
TOKENS: list[tuple[list[Any] | None, list[Any] | None]] = [
    (None, ["red"]), (["red"], None), (None, None), ([], ["red"]), (["red"], []), ([], []), (["red"], ["red"]), (["red"], ["lamp"]),
    (["red", "red", "lamp"], ["lamp", "red"]), ([None], ["red"]), ([""], [""]), ([b"\xff"], ["\ufffd"]), (["a", "b", "c"], ["c"]),
]  # fmt: skip


def columns(seed: str, count: int = 60) -> dict[str, list[Any]]:
    """`a` and `b` of f64, `n` of integers as long as `b`, `s` and `t` of tokens."""
    rng = random.Random(seed)
    pairs = list(PAIRS)
    for _ in range(count):
        length = rng.choice([1, 2, 3, 7, 8, 9, 16, 40])
        pairs.append(([rng.gauss(0, 1) for _ in range(length)], [rng.gauss(0, 3) for _ in range(length)]))
    tokens = TOKENS + [
        (rng.choices(_WORDS, k=rng.randint(0, 8)), rng.choices(_WORDS, k=rng.randint(0, 12)))
        for _ in pairs[len(TOKENS) :]
    ]
    return {
        "a": [a for a, _ in pairs],
        "b": [b for _, b in pairs],
        "n": [None if i % 9 == 4 else [rng.randint(-50, 50) for _ in b or []] for i, (_, b) in enumerate(pairs)],
        "s": [s for s, _ in tokens],
        "t": [t for _, t in tokens],
        "h": [None if i % 11 == 5 else i for i in range(len(pairs))],
    }


def bulk(texts: list[Any], numbers: list[float], rng: random.Random) -> dict[str, list[Any]]:
    """The same columns of many numbers, and of the words of many texts."""
    made: dict[str, list[Any]] = {name: [] for name in "abnsth"}
    tame = [x for x in numbers if abs(x) < 1e100]
    for i in range(2000):
        length, pool = rng.randint(0, 12), numbers if i % 8 == 0 else tame
        made["a"].append(rng.choices(pool, k=length))
        made["b"].append(rng.choices(pool, k=length))
        made["n"].append([rng.randint(-(2**31), 2**31 - 1) for _ in range(length)])
        text = texts[i % len(texts)] or b""
        words = (text.encode() if isinstance(text, str) else text).split(b" ")
        made["s"].append(words[:20])
        made["t"].append(words[10:40])
        made["h"].append(i)
    return made
