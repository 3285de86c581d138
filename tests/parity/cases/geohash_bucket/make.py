"""Borders of cells of every size and their neighbours, poles, the date line, and numbers that name no point."""

# Data read better in rows than one value a line.

import math
import random

_LAT = [
    57.64911, 0.0, -0.0, 90.0, -90.0, 45.0, -45.0, 90.00000000000001, -90.00000000000001, 89.99999999999999, None, float("nan"),
    float("inf"), float("-inf"), 5e-324, -5e-324, 22.5, 180.0, 1e300, 11.25, 5.625, 90 / 2**29, -90 / 2**29,
]  # fmt: skip
_LON = [
    10.40744, 0.0, -0.0, 180.0, -180.0, 90.0, -90.0, 180.00000000000003, -180.00000000000003, 179.99999999999997, None, float("nan"),
    float("inf"), float("-inf"), 5e-324, -5e-324, 360.0, 540.0, -540.0, 1e300, 370.40744, -349.59256, 45.0, 180 / 2**29, 200.0, -200.0, 359.0, 725.0,
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity geohash_bucket")
    points = [(lat, 10.40744) for lat in _LAT] + [(57.64911, lon) for lon in _LON] + list(zip(_LAT, _LON, strict=False))
    for bits in range(1, 31):
        lat, lon = 180 * rng.randint(0, 2**bits) / 2**bits - 90, 360 * rng.randint(0, 2**bits) / 2**bits - 180
        points += [(lat, lon), (math.nextafter(lat, -90), math.nextafter(lon, -180))]
    points += [(rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(50)]
    return {"lat": [lat for lat, _ in points], "lon": [lon for _, lon in points]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    def degrees(most: float) -> float:
        value = rng.choice(numbers)
        return value if rng.random() < 0.2 or value - value != 0.0 else math.fmod(value, most)

    return {"lat": [degrees(90.0) for _ in range(3000)], "lon": [degrees(180.0) for _ in range(3000)]}
