"""Shares by Python's sets, with logarithms of mpmath, added in the order that the formula names."""

from harness.query_rows import read
from harness.reference import ln


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    pairs = list(zip(read(rows["query"]), read(rows["title"]), strict=True))
    documents = [set(document) for document in read((fit_rows or rows)["title"]) if document is not None]
    frequency: dict[str, int] = {}
    for document in documents:
        for token in document:
            frequency[token] = frequency.get(token, 0) + 1

    idf_of: dict[str, float] = {}

    def idf(token: str) -> float:
        if token not in idf_of:
            df = float(frequency.get(token, 0))
            idf_of[token] = ln(1.0 + (len(documents) - df + 0.5) / (df + 0.5))
        return idf_of[token]

    def share(of: list[str], within: set[str], weight) -> float:
        covered = total = 0.0
        for token in of:
            total += weight(token)
            covered += weight(token) if token in within else 0.0
        return covered / total if total else 0.0

    def distinct(query: list[str]) -> list[str]:
        return list(dict.fromkeys(query))

    one = lambda token: 1.0  # noqa: E731
    made: dict[str, list] = {"of_query": [], "of_document": [], "query_idf": [], "document_idf": []}
    for query, document in pairs:
        if query is None or document is None:
            for values in made.values():
                values.append(None)
            continue
        made["of_query"].append(share(distinct(query), set(document), one))
        made["of_document"].append(share(document, set(query), one))
        made["query_idf"].append(share(distinct(query), set(document), idf))
        made["document_idf"].append(share(document, set(query), idf))
    return {**made, "named": made["of_query"]}
