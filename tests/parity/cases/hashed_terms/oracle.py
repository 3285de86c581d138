"""scikit-learn's `HashingVectorizer` for `hash: sklearn`; the C library's bindings (`xxhash`) for `hash: xxh3`."""

from harness.reference import column_of, ngrams, repair, scaled, xxh3
from sklearn.feature_extraction.text import HashingVectorizer


def same(value: object) -> object:
    return value


def hashed(
    tokens: list[str], bits: int = 18, *, seed: int = 0, signed: bool = False, binary: bool = False, norm: str = "none",
    low: int = 1, high: int = 1,
) -> dict[int, float]:  # fmt: skip
    row: dict[int, float] = {}
    for gram in ngrams(tokens, low, high):
        value = xxh3(gram.encode(), seed)
        column = column_of(value, bits)
        row[column] = row.get(column, 0.0) + (-1.0 if signed and value >= 1 << 63 else 1.0)
    if binary:
        row = dict.fromkeys(row, 1.0)
    return scaled(row, norm)


def sklearn(
    lists: list[list[str]], bits: int, low: int = 1, high: int = 1, **options: object
) -> list[dict[int, float]]:
    vectorizer = HashingVectorizer(
        n_features=2**bits, ngram_range=(low, high), tokenizer=same, preprocessor=same, lowercase=False,
        token_pattern=None, **options,
    )  # fmt: skip
    matrix = vectorizer.transform(lists).tocsr()
    rows = [matrix[i] for i in range(len(lists))]
    return [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in rows]


def expected(rows: dict, mode: str) -> dict:
    lists = [[repair(token) for token in tokens or []] for tokens in rows["tokens"]]
    steps = {
        "plain": {},
        "signed": {"bits": 4, "signed": True, "seed": 9},
        "binary": {"bits": 2, "signed": True, "binary": True},
        "l1": {"bits": 6, "norm": "l1"},
        "l2": {"bits": 31, "norm": "l2", "high": 2},
        "long": {"bits": 12, "low": 3, "high": 8, "seed": 2**64 - 1},
    }
    made = {name: [hashed(tokens, **options) for tokens in lists] for name, options in steps.items()}
    return {
        **made,
        "sk": sklearn(lists, 20, norm="l2"),
        "sk_plain": sklearn(lists, 20, norm=None, alternate_sign=False),
        "sk_tiny": sklearn(lists, 1, norm=None),
        "sk_ones": sklearn(lists, 3, norm="l1", binary=True),
        "sk_grams": sklearn(lists, 30, 2, 3, norm="l1"),
    }
