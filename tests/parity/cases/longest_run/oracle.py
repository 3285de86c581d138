"""`difflib.SequenceMatcher.find_longest_match` without its heuristic for frequent items."""

from difflib import SequenceMatcher

from harness.reference import repair
from harness.token_lists import each


def longest(query: list[str], title: list[str]) -> int:
    return SequenceMatcher(None, query, title, autojunk=False).find_longest_match().size


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}
    return {
        "plain": each(read, lambda q, t: float(longest(q, t))),
        "length": each(read, lambda q, t: float(longest(q, t)), "title", "query"),
        "share": each(read, lambda q, t: longest(q, t) / len(q) if q else 0.0),
    }
