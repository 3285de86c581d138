"""Categories of every type, frequent and rare; shares and counts at their borders."""

import random

_S = [
    "acme",
    "",
    None,
    "Acme",
    "a\0b",
    b"\xff",
    "\ufffd",
    b"\xed\xa0\x80",
    "\U0001f469\u200d\U0001f467",
    "e\u0301",
    "\xe9",
    "42",
    "x" * 300,
]


def rows() -> dict[str, list]:
    rng = random.Random("parity rare_category")
    count = 150
    # Early ones are frequent, late ones rare: counts differ and tie.
    pick = lambda values: [values[int(len(values) * rng.random() ** 2)] for _ in range(count)]  # noqa: E731
    return {
        "s": _S + pick(_S)[len(_S) :],
        "raw": pick([b"acme", b"", b"\xff\xfe", None, b"\0", b"\xff", b"\xed\xa0\x80", b"\x80"]),
        "n": pick([0, 42, -1, None, 2**63 - 1, -(2**63), 7, 70, 700]),
        "i": pick([0, 2**31 - 1, -(2**31), 42, None]),
        "b": pick([True, False, None]),
        "day": pick([0, 19_675, -1, 2**31 - 1, -(2**31), None, 1]),
        "tens": ["three"] * 3 + ["two"] * 2 + ["four"] * 4 + ["rest"] * 21 + [None] * (count - 30),
    }


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    """First words, so that categories repeat."""
    some = [rng.choice(texts) for _ in range(4_000)]
    whole = [None if number != number else int(max(-1e18, min(1e18, number))) for number in numbers]  # noqa: PLR0124
    pick = lambda values: [rng.choice(values) for _ in some]  # noqa: E731
    heads = [text if text is None else text[: rng.choice((1, 2, 3, 30))] for text in some]
    return {
        "s": heads,
        "raw": [head.encode("utf-8", "surrogatepass") if isinstance(head, str) else head for head in reversed(heads)],
        "n": pick(whole),
        "i": pick([*range(-20, 400), None]),
        "b": pick([True, False, None]),
        "day": pick([*range(19_000, 19_400), None]),
        "tens": pick(["three", "two", None]),
    }
