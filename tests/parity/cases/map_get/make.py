"""Maps as lists of entries, since keys may repeat: absent, empty, repeated, near-miss and invalid keys, null values."""

# Data read better in rows than one value a line.

from decimal import Decimal

_ACCENT = "f\u00e0ct\0"
_VALUES = {
    "floats": [1.5, -0.0, 0.0, float("nan"), float("inf"), 5e-324, None, 1e300],
    "small": [1.5, 0.1, float("nan"), 1e-45, None, 3.4028235e38],
    "ints": [0, 2**63 - 1, -(2**63), 2**53 + 1, None],
    "shorts": [0, 2**31 - 1, -(2**31), None],
    "flags": [True, False, None],
    "cents": [Decimal("0.1"), Decimal("-12345678901234567890.654321"), None],
}
_TEXTS = [
    "black", "", None, "B\u0308lack", b"\xff\xfe", b"\xed\xa0\x80x", "a\0b", "\U0001f469\u200d\U0001f467", "\u05e9\u05dc", b"\xe2\x82",
]  # fmt: skip


def _maps(values: list) -> list:
    made: list = [
        None,
        [],
        [("other", values[0])],
        [("FACT", values[0])],
        [("fact ", values[0])],
        [(b"fact\xff", values[0])],
    ]
    for i, value in enumerate(values):
        last = values[(i + 1) % len(values)]
        made += [
            [("fact", value)],
            [("fact", value), ("z", value), ("fact", last)],
            [("", last), ("fact", value), ("", last)],
        ]
    return made


def rows() -> dict[str, list]:
    texts: list = [None, [], [("Colour", "x")], [("colour\0", "x")], [("fact", "x"), (_ACCENT, "only")]]
    for i, text in enumerate(_TEXTS):
        after = _TEXTS[(i + 3) % len(_TEXTS)]
        texts += [[("colour", text), (_ACCENT, after)], [("colour", "first"), (_ACCENT, "z"), ("colour", text)]]
    columns = {"texts": texts, **{name: _maps(values) for name, values in _VALUES.items()}}
    count = max(map(len, columns.values()))
    return {name: [values[i % len(values)] for i in range(count)] for name, values in columns.items()}
