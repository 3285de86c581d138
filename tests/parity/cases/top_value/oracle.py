"""`collections.Counter.most_common`, which keeps the order of first occurrence."""

from collections import Counter

from harness.reference import category, text_row


def top(row: list | None, declared: str) -> str | None:
    counted = Counter(category(item, declared) for item in row or [] if item is not None)
    return counted.most_common(1)[0][0].decode() if counted else None


def steps(rows: dict) -> dict:
    return {"text": [top(row, "string") for row in rows["s"]], "number": [top(row, "int64") for row in rows["n"]]}


def expected(rows: dict, mode: str) -> dict:
    made = steps(rows)
    return {"texts": [text_row(text) for text in made["text"]], "numbers": [text_row(text) for text in made["number"]]}
