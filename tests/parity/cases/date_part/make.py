"""Changes of summer time to the microsecond, ends of years and ISO years, year 1, year 9999, and the ends of 64 bits."""

# Data read better in rows than one value a line.

import random
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SECOND, _DAY = 1_000_000, 86_400_000_000
_MOMENTS = [
    # Changes in New York, on Lord Howe, in Berlin, in Casablanca, the day that Apia skipped, and one that Amsterdam had to the second.
    "2024-03-10T07:00:00", "2024-11-03T06:00:00", "2024-04-06T15:00:00", "2024-10-05T15:30:00", "2024-03-31T01:00:00", "2024-10-27T01:00:00",
    "2024-03-10T02:00:00", "2011-12-30T10:00:00", "1937-06-30T23:40:28", "1883-11-18T17:00:00", "1947-06-08T12:30:00", "2150-07-01T12:00:00",
    "2150-03-08T07:00:00", "2200-11-02T06:00:00", "9998-07-01T05:00:00", "2024-12-29T23:59:59", "2020-12-31T23:59:59", "2021-01-03T23:59:59",
    "2026-12-28T00:00:00", "2016-02-29T12:00:00", "1900-02-28T23:59:59", "2000-02-29T00:00:00", "2023-06-30T12:34:56", "1969-12-31T23:59:59",
    "0001-01-01T00:00:00", "0001-01-03T00:00:00", "0004-12-31T00:00:00", "9999-01-01T00:00:00", "9999-12-31T23:59:59", "9999-12-30T22:00:01",
]  # fmt: skip
_MICROS = [0, 1, -1, None, 2**63 - 1, -(2**63), 2**62, -(2**62), 300_000_000_000 * _SECOND, 10**17, -(10**17)]
_DAYS = [
    0,
    -1,
    1,
    None,
    19_675,
    -719_162,
    -719_163,
    2_932_896,
    2_932_897,
    106_751_991,
    -106_751_991,
    59,
    60,
    365,
    789,
    790,
]


def rows() -> dict[str, list]:
    rng = random.Random("parity date_part")
    at = [
        (datetime.fromisoformat(text).replace(tzinfo=timezone.utc) - _EPOCH) // timedelta(microseconds=1)
        for text in _MOMENTS
    ]
    t = _MICROS + [micros + by for micros in at for by in (-1, 0, _SECOND)]
    t += [rng.randint(-2_500_000_000, 8_000_000_000) * _SECOND + rng.randrange(_SECOND) for _ in range(40)]
    return {"t": t, "d": [_DAYS[i] if i < len(_DAYS) else rng.randint(-720_000, 720_000) for i in range(len(t))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    t = [rng.randint(-62_000_000_000, 253_000_000_000) * _SECOND for _ in range(1000)]
    t += [rng.randint(-3_000_000_000, 6_000_000_000) * _SECOND + rng.randrange(_SECOND) for _ in range(2000)]
    return {"t": t, "d": [rng.randint(-106_751_991, 106_751_991) for _ in t]}
