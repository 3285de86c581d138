"""scikit-learn's `TfidfVectorizer` and `cosine_similarity`, fitted on the lists that are given.

Within 2 ULP of f32: its logarithm is within 1 ULP of f64, and it adds in another order.
"""

import numpy as np
from harness.reference import repair
from sklearn.feature_extraction.text import TfidfVectorizer

ULP = {"plain": 2, "sublinear": 2, "backward": 2}


def _read(rows: dict) -> list[tuple[list[str] | None, list[str] | None]]:
    tokens = lambda row: None if row is None else [repair(token) for token in row]  # noqa: E731
    return [(tokens(q), tokens(d)) for q, d in zip(rows["query"], rows["title"], strict=True)]


def expected(rows: dict, mode: str) -> dict:
    pairs = _read(rows)

    def cosines(pairs: list, sublinear: bool) -> list[float | None]:
        documents = [document for _, document in pairs if document is not None]
        peer = TfidfVectorizer(analyzer=lambda tokens: tokens, sublinear_tf=sublinear).fit(documents)
        weighed = [peer.transform([side or [] for side in sides]) for sides in zip(*pairs, strict=True)]
        products = np.asarray(weighed[0].multiply(weighed[1]).sum(axis=1)).ravel()
        return [None if q is None or d is None else float(x) for (q, d), x in zip(pairs, products, strict=True)]

    return {
        "plain": cosines(pairs, False),
        "sublinear": cosines(pairs, True),
        "backward": cosines([(d, q) for q, d in pairs], False),
    }
