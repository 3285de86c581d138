"""`pandas.DataFrame.bfill` over the inputs for numbers, the first that is not None for texts."""

import pandas as pd
from harness.reference import category, column_of, cross, number, repair, xxh3

_TYPES = {
    "x": "float64",
    "y": "float64",
    "i": "int64",
    "b": "bool",
    "s": "string",
    "t": "string",
    "raw": "binary",
    "day": "date",
}


def steps(rows: dict) -> dict:
    def first(*names: str) -> list:
        cells = zip(*([category(value, _TYPES[name]) for value in rows[name]] for name in names), strict=True)
        found = (next((cell for cell in row if cell is not None), None) for row in cells)
        return [None if cell is None else repair(cell) for cell in found]

    return {"texts": first("s", "t"), "kinds": first("raw", "i", "s", "day", "b")}


def expected(rows: dict, mode: str) -> dict:
    def first(*names: str) -> list[float]:
        frame = pd.DataFrame({name: [number(value, _TYPES[name]) for value in rows[name]] for name in names})
        return frame.bfill(axis=1).iloc[:, 0].tolist()

    shown = steps(rows)
    return {
        "two": first("x", "y"),
        "three": first("x", "i", "y"),
        "whole": first("b", "i"),
        "filled": [5.0 if value is None or value != value else value for value in rows["x"]],  # noqa: PLR0124
        "crossed": [
            {} if a is None or b is None else {column_of(cross(xxh3(a.encode()), xxh3(b.encode())), 20): 1.0}
            for a, b in zip(shown["texts"], shown["kinds"], strict=True)
        ],
    }
