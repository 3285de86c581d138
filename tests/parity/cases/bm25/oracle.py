"""BM25 as Lucene has it since 8.0, naively, with correctly rounded logarithms (mpmath)."""

from harness.query_rows import read
from harness.reference import ln

_STEPS = {
    "plain": (1.2, 0.75, "query", "title"),
    "binary": (0.0, 0.75, "query", "title"),
    "flat": (2.5, 0.0, "query", "title"),
    "full": (1.5, 1.0, "query", "title"),
    "backward": (0.9, 0.4, "title", "query"),
}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (k1, b, query_name, document_name) in _STEPS.items():
        documents = [document for document in read((fit_rows or rows)[document_name]) if document is not None]
        average = sum(map(len, documents)) / len(documents)
        sets = [set(document) for document in documents]
        known: dict[str, float] = {}

        def score(query: list[str] | None, document: list[str] | None) -> float | None:
            if query is None or document is None:
                return None
            total = 0.0
            for word in query:
                tf = float(document.count(word))
                if tf:
                    if word not in known:  # noqa: B023
                        df = float(sum(word in other for other in sets))  # noqa: B023
                        known[word] = ln(1.0 + (len(documents) - df + 0.5) / (df + 0.5))  # noqa: B023
                    idf = known[word]  # noqa: B023
                    length = len(document) / average  # noqa: B023
                    total += idf * (tf / (tf + k1 * (1.0 - b + b * length)))  # noqa: B023
            return total

        made[step] = [score(*pair) for pair in zip(read(rows[query_name]), read(rows[document_name]), strict=True)]
    return made
