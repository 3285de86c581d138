"""NumPy's statistics of the values of the query's different tokens, with logarithms of mpmath.

Sums, means and variances are within 1 ULP of f32, as NumPy adds pairwise; exact are minima and maxima, and the sums
and means of occurrences, which are whole numbers.
"""

import numpy as np
from harness.query_rows import read
from harness.reference import ln

_STATISTICS = {"sum": np.sum, "min": np.min, "max": np.max, "mean": np.mean, "variance": np.var}
_VALUES = ("tf", "tf_normalised", "idf", "tf_idf")
_NAMES = [(f"{v}_{s}_{o}", v, s) for v in _VALUES for s in _STATISTICS for o in ("query", "matched")]
ULP = {
    name: 1
    for name, value, statistic in _NAMES
    if statistic == "variance" or (statistic in ("sum", "mean") and value != "tf")
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    pairs = list(zip(read(rows["query"]), read(rows["title"]), strict=True))
    documents = [set(document) for document in read((fit_rows or rows)["title"]) if document is not None]
    frequency: dict[str, int] = {}
    for document in documents:
        for token in document:
            frequency[token] = frequency.get(token, 0) + 1
    known = {token for query, _ in pairs for token in query or ()}
    idf = {t: ln(1.0 + (len(documents) - frequency.get(t, 0) + 0.5) / (frequency.get(t, 0) + 0.5)) for t in known}
    made: dict[str, list] = {name: [] for name, *_ in _NAMES}
    for query, document in pairs:
        if query is None or document is None:
            for values in made.values():
                values.append(None)
            continue
        distinct = list(dict.fromkeys(query))
        for over in ("query", "matched"):
            tokens = [token for token in distinct if over == "query" or token in document]
            counts = np.array([document.count(token) for token in tokens], float)
            rarity = np.array([idf[token] for token in tokens], float)
            values = {
                "tf": counts,
                "tf_normalised": counts / max(len(document), 1),
                "idf": rarity,
                "tf_idf": counts * rarity,
            }
            for value, numbers in values.items():
                for name, statistic in _STATISTICS.items():
                    made[f"{value}_{name}_{over}"].append(float(statistic(numbers)) if tokens else 0.0)
    return {**made, "plain": made["tf_sum_query"]}
