"""`scipy.stats.rankdata(nan_policy="omit")` of each group."""

import numpy as np
from harness.groups import by_group
from harness.reference import number
from scipy.stats import rankdata

_STEPS = {
    "plain": ("x", -1, "min"),
    "max": ("x", -1, "max"),
    "average": ("n", -1, "average"),
    "dense": ("x", -1, "dense"),
    "up": ("x", 1, "min"),
    "up_max": ("n", 1, "max"),
    "up_average": ("x", 1, "average"),
    "up_dense": ("n", 1, "dense"),
}
_TYPES = {"x": "float64", "n": "int32"}


def ranks(values: list[float], sign: int, ties: str) -> list[float]:
    ordered = np.array(values) if sign > 0 else np.negative(values)
    return rankdata(ordered, method=ties, nan_policy="omit").tolist()


def expected(rows: dict, mode: str) -> dict:
    made = {}
    for step, (column, sign, ties) in _STEPS.items():
        values = [number(value, _TYPES[column]) for value in rows[column]]
        made[step] = by_group(rows["request"], values, lambda members: ranks(members, sign, ties))  # noqa: B023
    filled = [3.0 if value is None else float(value) for value in rows["n"]]
    made["filled"] = by_group(rows["request"], filled, lambda members: ranks(members, -1, "min"))
    made["filled_missing"] = [float(value is None) for value in rows["n"]]
    return made
