"""scikit-learn's `HashingVectorizer` for `hash: sklearn`; the C library's bindings (`xxhash`) for `hash: xxh3`.

For `hash: spark` MurmurHash3 in Python, as Appleby's SMHasher has it; `tests/oracles/spark_vectors.py` holds
Spark's own columns against the library. `log_sk` is within 1 ULP of f32: scikit-learn's logarithm is within 1 ULP of
f64.
"""

from functools import cache

from harness.reference import column_of, ln, ngrams, repair, scaled, xxh3
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

ULP = {"log_sk": 1}
_MASK = 0xFFFFFFFF
_ln = cache(ln)


def same(value: object) -> object:
    return value


def hashed(
    tokens: list[str], bits: int = 18, *, seed: int = 0, signed: bool = False, binary: bool = False, norm: str = "none",
    low: int = 1, high: int = 1, log: bool = False,
) -> dict[int, float]:  # fmt: skip
    row: dict[int, float] = {}
    for gram in ngrams(tokens, low, high):
        value = xxh3(gram.encode(), seed)
        column = column_of(value, bits)
        row[column] = row.get(column, 0.0) + (-1.0 if signed and value >= 1 << 63 else 1.0)
    if binary:
        row = dict.fromkeys(row, 1.0)
    if log:
        row = {c: (1.0 if v > 0 else -1.0) * (1.0 + _ln(abs(v))) if v else 0.0 for c, v in row.items()}
    return scaled(row, norm)


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & _MASK


@cache
def murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3_x86_32."""
    h, blocks = seed, len(data) // 4 * 4
    for at in range(0, len(data), 4):
        k = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & _MASK
        h ^= _rotated(k, 15) * 0x1B873593 & _MASK
        if at < blocks:
            h = (_rotated(h, 13) * 5 + 0xE6546B64) & _MASK
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & _MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & _MASK
    return h ^ h >> 16


def spark(tokens: list[str], columns: int, high: int = 1) -> dict[int, float]:
    row: dict[int, float] = {}
    for gram in ngrams(tokens, 1, high):
        hashed = murmur3(gram.encode(), 42)
        signed = hashed - (1 << 32) if hashed >= 1 << 31 else hashed
        row[signed % columns] = row.get(signed % columns, 0.0) + 1.0
    return row


def sklearn(
    lists: list[list[str]], columns: int, low: int = 1, high: int = 1, *, log: bool = False, **options: object
) -> list[dict[int, float]]:
    vectorizer = HashingVectorizer(
        n_features=columns, ngram_range=(low, high), tokenizer=same, preprocessor=same, lowercase=False,
        token_pattern=None, **options,
    )  # fmt: skip
    matrix = vectorizer.transform(lists).tocsr()
    if log:
        matrix = TfidfTransformer(norm="l1", use_idf=False, sublinear_tf=True).fit_transform(matrix).tocsr()
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
        "log": {"bits": 12, "log": True, "norm": "l2"},
        "log_signed": {"bits": 3, "signed": True, "log": True},
        "log_ones": {"bits": 4, "binary": True, "norm": "l1"},
    }
    made = {name: [hashed(tokens, **options) for tokens in lists] for name, options in steps.items()}
    return {
        **made,
        "sk": sklearn(lists, 2**20, norm="l2"),
        "sk_plain": sklearn(lists, 2**20, norm=None, alternate_sign=False),
        "sk_tiny": sklearn(lists, 2, norm=None),
        "sk_ones": sklearn(lists, 8, norm="l1", binary=True),
        "sk_grams": sklearn(lists, 2**30, 2, 3, norm="l1"),
        "sk_odd": sklearn(lists, 999, norm=None),
        "spark": [spark(tokens, 2**18) for tokens in lists],
        "spark_odd": [spark(tokens, 1000, 2) for tokens in lists],
        "spark_all": [scaled(spark(tokens, 2**31 - 1), "l2") for tokens in lists],
        "spark_one": [dict.fromkeys(spark(tokens, 1), 1.0) for tokens in lists],
        "log_sk": sklearn(lists, 256, norm=None, alternate_sign=False, log=True),
    }
