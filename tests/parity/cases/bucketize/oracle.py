"""`numpy.digitize`; for `one_hot` the same index as the column of a 1.0."""

import numpy as np
from harness.reference import MISSING, number

_EDGES = [-1.5, 0.0, 0.1, 100.0]


def index(values: list[float], edges: list[float], right: bool = False) -> list[float]:
    x = np.array(values)
    return np.where(np.isnan(x), MISSING, np.digitize(x, edges, right=right)).tolist()


def hot(indices: list[float]) -> list[dict[int, float]]:
    return [{} if i != i else {int(i): 1.0} for i in indices]  # noqa: PLR0124


def expected(rows: dict, mode: str) -> dict:
    x = [number(v, "float64") for v in rows["x"]]
    i = [number(v, "int64") for v in rows["i"]]
    filled = [5.0 if v != v else v for v in x]  # noqa: PLR0124
    return {
        "left": index(x, _EDGES),
        "right": index(x, _EDGES, right=True),
        "one": index(x, [0.0]),
        "of_i": index(i, [-5.0, 0.0, 2.0**53]),
        "hot": hot(index(x, _EDGES)),
        "hot_right": hot(index(x, _EDGES, right=True)),
        "filled": hot(index(filled, [0.0, 5.0])),
    }


def columns(rows: dict) -> dict[str, int]:
    return {"hot": 5, "hot_right": 5, "filled": 3}
