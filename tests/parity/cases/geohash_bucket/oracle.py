"""Bisection in exact fractions; `pygeohash` must agree on points that lie on no border."""

from fractions import Fraction
from math import isfinite

import pygeohash
from harness.reference import number, text_row

_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"


def halvings(x: Fraction, low: Fraction, high: Fraction) -> tuple[list[int], bool]:
    """30 halvings, and whether x lies on a border."""
    bits, border = [], x in (low, high)
    for _ in range(30):
        middle = (low + high) / 2
        border |= x == middle
        bits.append(int(x >= middle))
        low, high = (middle, high) if bits[-1] else (low, middle)
    return bits, border


def geohash(lat: float, lon: float) -> str | None:
    if not (isfinite(lat) and isfinite(lon)) or abs(lat) > 90:
        return None
    east = Fraction(lon)
    if abs(east) > 180:
        east = (east + 180) % 360 - 180
        if east == -180 and lon > 0:
            east = Fraction(180)
    (across, on_meridian), (up, on_parallel) = (
        halvings(east, Fraction(-180), Fraction(180)),
        halvings(Fraction(lat), Fraction(-90), Fraction(90)),
    )
    bits = [bit for pair in zip(across, up, strict=True) for bit in pair]
    text = "".join(_ALPHABET[int("".join(map(str, bits[at : at + 5])), 2)] for at in range(0, 60, 5))
    if not on_meridian and not on_parallel and abs(lon) < 180:
        assert pygeohash.encode(lat, lon, 12) == text, (lat, lon)
    return text


def steps(rows: dict) -> dict:
    points = list(zip(*([number(v, "float64") for v in rows[name]] for name in ("lat", "lon")), strict=True))
    whole = [geohash(*point) for point in points]
    filled = [geohash(*(10.0 if x != x else x for x in point)) for point in points]  # noqa: PLR0124
    cut = {"cell": 5, "coarse": 1, "fine": 12}
    made = {name: [text and text[:precision] for text in whole] for name, precision in cut.items()}
    return {**made, "filled": [text and text[:6] for text in filled]}


def expected(rows: dict, mode: str) -> dict:
    return {f"{name}s": [text_row(text) for text in texts] for name, texts in steps(rows).items()}
