"""Maps, token lists and categories: missing, empty, repeated keys, zeros, infinities, every plane, invalid text."""

# Data read better in rows than one value a line.

import random

_INF = float("inf")
_TEXTS = [
    None, {}, {"colour": "Black"}, {"colour": ""}, {"": "Black"}, {"": ""}, {"a=b": "c"}, {"a": "b=c"}, {"x": None}, [("x", "1"), ("x", "1"), ("x", "2")],
    {b"\xff": "a", "\ufffd": b"\xff"}, {"a\0": "\0", "\U0001f469\u200d\U0001f467": "\U0010ffff"}, {"gr\u00f6\u00dfe": "e\u0301", b"\xed\xa0\x80": b"\xed\xa0\x80"}, {"k" * 300: "v" * 300},
]  # fmt: skip
_FLOATS = [
    None, {}, {"a": 0.0, "b": -0.0}, {"a": float("nan"), "b": 1.0}, {"a": _INF}, {"a": _INF, "b": -_INF, "c": _INF, "d": _INF, "e": -_INF}, {"a": 5e-324, "b": -5e-324}, {"a": 1.7976931348623157e308, "b": 1.7976931348623157e308, "c": 1e308},
    {f"k{i}": 0.1 * i for i in range(1, 40)}, {f"k{i}": 0.1 * i for i in range(39, 0, -1)}, {f"k{i}": (-1.0) ** i * 10.0 ** (i - 20) for i in range(40)}, [("a", 0.1), ("a", 0.2), ("a", 0.3)], {"a": None, "b": 2.5}, {"": 1.0, "\0": 2.0},
]  # fmt: skip
_INTS = [None, {}, {"a": 0}, {"a": 2**63 - 1, "b": -(2**63)}, {"a": 2**53 + 1}, {"a": None, "b": 3}]
_FLAGS = [None, {}, {"a": True, "b": False}, {"c": None, "d": True}]
_LISTS = [
    None,
    [],
    [""],
    ["red", "red", "lamp"],
    [None, "red"],
    [b"\xff", "a\0b"],
    ["\U0001f469\u200d\U0001f467"],
    ["w"] * 9,
]
_IDS = [None, [], [0, -1, 2**63 - 1, -(2**63)], [7, 7, None]]
_SUPPLIERS = [None, "", "red", b"\xff", "\ufffd", "a\0b", "\U0001f469\u200d\U0001f467", "e\u0301", "x" * 500]
_SHOPS = [None, 0, -1, 2**63 - 1, -(2**63)]
_ROWS = 80


def rows() -> dict[str, list]:
    rng = random.Random("parity hashed_features")
    keys = [f"key {i}" for i in range(40)]
    words = ["red", "lamp", "\u00e9t\u00e9", *(f"w{i}" for i in range(60))]

    def drawn(value):
        return lambda: {rng.choice(keys): value() for _ in range(rng.randint(0, 12))}

    def column(edges: list, draw) -> list:
        return [*edges, *(draw() for _ in range(_ROWS - len(edges)))]

    return {
        "texts": column(_TEXTS, drawn(lambda: rng.choice(words))),
        "floats": column(_FLOATS, drawn(lambda: rng.choice([1.0, rng.gauss(0, 1), rng.gauss(0, 1e9)]))),
        "ints": column(_INTS, drawn(lambda: rng.randint(-5, 5))),
        "flags": column(_FLAGS, drawn(lambda: rng.random() < 0.5)),
        "tokens": column(_LISTS, lambda: rng.choices(words, k=rng.randint(0, 40))),
        "ids": column(_IDS, lambda: [rng.randint(-99, 10**12) for _ in range(rng.randint(0, 20))]),
        "supplier": column(_SUPPLIERS, lambda: rng.choice(words)),
        "shop": column(_SHOPS, lambda: rng.getrandbits(rng.randint(1, 62))),
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    drawn = rng.sample(texts, min(len(texts), 2000))
    words = [text for text in rng.sample(texts, min(len(texts), 500)) if text is not None]

    def some(value) -> list[dict]:
        return [{rng.choice(words)[:40]: value() for _ in range(rng.randint(0, 8))} for _ in drawn]

    return {
        "texts": some(lambda: rng.choice(words)),
        "floats": some(lambda: rng.choice(numbers)),
        "ints": some(lambda: rng.getrandbits(63)),
        "flags": some(lambda: rng.random() < 0.5),
        "tokens": [None if text is None else text.split() for text in drawn],
        "ids": [[rng.getrandbits(63) for _ in range(rng.randint(0, 5))] for _ in drawn],
        "supplier": drawn,
        "shop": [rng.getrandbits(63) for _ in drawn],
    }
