"""Categories of every type with labels and qids, some of each missing; labels in halves tie at `label_scale: 1`."""

import random

_S = ["acme", "", None, "Acme", "a\0b", b"\xff", "\ufffd", b"\xed\xa0\x80", "\U0001f469\u200d\U0001f467", "42"]


def rows() -> dict[str, list]:
    rng = random.Random("parity target_mean")
    count = 160
    pick = lambda values: [rng.choice(values) for _ in range(count)]  # noqa: E731
    return {
        "s": pick(_S),
        "raw": pick([b"", b"\0", b"\xff\xfe", None]),
        "n": [77, *pick([0, 42, -1, None, 2**63 - 1, -(2**63)])[1:]],
        "b": pick([True, False, None]),
        "day": pick([0, -1, 19_675, None]),
        "qid": pick([f"q{i}" for i in range(12)] + [None, "", b"\xff"]),
        "rating": pick([0.0, 0.5, 1.0, 1.5, 2.5, -0.5, 3.0, None, float("nan"), 0.1, 1 / 3]),
    }
