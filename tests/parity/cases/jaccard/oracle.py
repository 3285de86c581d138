"""Python's sets of tokens and of character n-grams."""

from harness.reference import repair


def _tokens(row: list | None) -> set[str] | None:
    return None if row is None else {repair(token) for token in row}


def _ngrams(text: str | bytes | None, n: int) -> set[str] | None:
    if text is None:
        return None
    read = repair(text)
    return {read[i : i + n] for i in range(len(read) - n + 1)} or ({read} if read else set())


def _similarity(a: set[str] | None, b: set[str] | None, measure: str) -> float | None:
    if a is None or b is None:
        return None
    shared = len(a & b)
    sizes = {"jaccard": len(a | b), "dice": len(a) + len(b), "overlap": min(len(a), len(b))}
    return (2 if measure == "dice" else 1) * shared / sizes[measure] if shared else 0.0


def expected(rows: dict, mode: str) -> dict:
    terms = [(_tokens(q), _tokens(d)) for q, d in zip(rows["query"], rows["title"], strict=True)]
    texts = list(zip(rows["a"], rows["b"], strict=True))
    grams = lambda n, measure: [_similarity(_ngrams(a, n), _ngrams(b, n), measure) for a, b in texts]  # noqa: E731
    return {
        **{
            name: [_similarity(a, b, measure) for a, b in terms]
            for name, measure in (("terms", "jaccard"), ("dice", "dice"), ("overlap", "overlap"))
        },
        "texts": grams(3, "jaccard"),
        "single": grams(1, "jaccard"),
        "pairs": grams(2, "dice"),
        "long": grams(16, "overlap"),
    }
