"""200 candidates of a query a call through `product_search`, one core; the peer is BM25 of the title in plain Python.

The queries are every eighth of the judged ones, of one to three words.

The scores are compared first, over the same tokens. The peer computes one feature, `product_search` all of them.
"""

from __future__ import annotations

import collections
import math
import re
from datetime import datetime, timezone

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from harness import ROOT, SHARED, report, seconds

SPEC = """
buzzsaw: 1
name: peer
inputs: {query: {type: list<string>, side: query}, title: {type: list<string>, side: document}}
steps: {score: {transform: bm25, inputs: [query, title]}}
features: [score]
"""
CANDIDATES = 200


def tokens(text: str) -> list[str]:
    """Lower-case alphanumeric runs, plural s dropped from words longer than three."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words]


def main() -> None:
    """Compares the scores, then times both."""
    folder = SHARED / "data" / "icecat"
    documents = pq.read_table(folder / "products.parquet")
    judged = pq.read_table(folder / "judgments.parquet").sort_by("query")
    at = {product: i for i, product in enumerate(documents["product_id"].to_pylist())}

    def with_query(rows: pa.Table, queries: list[str]) -> pa.Table:
        now = pa.array([datetime(2026, 11, 22, tzinfo=timezone.utc)] * len(queries), pa.timestamp("us", tz="UTC"))
        for name in ("query", "qid", "group_id"):
            rows = rows.append_column(name, pa.array(queries))
        return rows.append_column("now", now)

    pairs = with_query(documents.take([at[i] for i in judged["product_id"].to_pylist()]), judged["query"].to_pylist())
    pairs = pairs.append_column("rating", judged["rating"])
    pipeline = bz.fit(bz.Spec.load(ROOT / "schemas" / "specs" / "product_search.yaml"), pairs, documents, threads=1)
    queries = judged["query"].unique().to_pylist()[::8]
    candidates = documents.slice(0, CANDIDATES)
    batches = [with_query(candidates, [query] * CANDIDATES).combine_chunks().to_batches()[0] for query in queries]
    shown = candidates["title"].to_pylist()

    titles = [tokens(title or "") for title in documents["title"].to_pylist()]
    df = collections.Counter(word for title in titles for word in set(title))
    mean = sum(map(len, titles)) / len(titles)

    def score(words: list[str], title: list[str]) -> float:
        counts = collections.Counter(title)
        total = 0.0
        for word in words:
            idf = math.log(1 + (len(titles) - df[word] + 0.5) / (df[word] + 0.5))
            total += idf * counts[word] / (counts[word] + 1.2 * (0.25 + 0.75 * len(title) / mean))
        return total

    def theirs() -> list[float]:
        return [score(words, tokens(title or "")) for words in map(tokens, queries) for title in shown]

    def ours() -> None:
        for batch in batches:
            pipeline.transform(batch)

    check = bz.fit(bz.Spec.parse(SPEC), {}, documents=pa.table({"title": titles}), threads=1)
    asked = [tokens(query) for query in queries for _ in shown]
    table = pa.table({"query": asked, "title": titles[:CANDIDATES] * len(queries)})
    if not np.allclose(check.transform(table).dense[:, 0], theirs(), rtol=1e-6, atol=1e-6):
        raise SystemExit("product_search: the scores differ from the peer's, so no ratio is given")
    ours()
    timed = [(seconds(ours), seconds(theirs)) for _ in range(9)]
    count = CANDIDATES * len(queries)
    each = sorted(mine for mine, _ in timed)[4] / count * 1e6
    features = len(pipeline.transform(batches[0]).feature_names)
    report(
        bench="product_search",
        case=f"{CANDIDATES} candidates a call, {len(queries)} queries, {features} features against the peer's one",
        peer="plain Python, BM25 of the title",
        pairs=timed,
        amount=count,
        unit="candidates/s",
        us_per_candidate=round(each, 3),
        us_per_candidate_and_10_features=round(each * 10 / features, 3),
    )


if __name__ == "__main__":
    main()
