"""Clicks and impressions: none, missing, negative, infinite, tiny and huge ones, and more clicks than impressions.

The last rows are served alone: no prior is learnt from them.
"""

import random

_NAN, _INF = float("nan"), float("inf")
_MAX = 1.7976931348623157e308
_EDGES = [
    (0.0, 0.0), (-0.0, -0.0), (1.0, 0.0), (3.0, 10.0), (10.0, 10.0), (11.0, 10.0), (None, 5.0), (5.0, None),
    (_NAN, 1.0), (1.0, _NAN),
    (-1.0, 5.0), (1.0, -5.0), (-5e-324, 1.0), (1.0, -5e-324), (_INF, 10.0), (1.0, _INF), (_INF, _INF), (-_INF, 1.0),
    (5e-324, 5e-324),
    (0.0, 5e-324), (0.5, 0.75), (1e-300, 1e300), (_MAX, 1e300), (0.1, 0.3),
]  # fmt: skip
#: Rows to learn from among rows that are not learnt from.
_MODERATE = [
    (-1.0, 5.0), (5.0, -1.0), (_INF, 10.0), (1.0, _INF), (0.0, 0.0), (3.0, 0.0), (None, 5.0),
    (_NAN, 7.0), (5.0, None), (9.0, 6.0),
    (0.5, 0.75), (0.25, 8.5),
]  # fmt: skip


def fit_rows() -> dict[str, list]:
    return {name: values[:-40] for name, values in rows().items()}


def rows() -> dict[str, list]:
    rng = random.Random("parity rate")
    drawn = []
    for _ in range(100):
        impressions = rng.choice((1, 5, 20, 400))
        rate = rng.betavariate(2, 6)
        drawn.append((sum(rng.random() < rate for _ in range(impressions)), impressions))
    pairs = _EDGES + [(float(c), float(n)) for c, n in drawn]
    whole = [(None, None)] * len(_EDGES) + drawn
    mixed = [*_MODERATE, *([(1.0, 2.0)] * (len(_EDGES) - len(_MODERATE))), *pairs[len(_EDGES) :]]
    return {
        "clicks": [c for c, _ in pairs],
        "views": [n for _, n in pairs],
        "c": [c for c, _ in whole],
        "n": [n for _, n in whole],
        "x": [c for c, _ in mixed],
        "y": [n for _, n in mixed],
        "more": [None if c is None else c * (1 + (c % 3 == 2) * 30) for c, _ in whole],
        "one": [None if c is None else min(c, 1) for c, _ in whole],
        "ones": [None if c is None else 1 for c, _ in whole],
        "half": [None if n is None else n / 2 for _, n in whole],
        "zero": [None if c is None else 0 for c, _ in whole],
        "nothing": [None] * len(pairs),
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    pick = lambda values: [rng.choice(values) for _ in range(4_000)]  # noqa: E731
    views = pick(range(1, 500))
    clicks = [rng.randint(0, view) for view in views]
    return {
        "clicks": pick(numbers),
        "views": pick(numbers),
        "c": clicks,
        "n": views,
        "x": pick([*range(-2, 40), _INF, _NAN, None, 0.5]),
        "y": pick([*range(-2, 400), _INF, _NAN, None, 0.5]),
        "more": [2 * c for c in clicks],
        "one": [min(c, 1) for c in clicks],
        "ones": [1 for _ in clicks],
        "half": [n / 2 for n in views],
        "zero": [0 for _ in clicks],
        "nothing": [None for _ in clicks],
    }
