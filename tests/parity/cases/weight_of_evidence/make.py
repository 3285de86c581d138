"""Categories of every type with labels and qids, some of each missing; labels at both sides of the borders.

Below the fitted rows are categories that none of them has.
"""

import random

_S = ["acme", "", None, "Acme", "a\0b", b"\xff", "\ufffd", b"\xed\xa0\x80", "\U0001f469\u200d\U0001f467", "42"]
#: Categories that no fitted row has, one that has them, and labels and qids from which nothing is learnt.
_UNSEEN = {
    "s": ["unseen", "acm", "acme", "ACME", None],
    "raw": [b"unseen", b"\0\0", b"\xff", b"acme", None],
    "n": [1, 43, 77, -42, None],
    "b": [True, False, None, True, False],
    "day": [1, -2, 19_674, 0, None],
    "qid": ["q0", "q1", "unseen", None, "q5"],
    "rating": [3.0, None, 0.0, 1.0, 2.0],
}


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity weight_of_evidence")
    count = 160
    pick = lambda values: [rng.choice(values) for _ in range(count)]  # noqa: E731
    # Labels lean with the first category, so that evidence is strong.
    made = {
        "s": pick(_S),
        "raw": pick([b"", b"\0", b"\xff\xfe", None]),
        "n": [77, *pick([0, 42, -1, None, 2**63 - 1, -(2**63)])[1:]],
        "b": pick([True, False, None]),
        "day": pick([0, -1, 19_675, None]),
        "qid": pick([f"q{i}" for i in range(12)] + [None, "", b"\xff"]),
    }
    labels = [
        0.0,
        5e-324,
        1.0,
        -0.5,
        2.0,
        3.0,
        2.0000000000000004,
        None,
        float("nan"),
        1.7e308,
        -1.7e308,
        -0.0,
    ]
    made["rating"] = [3.0 if s == "acme" else 0.0 if s == "42" else rng.choice(labels) for s in made["s"]]
    return made


def rows() -> dict[str, list]:
    return {name: values + _UNSEEN[name] for name, values in fit_rows().items()}
