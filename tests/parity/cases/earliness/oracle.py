"""`list.index` of every query token, in exact fractions."""

from fractions import Fraction

from harness.reference import repair
from harness.token_lists import each


def places(query: list[str], title: list[str]) -> list[Fraction]:
    return [1 - Fraction(title.index(word), len(title)) for word in set(query) if word in title]


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}

    def first(query: list[str], title: list[str]) -> float:
        return float(max(places(query, title), default=0))

    def mean(query: list[str], title: list[str]) -> float:
        found = places(query, title)
        return float(sum(found) / len(found)) if found else 0.0

    return {"plain": each(read, first), "first": each(read, first, "title", "query"), "mean": each(read, mean)}
