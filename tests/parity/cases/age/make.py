"""Microseconds and days: year 1, year 9999, before and after the epoch, and the ends of 64 bits."""

import random

_DAY = 86_400_000_000
_TIMES = [0, 1, -1, None, 1_700_000_000_000_000, -62_135_596_800_000_000, 253_402_300_799_999_999, 2**63 - 1, -(2**63)]
_DAYS = [0, 1, -1, None, 19_675, -719_162, 2_932_896, 106_751_991, -106_751_991]


def rows() -> dict[str, list]:
    rng = random.Random("parity age")
    pairs = [(now, then) for now in _TIMES for then in _TIMES]
    pairs += [
        (1_700_000_000_000_000, 1_700_000_000_000_000 - rng.randint(-3000 * _DAY, 3000 * _DAY)) for _ in range(40)
    ]
    return {
        "now": [now for now, _ in pairs],
        "then": [then for _, then in pairs],
        "day": [_DAYS[i % len(_DAYS)] for i in range(len(pairs))],
    }
