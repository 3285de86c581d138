"""Tokens with and without a number in front: missing, empty, repeated, invalid, other digits and lone points."""

# Data read better in rows than one value a line.

import random

_WORDS = [
    "2tb", "2TB", "1080p", "15.6", "15,6", ".5l", ",5", "..5", "3x4", "0", "9", "1", "8gb", "x2", "usb3", "", ".", ",", "-5", "ssd", "/2", ":3",
    "\u0663", "\uff11", "\u00bd", "5\u00b5m", b"7\xff", b"\xff7", "7\ufffd", "2\0", "1e5", ".x", "5.", "7200", "100%",
]  # fmt: skip
_EDGES = [
    (["2tb"], None), (None, ["2tb"]), (None, None), ([], ["2tb"]), (["2tb"], []), ([], []), (["ssd"], ["ssd"]),
    (["2tb", "2tb", "ssd"], ["ssd", "2tb", "2tb"]), (["2tb", "8gb"], ["8gb", "ssd"]), (["2tb", "8gb", "9"], ["9", "8gb", "2tb", "9"]),
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity unit_match")
    draw = lambda most: [rng.choice(_WORDS) for _ in range(rng.randint(0, most))]  # noqa: E731
    single = [([word], [word]) for word in _WORDS]
    pairs = _EDGES + single + [(draw(8), draw(14)) for _ in range(80)] + [(draw(60), draw(60)) for _ in range(15)]
    return {"query": [query for query, _ in pairs], "title": [title for _, title in pairs]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    title = [None if text is None else text.split() for text in texts[:5_000]]
    sample = [words if words is None else rng.sample(words, min(len(words), 8)) for words in title]
    return {"query": [rng.choice(sample) if rng.random() < 0.2 else words for words in sample], "title": title}
