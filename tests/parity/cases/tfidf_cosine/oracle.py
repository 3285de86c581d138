"""scikit-learn's `TfidfVectorizer` and `cosine_similarity`, fitted on the lists that are given.

Within 2 ULP of f32: its logarithm is within 1 ULP of f64, and it adds in another order.
"""

import numpy as np
from harness.query_rows import read
from sklearn.feature_extraction.text import TfidfVectorizer

ULP = {"plain": 2, "sublinear": 2, "backward": 2}


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    given = {name: read(values) for name, values in rows.items()}
    learnt = {name: read(values) for name, values in (fit_rows or rows).items()}

    def cosines(query: str, title: str, sublinear: bool = False) -> list[float | None]:
        pairs = list(zip(given[query], given[title], strict=True))
        documents = [document for document in learnt[title] if document is not None]
        peer = TfidfVectorizer(analyzer=lambda tokens: tokens, sublinear_tf=sublinear).fit(documents)
        weighed = [peer.transform([side or [] for side in sides]) for sides in zip(*pairs, strict=True)]
        products = np.asarray(weighed[0].multiply(weighed[1]).sum(axis=1)).ravel()
        return [None if q is None or d is None else float(x) for (q, d), x in zip(pairs, products, strict=True)]

    return {
        "plain": cosines("query", "title"),
        "sublinear": cosines("query", "title", sublinear=True),
        "backward": cosines("title", "query"),
    }
