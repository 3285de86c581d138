"""`numpy.digitize` among quantiles by the rule of `numpy.quantile`, exact and rounded once.

`check_sklearn` and `check_pandas` hold the buckets against `KBinsDiscretizer` and `pandas.qcut`. The sketch counts the
middles of buckets of doubles that share sign, exponent and ten bits of the fraction.
"""

import struct
import warnings

import numpy as np
import pandas as pd
from harness.reference import MISSING, given, number, quantile
from sklearn.preprocessing import KBinsDiscretizer


def middle(value: float) -> float:
    bits = struct.unpack("<Q", struct.pack("<d", abs(value) + 0.0))[0] >> 42
    found = struct.unpack("<d", struct.pack("<Q", bits << 42 | 1 << 41))[0] if bits else 0.0
    return -found if value < 0 else found


def inner_edges(values: list[float], buckets: int) -> list[float]:
    known = sorted(given(values))
    found = given(quantile(known, i / buckets) for i in range(buckets + 1))
    return sorted(set(found))[1:-1]


def index(values: list[float], edges: list[float], right: bool = False) -> list[float]:
    x = np.array(values)
    found = np.digitize(x, edges, right=right) if edges else np.zeros(len(x))
    return np.where(np.isnan(x), MISSING, found).tolist()


def check_sklearn(values: list[float], buckets: int, mine: list[float]) -> None:
    known = np.array(given(values)).reshape(-1, 1)
    binner = KBinsDiscretizer(buckets, encode="ordinal", strategy="quantile", quantile_method="linear", subsample=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(binner.fit_transform(known)[:, 0], given(mine))


def check_pandas(values: list[float], buckets: int, mine: list[float]) -> None:
    found = pd.qcut(given(values), buckets, labels=False, duplicates="drop")
    np.testing.assert_array_equal(found, given(mine))


def expected(rows: dict, mode: str) -> dict:
    read = {name: [number(v, "float64") for v in values] for name, values in rows.items()}
    x, y, i = read["x"], read["y"], read["i"]
    filled = [1e9 if v != v else v for v in y]  # noqa: PLR0124
    made = {
        "plain": index(y, inner_edges(y, 10)),
        "right": index(y, inner_edges(y, 10), right=True),
        "halves": index(y, inner_edges(y, 2)),
        "many": index(y, inner_edges(y, 300)),
        "of_x": index(x, inner_edges(x, 7), right=True),
        "of_i": index(i, inner_edges(i, 5)),
        "i_right": index(i, inner_edges(i, 5), right=True),
        "of_equal": index(read["equal"], []),
        "of_none": read["none"],
        "of_ends": index(read["ends"], inner_edges(read["ends"], 4)),
        "hot": [{} if v != v else {int(v): 1.0} for v in index(y, inner_edges(y, 4))],  # noqa: PLR0124
        "filled": index(filled, inner_edges(y, 4)),
        "sketch": index(y, inner_edges([middle(v) if v == v else v for v in y], 10)),  # noqa: PLR0124
    }
    if len(x) < 1000:
        for step, column, buckets in (("plain", y, 10), ("halves", y, 2), ("of_i", i, 5)):
            check_sklearn(column, buckets, made[step])
        for step, column, buckets in (("right", y, 10), ("i_right", i, 5)):
            check_pandas(column, buckets, made[step])
    return made


def columns(rows: dict) -> dict[str, int]:
    edges = inner_edges([number(v, "float64") for v in rows["y"]], 4)
    return {"hot": len(edges) + 1}
