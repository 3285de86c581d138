"""Token lists, and maps of numbers of every size: missing, empty, repeated, infinite, in one row or in many.

Below the fitted rows are tokens and keys that none of them has.
"""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None,
    [],
    ["red"],
    ["red", "red", "lamp"],
    [b"\xff", "a\0b"],
    ["\U0001f469\u200d\U0001f467"],
    ["w1"] * 9,
    [""],
]
_MAPS = [
    None, {}, {"a": 1.5, "b": -2.0}, {"a": -1.0, "b": 3.0}, {"once": float("inf")}, {"twice": float("inf")}, {"twice": float("-inf"), "tiny": 5e-324},
    {"tiny": -5e-324, "twice": 1e300, "a": 0.0, "b": -0.0}, {"tiny": 2.0, "huge": 1.7976931348623157e308, "none": None, "nan": float("nan")}, {"huge": 1e308},
]  # fmt: skip
_UNSEEN = {
    "tokens": [[f"new{i}" for i in range(90)], ["new1", "red"], ["w1"], None],
    "weights": [
        {"unseen": 2.0, "a": 1.0, "once": 3.0},
        {"unseen": float("inf")},
        {"unseen": -1.5, "twice": 1.0, "b": float("-inf")},
        None,
    ],
}


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity idf")
    words = ["red", *(f"w{i}" for i in range(90))]
    draw = lambda: [words[min(int(rng.expovariate(0.1)), 90)] for _ in range(rng.randint(0, 8))]  # noqa: E731
    value = lambda: rng.choice([1.0, -1.0, 0.5, 0.0, rng.gauss(0, 9)])  # noqa: E731
    drawn = lambda: {rng.choice(words): value() for _ in range(rng.randint(0, 6))}  # noqa: E731
    lists, maps = [*_LISTS, *(draw() for _ in range(72))], [*_MAPS, *(drawn() for _ in range(70))]
    return {"tokens": lists, "weights": maps}


def rows() -> dict[str, list]:
    return {name: values + _UNSEEN[name] for name, values in fit_rows().items()}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    tokens = [None if text is None else text.split() for text in rng.sample(texts, min(len(texts), 3000))]
    names = [f"n{i}" for i in range(500)]
    maps = [{rng.choice(names): rng.choice(numbers) for _ in range(rng.randint(0, 6))} for _ in tokens]
    return {"tokens": tokens, "weights": maps}
