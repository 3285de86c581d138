"""BM25F with a saturation over the weighed fields, naively, with logarithms of mpmath.

A field that is empty in every fitted row has no mean length: any length there is 0 of it, and with a `b` of 1 a token
saturates.
"""

from math import inf

from harness.query_rows import read
from harness.reference import ln

_STEPS = {
    "plain": (("title", "body"), (1.0, 1.0), (0.75, 0.75), 1.2),
    "weighed": (("title", "body"), (2.5, 0.5), (0.3, 1.0), 2.0),
    "one": (("body",), (1.0,), (0.0,), 1.2),
    "alike": (("title", "body"), (3.0, 3.0), (0.4, 0.4), 1.2),
    "emptied": (("body", "notes"), (1.0, 1.0), (0.75, 0.25), 1.2),
    "in_full": (("title", "notes"), (1.0, 1.0), (1.0, 1.0), 1.2),
    "absent": (("title", "body"), (0.0, 1.0), (0.75, 0.75), 0.0),
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    given = {name: read(values) for name, values in rows.items()}
    learnt = {name: read(values) for name, values in (fit_rows or rows).items()}
    made = {}
    for step, (fields, weights, bs, k1) in _STEPS.items():
        columns = [learnt[field] for field in fields]
        whole = [[t for t in row if t is not None] for row in zip(*columns, strict=True)]
        count = sum(bool(row) for row in whole)
        frequency: dict[str, int] = {}
        for row in whole:
            for token in {token for field in row for token in field}:
                frequency[token] = frequency.get(token, 0) + 1
        means = []
        for column in columns:
            lengths = [len(field) for field in column if field is not None]
            means.append(sum(lengths) / len(lengths))
        known: dict[str, float] = {}
        values: list[float | None] = []
        for query, row in zip(given["query"], zip(*(given[field] for field in fields), strict=True), strict=True):
            if query is None or all(field is None for field in row):
                values.append(None)
                continue
            total = 0.0
            for token in query:
                s = 0.0
                for field, weight, b, mean in zip(row, weights, bs, means, strict=True):
                    tf = field.count(token) if field is not None else 0
                    if tf:
                        norm = 1.0 - b + b * (len(field) / mean if mean else 0.0)
                        s += weight * tf / norm if norm else inf
                if s > 0.0:
                    if token not in known:
                        df = float(frequency.get(token, 0))
                        known[token] = ln(1.0 + (count - df + 0.5) / (df + 0.5))
                    total += known[token] * (1.0 if s == inf else s / (k1 + s))
            values.append(total)
        made[step] = values
    return made
