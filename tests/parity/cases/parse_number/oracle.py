"""Python's `float` of texts that match a regular expression, which is correctly rounded."""

import re

from harness.reference import repair

_NUMBER = re.compile(r"[ \t\n\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\f\r]*")


def _number(text: str | bytes | None) -> float | None:
    found = None if text is None else _NUMBER.fullmatch(repair(text))
    return float(found[1]) if found else None


def expected(rows: dict, mode: str) -> dict:
    return {
        "number": [_number(text) for text in rows["text"]],
        "grams": [_number(entries.get("weight")) for entries in rows["attributes"]],
    }
