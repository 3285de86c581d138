"""`numpy.where`, twice: for the condition, and for a missing condition."""

import numpy as np
from harness.reference import number


def expected(rows: dict, mode: str) -> dict:
    c, flag, a, b = (np.array([number(v, "float64") for v in rows[name]]) for name in ("c", "flag", "a", "b"))
    c3, a3, b3 = (np.where(np.isnan(values), 3.0, values) for values in (c, a, b))

    def choose(condition: np.ndarray, missing: np.ndarray | float) -> list[float]:
        return np.where(np.isnan(condition), missing, np.where(condition != 0, a, b)).tolist()

    return {
        "plain": choose(c, np.nan),
        "stay": choose(flag, np.nan),
        "then": choose(flag, a),
        "else": choose(c, b),
        "filled": np.where(c3 != 0, a3, b3).tolist(),
    }
