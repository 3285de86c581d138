"""Python's sets."""

from harness.reference import category


def sets(rows: list, declared: str) -> list[set[bytes] | None]:
    return [None if row is None else {category(item, declared) for item in row} - {None} for row in rows]


def overlap(a: set[bytes] | None, b: set[bytes] | None, measure: str) -> float | None:
    if a is None or b is None:
        return None
    of = {"count": 1, "first": len(a), "second": len(b), "jaccard": len(a | b)}[measure]
    return len(a & b) / of if of else 0.0


def expected(rows: dict, mode: str) -> dict:
    s, t, n = sets(rows["s"], "string"), sets(rows["t"], "string"), sets(rows["n"], "int64")
    made = {
        measure: [overlap(*pair, measure) for pair in zip(s, t, strict=True)]
        for measure in ("count", "first", "second", "jaccard")
    }
    made["mixed"] = [overlap(*pair, "count") for pair in zip(s, n, strict=True)]
    return {**made, "self": [overlap(a, a, "jaccard") for a in s]}
