"""scikit-learn's `TfidfVectorizer` in f64, fitted on the lists that are given.

A term of no document, whose weight it makes infinite without smoothing, weighs 0.0.

Within 1 ULP of f32: its logarithm is within 1 ULP of f64, the library's is correctly rounded. Steps without a logarithm
are exact.
"""

import numpy as np
from harness.query_rows import read
from sklearn.feature_extraction.text import TfidfVectorizer

_STEPS = {
    "plain": {},
    "counted": {"min_df": 3, "max_df": 40, "norm": "l1"},
    "shared": {"min_df": 0.05, "max_df": 0.5, "ngram_range": (1, 2)},
    "top": {"max_features": 3},
    "given": {"vocabulary": ["w3", "red", "w1", "w0"], "norm": None},
    "ones": {"binary": True},
    "tf": {"use_idf": False},
    "tf_raw": {"use_idf": False, "norm": None},
    "tf_ones": {"use_idf": False, "binary": True},
    "tf_raw_ones": {"use_idf": False, "norm": None, "binary": True, "ngram_range": (1, 2)},
    "tf_l1": {"use_idf": False, "norm": "l1"},
    "rough": {"smooth_idf": False, "norm": None},
    "unseen": {"smooth_idf": False, "vocabulary": ["red", "nowhere", "w1"]},
    "whole": {"smooth_idf": False},
    "sublinear": {"sublinear_tf": True, "norm": "l1", "ngram_range": (2, 3)},
}
ULP = {step: 1 for step, options in _STEPS.items() if options.get("use_idf", True)}


def same(value: object) -> object:
    return value


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    lists, learnt = read(rows["tokens"]), read((fit_rows or rows)["tokens"])
    made = {}
    for step, options in _STEPS.items():
        vectorizer = TfidfVectorizer(tokenizer=same, preprocessor=same, lowercase=False, token_pattern=None, **options)
        with np.errstate(divide="ignore"):
            vectorizer.fit([tokens for tokens in learnt if tokens is not None])
        idf = getattr(vectorizer, "idf_", np.zeros(0)) if options.get("use_idf", True) else np.zeros(0)
        if np.isinf(idf).any():
            vectorizer.idf_ = np.where(np.isinf(idf), 0.0, idf)
        matrix = vectorizer.transform([tokens or [] for tokens in lists]).tocsr()
        made[step] = [
            dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
            for row in (matrix[i] for i in range(len(lists)))
        ]
    return made
