"""Token lists, lists of integers and maps of numbers: missing, empty, repeated, infinite, of every plane, invalid."""

# Data read better in rows than one value a line.

import random

_INF = float("inf")
_LISTS = [
    None, [], [""], ["red", "lamp"], ["lamp", "red", "red"], ["red"] * 90, ["a b", "a", "b"], [b"\xff", b"\xed\xa0\x80", "\ufffd"], ["a\0b", "\0"],
    ["\U0001f469\u200d\U0001f467", "\U0010ffff"], ["e\u0301", "\u00e9"], ["x" * 1000], [None, "red"],
]  # fmt: skip
_IDS = [None, [], [0], [-1, 2**63 - 1, -(2**63)], [7, 7, None]]
_MAPS = [
    None, {}, {"a": 1.5}, {"a": -0.0, "b": 5e-324}, {"a": _INF}, {"a": _INF, "b": -_INF}, {"a": _INF, "b": _INF, "c": 1.0}, {"a": 1.7976931348623157e308, "b": 1e308},
    {"a": 1e200, "b": -3e200}, {"a": 1e-200, "b": 7e-200}, {"a": 1e308, "b": 1e307, "c": -1e306}, {"a": 5e-324}, {"a": 1e155}, {"a": 3e-140, "b": 1e-141},
    {f"k{i}": 0.1 * i for i in range(1, 30)}, {f"k{i}": (-1.0) ** i * 10.0 ** (i - 20) for i in range(40)}, {"a": None, "b": float("nan"), "c": 2.5},
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity dense_projection")
    words = [f"w{i}" for i in range(300)]
    lists = [*_LISTS, *(rng.choices(words, k=rng.randint(0, 30)) for _ in range(67))]
    ids = [*_IDS, *([rng.getrandbits(62) for _ in range(rng.randint(0, 9))] for _ in range(75))]
    maps = [*_MAPS, *({rng.choice(words): rng.gauss(0, 5) for _ in range(rng.randint(0, 9))} for _ in range(63))]
    return {"tokens": lists, "ids": ids, "weights": maps}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    lists = [None if text is None else text.split() for text in rng.sample(texts, min(len(texts), 2000))]
    ids = [[rng.getrandbits(63) for _ in range(rng.randint(0, 9))] for _ in lists]
    maps = [{f"n{rng.randint(0, 500)}": rng.choice(numbers) for _ in range(rng.randint(0, 6))} for _ in lists]
    return {"tokens": lists, "ids": ids, "weights": maps}
