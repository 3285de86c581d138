"""Maps that are missing, empty, with missing, repeated and invalid entries."""

import random

_MAPS = [
    None, [], [("t_colour", "Black")], [("n_width", "3")], [("t_a", None)], [("t_a", ""), ("t_b", "")],
    [("t_a", "x"), ("t_a", "y")], [("t_", "prefix alone"), ("t", "too short"), ("T_a", "other case")],
    [("t_\u00e9", b"\xff"), (b"t_\xff", "bytes in the key")], [("t_a", "a\0b"), ("n_b", None), ("t_c", "z")],
    [("t_a", b"\xed\xa0\x80")], [("", "empty key")],
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity map_text")
    keys = ["t_a", "t_b", "n_a", "b_a", "t_"]
    drawn = [
        [(rng.choice(keys), rng.choice(["x", "", None, "Schwarz"])) for _ in range(rng.randint(0, 6))]
        for _ in range(50)
    ]
    return {"attributes": _MAPS + drawn}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    keys = ["t_a", "t_b", "n_a", "t_"]
    return {
        "attributes": [[(rng.choice(keys), rng.choice(texts)) for _ in range(rng.randint(0, 5))] for _ in range(3_000)]
    }
