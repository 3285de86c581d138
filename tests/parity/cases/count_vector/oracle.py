"""scikit-learn's `CountVectorizer` fitted on the lists that are given; `min_tf` by the formula of Spark ML's."""

from harness.query_rows import read
from harness.reference import ngrams
from sklearn.feature_extraction.text import CountVectorizer

_STEPS = {
    "plain": {},
    "counted": {"min_df": 3, "max_df": 40},
    "exact": {"min_df": 3, "max_df": 3},
    "shared": {"min_df": 0.05, "max_df": 0.5, "ngram_range": (1, 2)},
    "top": {"max_features": 3},
    "given": {"vocabulary": ["w3", "red", "w1", "w0"]},
    "ones": {"binary": True},
    "any": {},
    "often": {"min_tf": 2},
    "share": {"min_tf": 0.25},
    "alone": {"min_tf": 1.0, "vocabulary": ["red", "w1"]},
    "often_ones": {"min_tf": 2, "binary": True, "ngram_range": (1, 2)},
}


def same(value: object) -> object:
    return value


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    lists, learnt = read(rows["tokens"]), read((fit_rows or rows)["tokens"])
    made = {}
    for step, given in _STEPS.items():
        options = dict(given)
        min_tf, ones = options.pop("min_tf", 1), options.pop("binary", False)
        vectorizer = CountVectorizer(tokenizer=same, preprocessor=same, lowercase=False, token_pattern=None, **options)
        vectorizer.fit([tokens for tokens in learnt if tokens is not None])
        matrix = vectorizer.transform([tokens or [] for tokens in lists]).tocsr()
        made[step] = []
        for tokens, row in zip(lists, (matrix[i] for i in range(len(lists))), strict=True):
            length = len(ngrams(tokens or [], *options.get("ngram_range", (1, 1))))
            least = min_tf * length if isinstance(min_tf, float) else min_tf
            entries = zip(row.indices.tolist(), row.data.tolist(), strict=True)
            made[step].append({column: 1.0 if ones else float(n) for column, n in entries if n >= least})
    return made
