"""Python's `in`."""

from harness.reference import category


def contained(rows: dict, listed: tuple[str, str], items: list[bytes | None]) -> list[float | None]:
    column, declared = listed
    lists = [None if row is None else [category(item, declared) for item in row] for row in rows[column]]
    return [None if row is None or item is None else float(item in row) for row, item in zip(lists, items, strict=True)]


def expected(rows: dict, mode: str) -> dict:
    q = [category(item, "string") for item in rows["q"]]
    k = [category(item, "int32") for item in rows["k"]]
    count = len(q)
    return {
        "text": contained(rows, ("s", "string"), q),
        "number": contained(rows, ("n", "int64"), k),
        "mixed": contained(rows, ("s", "string"), k),
        "binary": contained(rows, ("b", "binary"), q),
        "red": contained(rows, ("s", "string"), [b"red"] * count),
        "empty": contained(rows, ("s", "string"), [b""] * count),
        "seven": contained(rows, ("n", "int64"), [b"-7"] * count),
    }
