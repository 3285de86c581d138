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


def numbers_of(rows: dict) -> dict[str, list[float]]:
    return {name: [number(v, "float64") for v in values] for name, values in rows.items()}


def check_sklearn(learnt: list[float], shown: list[float], buckets: int, mine: list[float]) -> None:
    known, finite = np.array(given(learnt)).reshape(-1, 1), np.isfinite(shown)
    binner = KBinsDiscretizer(buckets, encode="ordinal", strategy="quantile", quantile_method="linear", subsample=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = binner.fit(known).transform(np.array(shown)[finite].reshape(-1, 1))[:, 0]
    np.testing.assert_array_equal(theirs, np.array(mine)[finite])


def check_pandas(values: list[float], buckets: int, mine: list[float]) -> None:
    found = pd.qcut(given(values), buckets, labels=False, duplicates="drop")
    np.testing.assert_array_equal(found, given(mine))


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    read, learnt = numbers_of(rows), numbers_of(fit_rows or rows)
    x, y, i = read["x"], read["y"], read["i"]
    edges = lambda name, buckets: inner_edges(learnt[name], buckets)  # noqa: E731
    filled = [1e9 if v != v else v for v in y]  # noqa: PLR0124
    made = {
        "plain": index(y, edges("y", 10)),
        "right": index(y, edges("y", 10), right=True),
        "halves": index(y, edges("y", 2)),
        "many": index(y, edges("y", 300)),
        "of_x": index(x, edges("x", 7), right=True),
        "of_i": index(i, edges("i", 5)),
        "i_right": index(i, edges("i", 5), right=True),
        "of_equal": index(read["equal"], []),
        "of_none": index(read["none"], []),
        "of_ends": index(read["ends"], edges("ends", 4)),
        "hot": [{} if v != v else {int(v): 1.0} for v in index(y, edges("y", 4))],  # noqa: PLR0124
        "filled": index(filled, edges("y", 4)),
        "sketch": index(y, inner_edges([middle(v) for v in given(learnt["y"])], 10)),
    }
    if len(x) < 1000:
        for step, name, buckets in (("plain", "y", 10), ("halves", "y", 2), ("of_i", "i", 5)):
            check_sklearn(learnt[name], read[name], buckets, made[step])
        for name in ("y", "i"):
            buckets = {"y": 10, "i": 5}[name]
            check_pandas(learnt[name], buckets, index(learnt[name], edges(name, buckets), right=True))
    return made


def columns(rows: dict) -> dict[str, int]:
    edges = inner_edges([number(v, "float64") for v in rows["y"]], 4)
    return {"hot": len(edges) + 1}
