"""Python's sets and `list.count`."""

from harness.reference import repair


def _read(rows: dict) -> list[tuple[list[str] | None, list[str] | None]]:
    tokens = lambda row: None if row is None else [repair(token) for token in row]  # noqa: E731
    return [(tokens(q), tokens(d)) for q, d in zip(rows["query"], rows["title"], strict=True)]


def expected(rows: dict, mode: str) -> dict:
    pairs = _read(rows)
    given = [query is not None and document is not None for query, document in pairs]
    distinct = lambda a, b: float(len(set(a) & set(b)))  # noqa: E731
    occurrences = lambda q, d: float(sum(d.count(token) for token in set(q)))  # noqa: E731
    of = lambda score: [score(q, d) if ok else None for ok, (q, d) in zip(given, pairs, strict=True)]  # noqa: E731
    return {"plain": of(distinct), "occurrences": of(occurrences), "backward": of(distinct)}
