"""NumPy's comparisons of f64."""

import numpy as np
from harness.reference import number

_STEPS = {
    "plain": (np.greater, "a", "b"),
    "less": (np.less, "a", "b"),
    "most": (np.less_equal, "a", "b"),
    "equal": (np.equal, "a", "b"),
    "not_equal": (np.not_equal, "a", "b"),
    "greater": (np.greater, "b", "a"),
    "least": (np.greater_equal, "a", "b"),
    "to_one": (np.less, "a", 1.0),
    "to_large": (np.equal, "i", 2.0**53),
    "to_zero": (np.not_equal, "a", 0.0),
    "ints": (np.greater_equal, "i", "a"),
    "filled": (np.equal, "a filled", "b filled"),
}


def expected(rows: dict, mode: str) -> dict:
    columns = {name: np.array([number(v, "float64") for v in values]) for name, values in rows.items()}
    for name in ("a", "b"):
        columns[f"{name} filled"] = np.where(np.isnan(columns[name]), 7.0, columns[name])
    made = {}
    for step, (operator, left, right) in _STEPS.items():
        a = columns[left]
        b = columns[right] if isinstance(right, str) else np.full(len(a), right)
        made[step] = np.where(np.isnan(a) | np.isnan(b), np.nan, operator(a, b)).tolist()
    return made
