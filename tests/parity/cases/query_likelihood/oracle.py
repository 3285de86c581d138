"""The formulas of Zhai and Lafferty, naively, with logarithms of mpmath; Lucene's collection probability."""

from harness.query_rows import read
from harness.reference import ln

_STEPS = {
    "plain": (2000.0, None, False),
    "small_mu": (2.5, None, False),
    "averaged": (2000.0, None, True),
    "mixed": (None, 0.1, False),
    "mostly_all": (None, 0.7, True),
    "only_all": (None, 1.0, False),
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    pairs = list(zip(read(rows["query"]), read(rows["title"]), strict=True))
    occurrences: dict[str, int] = {}
    for document in read((fit_rows or rows)["title"]):
        for token in document or ():
            occurrences[token] = occurrences.get(token, 0) + 1
    tokens = float(sum(occurrences.values()))

    def score(query: list[str], document: list[str], mu: float | None, weight: float, average: bool) -> float:
        total, length = 0.0, float(len(document))
        for token in query:
            p = (occurrences.get(token, 0) + 1.0) / (tokens + 1.0)
            tf = float(document.count(token))
            if mu is not None:
                total += ln((tf + mu * p) / (length + mu))
            else:
                total += ln((1.0 - weight) * (tf / length) + weight * p if document else weight * p)
        return total / len(query) if average and query else total

    return {
        name: [None if q is None or d is None else score(q, d, mu, weight, average) for q, d in pairs]
        for name, (mu, weight, average) in _STEPS.items()
    }
