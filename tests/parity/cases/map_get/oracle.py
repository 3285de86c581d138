"""A Python dictionary made of the entries, whose last entry of a key stays."""

from harness.reference import column_of, cross, number, repair, xxh3

_NUMBERS = {
    "float": ("floats", "float64"),
    "single": ("small", "float32"),
    "int": ("ints", "int64"),
    "short": ("shorts", "int32"),
    "flag": ("flags", "bool"),
    "cent": ("cents", "decimal"),
}


def get(entries: list | None, key: str) -> object:
    return {repair(k): v for k, v in entries or []}.get(key)


def steps(rows: dict) -> dict:
    def texts(key: str) -> list:
        found = [get(entries, key) for entries in rows["texts"]]
        return [None if text is None else repair(text) for text in found]

    return {"colour": texts("colour"), "accent": texts("f\u00e0ct\0")}


def expected(rows: dict, mode: str) -> dict:
    made = {"odd": [number(get(entries, "fact\ufffd"), "float64") for entries in rows["floats"]]}
    made |= {
        name: [number(get(entries, "fact"), declared) for entries in rows[column]]
        for name, (column, declared) in _NUMBERS.items()
    }
    shown = steps(rows)
    made["colours"] = [
        {} if a is None or b is None else {column_of(cross(xxh3(a.encode()), xxh3(b.encode())), 20): 1.0}
        for a, b in zip(shown["colour"], shown["accent"], strict=True)
    ]
    return made
