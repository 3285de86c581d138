"""A regular expression and sets."""

import re

from harness.reference import MISSING, repair

_UNIT = re.compile(r"[.,]?[0-9]")


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}

    def each(count: object, a: str = "query", b: str = "title") -> list[float]:
        made = []
        for query, document in zip(read[a], read[b], strict=True):
            if query is None or document is None:
                made.append(MISSING)
                continue
            units = {word for word in query if _UNIT.match(word)}
            made.append(float(count(units, units & set(document))))
        return made

    return {
        "plain": each(lambda units, found: len(found)),
        "matched": each(lambda units, found: len(found), "title", "query"),
        "unmatched": each(lambda units, found: len(units - found)),
        "share": each(lambda units, found: len(found) / len(units) if units else 0.0),
    }
