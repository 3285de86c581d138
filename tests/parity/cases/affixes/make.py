"""Token lists: missing, empty, tokens as long as the lengths and shorter, of one to four bytes a code point, repaired."""

# Data read better in rows than one value a line.

import random

_LISTS: list = [
    None, [], [""], ["a"], ["ab"], ["abc"], ["abcd"], ["abcde"], ["é"], ["éà"], ["日本語", "日本"], ["\U0001f469\u200d\U0001f467"], ["e\u0301e\u0301"],
    [b"\xffab", b"a\xed\xa0\x80"], ["\0\0\0"], [None, "abc", None], ["", "ab", ""], ["x" * 63], ["x" * 64], ["é" * 65, "b"], ["ab", "ab"], ["a b", "$"],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity affixes")
    word = lambda: "".join(rng.choice("abcé日") for _ in range(rng.randint(0, 7)))  # noqa: E731
    made = _LISTS + [[word() for _ in range(rng.randint(0, 6))] for _ in range(60)]
    return {"tokens": made}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    made = [None if text is None else text.split()[:20] for text in rng.sample(texts, min(len(texts), 2000))]
    return {"tokens": made}
