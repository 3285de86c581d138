"""Poles, the date line, antipodes, points a hair apart, latitudes past the poles, and longitudes of any size."""

# Data read better in rows than one value a line.

import math
import random

_NAN, _INF = float("nan"), float("inf")
_POINTS = [
    (52.52, 13.405, 48.8566, 2.3522), (0.0, 0.0, 0.0, 180.0), (0.0, 0.0, 0.0, 179.99999999), (90.0, 0.0, -90.0, 0.0),
    (90.0, 10.0, 90.0, 190.0), (10.0, 20.0, 10.0, 20.0), (-0.0, 0.0, 0.0, -0.0), (0.0, -180.0, 0.0, 180.0),
    (1.0, 179.999999999, 1.0, -179.999999999), (1.0, math.nextafter(180.0, 0), 1.0, -180.0), (1.0, 180.0, 1.0, math.nextafter(-180.0, 0)),
    # The difference of longitudes loses half a unit, and folds to three of them.
    (1.0, 180.0 - 3 * 2.0**-45, 1.0, -180.0), (1.0, -180.0, 1.0, 180.0 - 3 * 2.0**-45), (1.0, 180.0 - 5 * 2.0**-45, 1.0, -180.0),
    (0.0, 0.0, 0.0, 5e-324), (0.0, 0.0, 1e-40, 1e-41), (45.0, 7.0, 45.0, math.nextafter(7.0, 8)), (math.nextafter(90.0, 0), 0.0, 90.0, 0.0),
    (90.00000000000001, 0.0, 0.0, 0.0), (0.0, 0.0, -90.00000000000001, 0.0), (-90.0, 0.0, 0.0, 0.0), (91.0, 0.0, 0.0, 0.0), (0.0, 0.0, 95.0, 1.0),
    (10.0, 370.0, 10.0, 11.0), (10.0, -350.0, 10.0, 350.0), (10.0, 350.0, 10.0, -350.0), (10.0, 1e300, 10.0, -1e300), (5.0, 725.5, 5.0, -3600.25),
    (-33.8688, 151.2093, 33.8688, -28.7907), (12.0, 34.0, -12.0, -146.0), (12.0, 34.0, -12.0, -145.9999999), (60.0, 0.0, 60.0, 180.0),
    (None, 0.0, 0.0, 0.0), (0.0, _NAN, 0.0, 0.0), (0.0, 0.0, None, 0.0), (0.0, 0.0, 0.0, None), (_INF, 0.0, 0.0, 0.0), (0.0, 0.0, -_INF, 0.0),
    (0.0, _INF, 0.0, 0.0), (0.0, 0.0, 0.0, -_INF), (None, None, None, None), (1e300, 0.0, 0.0, 0.0),
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity haversine")
    points = list(_POINTS)
    for _ in range(60):
        lat, lon = rng.uniform(-90, 90), rng.uniform(-180, 180)
        near = 10.0 ** rng.uniform(-14, 1.5)
        points += [(lat, lon, max(-90.0, min(90.0, lat + rng.uniform(-near, near))), lon + rng.uniform(-near, near))]
    points += [
        (rng.uniform(-90, 90), rng.uniform(-180, 180), rng.uniform(-90, 90), rng.uniform(-180, 180)) for _ in range(40)
    ]
    return {name: [point[i] for point in points] for i, name in enumerate(("lat1", "lon1", "lat2", "lon2"))}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    def latitude() -> float:
        value = rng.choice(numbers)
        return value if rng.random() < 0.1 or value - value != 0.0 else math.fmod(value, 90.0)

    count = 2500
    near = [(latitude(), rng.choice(numbers)) for _ in range(count)]
    far = [
        (lat + rng.gauss(0, 1e-5), lon + rng.gauss(0, 1e-5))
        if rng.random() < 0.5
        else (latitude(), rng.choice(numbers))
        for lat, lon in near
    ]
    return {
        "lat1": [p[0] for p in near],
        "lon1": [p[1] for p in near],
        "lat2": [p[0] for p in far],
        "lon2": [p[1] for p in far],
    }
