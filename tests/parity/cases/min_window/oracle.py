"""Every window of the document, from the shortest on."""

from harness.reference import repair
from harness.token_lists import each


def shortest(query: list[str], title: list[str]) -> tuple[int, int]:
    """Its length, and how many different query tokens are in it."""
    wanted = set(query) & set(title)
    if not wanted:
        return 0, 1
    windows = ((n, title[i : i + n]) for n in range(1, len(title) + 1) for i in range(len(title) - n + 1))
    return next((n, len(wanted)) for n, window in windows if wanted <= set(window))


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}

    def density(query: list[str], title: list[str]) -> float:
        length, found = shortest(query, title)
        return found / length if length else 0.0

    return {
        "plain": each(read, lambda q, t: float(shortest(q, t)[0])),
        "length": each(read, lambda q, t: float(shortest(q, t)[0]), "title", "query"),
        "density": each(read, density),
    }
