"""`numpy.clip`."""

import numpy as np
from harness.reference import number


def expected(rows: dict, mode: str) -> dict:
    x = np.array([number(v, "float64") for v in rows["x"]])
    i = np.array([number(v, "int64") for v in rows["i"]])
    return {
        "low": np.clip(x, -1.5, None).tolist(),
        "high": np.clip(x, None, 100.0).tolist(),
        "both": np.clip(x, 0.0, 0.1).tolist(),
        "point": np.clip(x, 3.0, 3.0).tolist(),
        "of_i": np.clip(i, -5.0, 2.0**53).tolist(),
        "filled": np.clip(np.where(np.isnan(x), 7.5, x), None, 2.0).tolist(),
    }
