"""Whole-number difference in microseconds, rounded to f64, over the unit: Python's own integers and division."""

_UNITS = {
    "seconds": 10**6,
    "minutes": 60 * 10**6,
    "hours": 3600 * 10**6,
    "days": 86400 * 10**6,
    "weeks": 604800 * 10**6,
    "years": 31556952 * 10**6,
}


def age(now: int | None, then: int | None, unit: str) -> float | None:
    return None if now is None or then is None else float(now - then) / float(_UNITS[unit])


def expected(rows: dict, mode: str) -> dict:
    midnight = [None if day is None else day * 86400 * 10**6 for day in rows["day"]]
    made = {unit: [age(*pair, unit) for pair in zip(rows["now"], rows["then"], strict=True)] for unit in _UNITS}
    made["since"] = [age(now, then, "days") for now, then in zip(rows["now"], midnight, strict=True)]
    made["reversed"] = [age(then, now, "hours") for now, then in zip(rows["now"], midnight, strict=True)]
    return made
