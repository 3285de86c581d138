"""Tokens and categories that a table has or lacks: missing, empty, repeated, of every plane, invalid; and the tables."""

# Data read better in rows than one value a line.

import random

_LISTS = [
    None, [], [""], ["red"], ["lamp", "red"], ["red", "lamp"], ["red", "unseen"], ["unseen", "red"], ["unseen"], ["unseen", "never"], ["red"] * 50,
    [b"\xff"], ["\ufffd"], ["a\0b", "\0"], ["\U0001f469\u200d\U0001f467"], ["e\u0301", "\u00e9"], ["below", "below"], ["below", "unseen"], [None, "red"], ["huge", "huge", "huge"], ["tiny", "red"],
]  # fmt: skip
_IDS = [None, [], [0], [-1, 2**63 - 1, 5], [7, 7, None], [-(2**63)]]
_SUPPLIERS = [
    None,
    "",
    "red",
    "unseen",
    b"\xff",
    "\ufffd",
    "a\0b",
    "\U0001f469\u200d\U0001f467",
    "e\u0301",
    "\u00e9",
    "re",
    "redd",
]
_SHOPS = [None, 0, -1, 5, 7, 2**63 - 1, -(2**63)]
_WORDS = [f"w{i}" for i in range(60)]


def tables() -> dict[str, dict[str, list]]:
    rng = random.Random("parity embedding tables")
    words = {
        "red": [1.0, -2.0, 0.25], "lamp": [-0.1, 0.2, 1e-3], "": [0.5, 0.0, -0.0], "\ufffd": [7.0, 7.5, 8.0], "a\0b": [-1.0, 1.0, -1.0],
        "\U0001f469\u200d\U0001f467": [1 / 3, 2 / 3, -1 / 3], "e\u0301": [1.0, 0.0, 0.0], "below": [-1.0, -2.0, -3.0], "huge": [3.4028234663852886e38, -3.4028234663852886e38, 1.0], "tiny": [1.401298464324817e-45, 1e-60, -1e-46],
    }  # fmt: skip
    words |= {word: [rng.gauss(0, 1) for _ in range(3)] for word in _WORDS}
    shops = {str(shop): [float(shop % 1000) + 0.1] for shop in [0, -1, 5, 7, 2**63 - 1, *range(100, 160)]}
    pairs = {"words": words, "shops_2": shops}
    return {name: {"key": list(table), "vector": list(table.values())} for name, table in pairs.items()}


def _weights(lists: list, rng: random.Random) -> list:
    """A weight a token that is given, now and then one too many, one too few, missing, nothing or no weight at all."""
    made: list = []
    for row in lists:
        count = sum(item is not None for item in row or [])
        weights = [rng.choice([0.0, 0.5, 1.0, -1.0, 2.5, round(rng.random(), 3), None]) for _ in range(count)]
        shape = rng.random()
        made.append(
            None if shape < 0.05 else weights[1:] if shape < 0.1 else [*weights, 1.0] if shape < 0.15 else weights
        )
    made[3:6] = [[1.0], [0.0, 2.0], [1.0, -1.0]]
    made[6:9] = [[0.25, 4.0], [4.0, 0.25], [1.0]]
    return made


def rows() -> dict[str, list]:
    rng = random.Random("parity embedding")
    words = [*_WORDS, "red", "below", "unseen", "never"]
    lists = [*_LISTS, *(rng.choices(words, k=rng.randint(0, 12)) for _ in range(59))]
    ids = [*_IDS, *([rng.randint(95, 165) for _ in range(rng.randint(0, 9))] for _ in range(74))]
    suppliers = [*_SUPPLIERS, *(rng.choice(words) for _ in range(68))]
    return {
        "tokens": lists,
        "ids": ids,
        "supplier": suppliers,
        "weights": _weights(lists, rng),
        "shop": [*_SHOPS, *(rng.randint(95, 165) for _ in range(73))],
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    drawn = rng.sample(texts, min(len(texts), 2000))
    mixed = lambda text: [*text.split()[:9], *rng.choices(_WORDS, k=rng.randint(0, 4))]  # noqa: E731
    tokens = [None if text is None else rng.sample(words := mixed(text), len(words)) for text in drawn]
    return {
        "tokens": tokens,
        "weights": _weights(tokens, rng),
        "ids": [[rng.randint(95, 165) for _ in range(rng.randint(0, 5))] for _ in drawn],
        "supplier": drawn,
        "shop": [rng.randint(95, 165) for _ in drawn],
    }
