"""Python's `len` over the items that are not missing."""


def length(row: list | None, *, entries: bool = False) -> float | None:
    if row is None:
        return None
    return float(len(row) if entries else len([x for x in row if x is not None and x == x]))  # noqa: PLR0124


def expected(rows: dict, mode: str) -> dict:
    made = {f"of_{name}": [length(row, entries=name in "mw") for row in rows[name]] for name in "sndacmw"}
    made["of_t"] = [None if text is None else float(len(text.split())) for text in rows["t"]]
    made["of_turn"] = [None if h is None or h - h != 0.0 else 2.0 for h in rows["h"]]
    return made
