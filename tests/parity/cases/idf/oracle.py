"""Spark ML's `IDF` by its formula, with correctly rounded logarithms (mpmath).

`tests/oracles/spark_vectors.py` holds Spark's own weights against the library's, whose logarithm is within 1 ULP there.
"""

from functools import cache

from harness.reference import column_of, ln, repair, xxh3

_ln = cache(ln)


def counts(tokens: list | None, bits: int, *, signed: bool = False) -> dict[int, float]:
    row: dict[int, float] = {}
    for token in tokens or []:
        value = xxh3(repair(token).encode())
        column = column_of(value, bits)
        row[column] = row.get(column, 0.0) + (-1.0 if signed and value >= 1 << 63 else 1.0)
    return row


def numbers(entries: dict | list | None) -> dict[int, float]:
    """One column a key: none of the case's keys meet in 2^31 columns."""
    row = {}
    for key, value in dict(entries or {}).items():
        if value is not None and value == value and value != 0:  # noqa: PLR0124  NaN differs from itself
            column = column_of(xxh3(key.encode()), 31)
            assert column not in row
            row[column] = value
    return row


def idf(rows: list[dict[int, float]], learnt: list[dict[int, float]], least: int = 0) -> list[dict[int, float]]:
    frequencies: dict[int, int] = {}
    for row in learnt:
        for column, value in row.items():
            frequencies[column] = frequencies.get(column, 0) + (value > 0)

    def weighed(column: int, value: float) -> float:
        frequency = frequencies.get(column, 0)
        weight = 0.0 if frequency < least else _ln((len(learnt) + 1.0) / (frequency + 1.0))
        return 0.0 if weight == 0.0 else value * weight

    return [{column: weighed(column, value) for column, value in row.items()} for row in rows]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    both = (rows, fit_rows or rows)
    counted, learnt = ([counts(tokens, 6) for tokens in of["tokens"]] for of in both)
    signed = [[counts(tokens, 3, signed=True) for tokens in of["tokens"]] for of in both]
    weighted = [[numbers(entries) for entries in of["weights"]] for of in both]
    plain = idf(counted, learnt)
    return {
        "plain": plain,
        "often": idf(counted, learnt, 16),
        "signed": idf(*signed),
        "weighted": idf(*weighted, 2),
        "twice": idf(plain, idf(learnt, learnt), 1),
    }


def columns(rows: dict) -> dict[str, int]:
    return {"plain": 2**6, "often": 2**6, "signed": 2**3, "weighted": 2**31, "twice": 2**6}
