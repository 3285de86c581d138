"""Python's `sorted` over the set of repaired keys; UTF-8 sorts as its code points do."""

from harness.reference import column_of, ngrams, repair, xxh3


def keys(row: list | None) -> list[str] | None:
    return None if row is None else sorted({repair(key) for key, _ in row})


def bag(tokens: list[str] | None) -> dict[int, float]:
    row: dict[int, float] = {}
    for gram in ngrams(tokens or [], 1, 2):
        column = column_of(xxh3(gram.encode()), 16)
        row[column] = row.get(column, 0.0) + 1.0
    return row


def steps(rows: dict) -> dict:
    return {"keys": [keys(row) for row in rows["m"]], "others": [keys(row) for row in rows["w"]]}


def expected(rows: dict, mode: str) -> dict:
    made = steps(rows)
    count = [None if row is None else float(len(row)) for row in made["keys"]]
    return {"count": count, "bag": [bag(row) for row in made["keys"]], "more": [bag(row) for row in made["others"]]}
