"""Categories of every type and token lists, some of them unseen; parts that run together alike: (a, bc) and (ab, c)."""

import random

from harness.category_rows import bulk_columns, category_columns, frequent_first, with_unseen

#: Parts and whole combinations that no fitted row has, such as (aa, bc), and known ones beside them.
_UNSEEN = {
    "left": ["aa", "a", "new", "b", "", None, "abcb", "ab", "bc", "a"],
    "right": ["bc", "cc", "new", "c", "abcc", "bc", None, "bc", "a", "bc"],
    "tokens": [
        ["new"],
        ["new", "red", "lamp"],
        ["red", "new", "red"],
        ["blue"],
        [],
        None,
        [""],
        ["a"],
        ["re"],
        [b"\xfe", "b"],
    ],
    "long": [["new"], ["a", "new"], ["w3"], ["w12"], ["w1"], ["a"], ["w3"], [], None, ["w11", "w12"]],
}


def fit_rows() -> dict[str, list]:
    pick = frequent_first(random.Random("parity vocabulary_cross"), 120)
    return category_columns(pick) | {
        "left": pick(["a", "ab", "", "abc", None]),
        "right": pick(["bc", "c", "abc", "", None]),
        "tokens": pick(
            [["red", "lamp"], ["red", "red", "red"], [], None, ["", "a"], ["lamp", "red"], [b"\xff\xfe", "b"]]
        ),
        "long": pick([["a"], [f"w{k}" for k in range(12)], ["w3", "w3"], None, []]),
    }


def rows() -> dict[str, list]:
    fitted = fit_rows()
    return with_unseen(fitted) | {name: fitted[name] + unseen for name, unseen in _UNSEEN.items()}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    some = [rng.choice(texts) for _ in range(2_000)]
    pick = lambda values: [rng.choice(values) for _ in some]  # noqa: E731
    return bulk_columns(some, numbers, rng) | {
        "left": pick(["a", "ab", "", "abc", None]),
        "right": pick(["bc", "c", "abc", "", None]),
        "tokens": [text if text is None else [*text.split()[:3], "common"] for text in some],
        "long": [[f"w{rng.randrange(9)}" for _ in range(rng.randrange(5))] for _ in some],
    }
