"""Categories of every type: empty, missing, invalid text, numbers that read like text, and token lists."""

_S = [
    "acme",
    "",
    None,
    "42",
    "-1",
    "true",
    "a\0b",
    b"\xff",
    b"\xed\xa0\x80",
    "\U0001f469\u200d\U0001f467",
    "x" * 300,
    "\u05e9",
]
_TOKENS = [
    ["red", "lamp"],
    [],
    None,
    ["red", "red", "red"],
    ["", "a"],
    ["lamp", "red"],
    ["42"],
    [b"\xff\xfe", "b"],
    ["w" + str(i) for i in range(40)],
]


def rows() -> dict[str, list]:
    count = 2 * len(_S) * len(_TOKENS) // 2
    pick = lambda values, step: [values[(i * step) % len(values)] for i in range(count)]  # noqa: E731
    return {
        "s": pick(_S, 1),
        "raw": pick([b"", b"\0", b"\xff\xfe", None, b"acme", bytes(range(256))], 5),
        "n": pick([0, 42, -1, None, 2**63 - 1, -(2**63)], 1),
        "i": pick([0, 2**31 - 1, -(2**31), 42, None], 1),
        "b": pick([True, False, None, True], 3),
        "day": pick([0, 19_675, -1, 2**31 - 1, -(2**31), None, 1], 1),
        "tokens": pick(_TOKENS, 7),
    }
