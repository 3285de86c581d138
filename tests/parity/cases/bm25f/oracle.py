"""BM25F with a saturation over the weighed fields, naively, with logarithms of mpmath."""

from harness.reference import ln, repair

_STEPS = {
    "plain": (("title", "body"), (1.0, 1.0), (0.75, 0.75), 1.2),
    "weighed": (("title", "body"), (2.5, 0.5), (0.3, 1.0), 2.0),
    "one": (("body",), (1.0,), (0.0,), 1.2),
    "alike": (("title", "body"), (3.0, 3.0), (0.4, 0.4), 1.2),
    "absent": (("title", "body"), (0.0, 1.0), (0.75, 0.75), 0.0),
}


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}
    made = {}
    for step, (fields, weights, bs, k1) in _STEPS.items():
        columns = [read[field] for field in fields]
        whole = [[t for t in row if t is not None] for row in zip(*columns, strict=True)]
        count = sum(bool(row) for row in whole)
        frequency: dict[str, int] = {}
        for row in whole:
            for token in {token for field in row for token in field}:
                frequency[token] = frequency.get(token, 0) + 1
        means = []
        for column in columns:
            given = [len(field) for field in column if field is not None]
            means.append(sum(given) / len(given))
        known: dict[str, float] = {}
        values: list[float | None] = []
        for query, row in zip(read["query"], zip(*columns, strict=True), strict=True):
            if query is None or all(field is None for field in row):
                values.append(None)
                continue
            total = 0.0
            for token in query:
                s = 0.0
                for field, weight, b, mean in zip(row, weights, bs, means, strict=True):
                    tf = field.count(token) if field is not None else 0
                    if tf:
                        s += weight * tf / (1.0 - b + b * (len(field) / mean))
                if s > 0.0:
                    if token not in known:
                        df = float(frequency[token])
                        known[token] = ln(1.0 + (count - df + 0.5) / (df + 0.5))
                    total += known[token] * (s / (k1 + s))
            values.append(total)
        made[step] = values
    return made
