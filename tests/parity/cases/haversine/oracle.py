"""The haversine formula in mpmath, angles in exact degrees.

Within 1 ULP of f32: the library computes in f64, and loses half of its digits next to antipodes.
"""

from fractions import Fraction
from math import isfinite

import mpmath
from harness.reference import MISSING, number

ULP = {"km": 1, "miles": 1, "meters": 1, "back": 1, "filled": 1}
_RADIUS = {
    "km": Fraction("6371.0088"),
    "miles": Fraction("6371.0088") / Fraction("1.609344"),
    "meters": Fraction("6371008.8"),
}


def _real(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator


def distance(point: tuple[float, ...]) -> mpmath.mpf | None:
    if not all(map(isfinite, point)) or max(abs(point[0]), abs(point[2])) > 90:
        return None
    lat1, lon1, lat2, lon2 = map(Fraction, point)
    apart = (lon2 - lon1) % 360
    apart = min(apart, 360 - apart)
    half = mpmath.pi / 360
    h = mpmath.sin(_real(lat2 - lat1) * half) ** 2
    h += mpmath.cos(_real(lat1) * 2 * half) * mpmath.cos(_real(lat2) * 2 * half) * mpmath.sin(_real(apart) * half) ** 2
    return 2 * mpmath.asin(mpmath.sqrt(min(mpmath.mpf(1), h)))


def expected(rows: dict, mode: str) -> dict:
    columns = [[number(v, "float64") for v in rows[name]] for name in ("lat1", "lon1", "lat2", "lon2")]
    points = list(zip(*columns, strict=True))
    angles = [distance(point) for point in points]

    def scaled(angle: mpmath.mpf | None, unit: str) -> float:
        return MISSING if angle is None else float(angle * _real(_RADIUS[unit]))

    made = {unit: [scaled(angle, unit) for angle in angles] for unit in _RADIUS}
    filled = [tuple(45.0 if value != value else value for value in point) for point in points]  # noqa: PLR0124
    pairs = zip(points, filled, angles, strict=True)
    return {**made, "back": made["km"], "filled": [scaled(a if p == f else distance(f), "km") for p, f, a in pairs]}
