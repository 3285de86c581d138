"""`collections.Counter` of each group."""

from collections import Counter

from harness.groups import by_group
from harness.reference import MISSING, category, number

_STEPS = {
    "of_x": ("x", "equal"),
    "of_n": ("n", "equal"),
    "of_s": ("s", "equal"),
    "of_raw": ("raw", "equal"),
    "of_day": ("day", "equal"),
    "of_b": ("b", "equal"),
    "of_cents": ("cents", "equal"),
    "kinds_x": ("x", "distinct"),
    "kinds_s": ("s", "distinct"),
    "given_x": ("x", "given"),
    "given_n": ("n", "given"),
    "filled": ("filled", "equal"),
}
_TYPES = {"n": "int64", "s": "string", "raw": "binary", "day": "date", "b": "bool"}


def counts(values: list, count: str) -> list[float]:
    known = Counter(value for value in values if value is not None)
    if count == "equal":
        return [MISSING if value is None else float(known[value]) for value in values]
    return [float(len(known) if count == "distinct" else known.total())] * len(values)


def expected(rows: dict, mode: str) -> dict:
    columns = {name: [category(value, declared) for value in rows[name]] for name, declared in _TYPES.items()}
    for name, declared in (("x", "float64"), ("cents", "decimal")):
        read = [number(value, declared) for value in rows[name]]
        columns[name] = [value if value == value else None for value in read]  # noqa: PLR0124
    columns["filled"] = [2.0 if value is None else value for value in columns["x"]]
    return {
        step: by_group(rows["request"], columns[column], lambda members, count=count: counts(members, count))
        for step, (column, count) in _STEPS.items()
    }
