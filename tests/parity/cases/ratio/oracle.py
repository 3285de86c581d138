"""`numpy.divide`, with the rule where the divisor is zero."""

import numpy as np
from harness.reference import MISSING, number


def expected(rows: dict, mode: str) -> dict:
    a, b, i = (
        np.array([number(v, "int64" if name == "i" else "float64") for v in rows[name]]) for name in ("a", "b", "i")
    )

    def ratio(numerator: np.ndarray, divisor: np.ndarray, zero: np.ndarray | float = MISSING) -> list[float]:
        with np.errstate(all="ignore"):
            made = np.where(divisor == 0, zero, np.divide(numerator, divisor))
        return np.where(np.isnan(numerator), MISSING, made).tolist()

    with np.errstate(invalid="ignore"):
        smooth = b + 2.5
    filled = [np.where(np.isnan(x), 0.0, x) for x in (a, b)]
    return {
        "plain": ratio(a, b),
        "missing": ratio(a, b),
        "zero": ratio(a, b, 0.0),
        "numerator": ratio(a, b, a),
        "constant": ratio(a, b, -7.5),
        "smooth": ratio(a, smooth, 9.0),
        "of_i": ratio(a, i + 10),
        "filled": ratio(*filled, 3.0),
    }
