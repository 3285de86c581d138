"""Python's `zoneinfo` with the `tzdata` package of the library's own release, and `datetime.isocalendar`.

Times outside of Python's years are moved by cycles of 400 years, after which calendar, weekdays and rules repeat.
"""

import zoneinfo
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path

import tzdata
import yaml

_RELEASE = "2026f"
assert tzdata.IANA_VERSION == _RELEASE, f"install the tzdata package of {_RELEASE}, not of {tzdata.IANA_VERSION}"
_SPEC = yaml.safe_load((Path(__file__).parent / "spec.yaml").read_text())
_CYCLE = 146_097 * 86_400_000_000
_FIRST, _LAST = -62_040_000_000_000_000, 253_339_228_800_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@cache
def zone(name: str) -> tzinfo:
    """A zone of the package, never of the machine."""
    folder = Path(tzdata.__file__).parent / "zoneinfo"
    with (folder / name).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, key=name)


def part_of(micros: int, part: str, name: str) -> float:
    cycles = 0
    if micros > _LAST:
        cycles = (micros - _LAST) // _CYCLE + 1
    elif micros < _FIRST:
        # To before 1600, where no zone has left its first offset.
        cycles = (micros - _FIRST) // _CYCLE
    local = (_EPOCH + timedelta(microseconds=micros - cycles * _CYCLE)).astimezone(zone(name))
    year, week, weekday = local.isocalendar()
    values = {
        "year": local.year + 400 * cycles,
        "quarter": (local.month - 1) // 3 + 1,
        "month": local.month,
        "day": local.day,
        "day_of_year": local.timetuple().tm_yday,
        "day_of_week": weekday,
        "is_weekend": weekday in (6, 7),
        "week": week,
        "week_year": year + 400 * cycles,
        "hour": local.hour,
        "minute": local.minute,
        "second": local.second,
    }
    return float(values[part])


def expected(rows: dict, mode: str) -> dict:
    midnights = [None if day is None else day * 86_400_000_000 for day in rows["d"]]
    columns = {"t": rows["t"], "d": midnights}

    def one(step: dict) -> list[float | None]:
        part, name = step["part"], step.get("time_zone", "UTC")
        return [None if micros is None else part_of(micros, part, name) for micros in columns[step["input"]]]

    return {name: one(step) for name, step in _SPEC["steps"].items()}
