"""scikit-learn's values, where a mode claims them: on all text of the real catalogue and on text of all of Unicode.

Counts and hashes are compared by bits after scikit-learn's f64 is rounded to f32 once. Its `TfidfVectorizer` takes a
logarithm within 1 ULP of f64, where the library's is correctly rounded: 1 ULP of f32 is allowed there, and indices
must be equal.
"""

import os
import random
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import Catalogue
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared"))
ROWS = 200_000

HASHED = """
buzzsaw: 1
name: hashed
inputs:
  text: {{type: string, side: document}}
steps:
  words: {{transform: tokenize, input: text, analyzer: sklearn}}
  out: {{transform: hashed_terms, input: words, hash: sklearn, {options}}}
features: [out]
"""

#: Parameters here, and scikit-learn's for the same.
HASHERS = {
    "signed, l2": ("bits: 20, signed: true, norm: l2", {}),
    "counts": ("bits: 20", {"alternate_sign": False, "norm": None}),
    "binary": ("bits: 20, signed: true, binary: true, norm: l2", {"binary": True}),
    "single words and pairs": ("bits: 20, signed: true, norm: l2, ngrams: [1, 2]", {"ngram_range": (1, 2)}),
    # So few columns that words collide in most rows: they add up, and with signs some cancel to zero.
    "signed, l2, 16 columns": ("bits: 4, signed: true, norm: l2", {"n_features": 16}),
    "binary, 16 columns": ("bits: 4, signed: true, binary: true", {"n_features": 16, "binary": True, "norm": None}),
    "l1 of pairs, 16 columns": (
        "bits: 4, norm: l1, ngrams: [2, 2]",
        {"n_features": 16, "alternate_sign": False, "norm": "l1", "ngram_range": (2, 2)},
    ),
}

TFIDF = """
buzzsaw: 1
name: weighed
inputs:
  text: {{type: string, side: document}}
steps:
  words: {{transform: tokenize, input: text, analyzer: sklearn}}
  out: {{transform: tfidf, input: words{options}}}
features: [out]
"""

WEIGHERS = {
    "defaults": ("", {}),
    "words and pairs, sublinear": (
        ", ngrams: [1, 2], min_df: 3, max_df: 0.2, sublinear_tf: true",
        {"ngram_range": (1, 2), "min_df": 3, "max_df": 0.2, "sublinear_tf": True},
    ),
    "binary, not smooth, l1": (
        ", min_df: 0.001, binary: true, smooth_idf: false, norm: l1",
        {"min_df": 0.001, "binary": True, "smooth_idf": False, "norm": "l1"},
    ),
}


def product_texts() -> list[str]:
    """Everything that is text in the catalogue, a row a product; of the generated one where the real one is absent."""
    path = SHARED / "data" / "icecat" / "products.parquet"
    table = pq.read_table(path) if path.exists() else Catalogue(products=5_000).product_table()
    names = ("title", "short_description", "model_name", "supplier")
    rows = []
    for product in table.to_pylist():
        facets = [part for facet in product["attributes"] or [] for part in facet]
        parts = [*(product[name] for name in names), *(product["ean"] or []), *facets]
        rows.append("\n".join(part for part in parts if part is not None))
    return rows


#: Characters whose case or class depends on more than a table lookup, and their neighbours.
_CASED = [
    "İ", "I\u0307", "ı", "ß", "ẞ", "ǅ", "Ǆ", "ǆ", "ﬁ", "ſ", "\u212a", "\u212b", "Σ", "σ", "ς", "Ω", "\u2126", "ᾼ", "𐐀",
    "Ა",
]  # fmt: skip
_SIGMAS = [
    "ΟΔΟΣ", "ΟΔΟΣ.", "ΑΣ\u0301", "ΑΣ\u0301Α", "Σ", "1Σ", "ΑΣ'Α", "ΑΣ' ", "ΣΑΣ_ΣΑΣ", "Α\u00adΣ", "𝐀Σ", "ªΣ",
    "ΑΣ\u200dΑ", "\u0345Σ",
]  # fmt: skip
_WORDS = [
    "red", "Red", "RED", "shoe", "a", "x1", "usb_c", "__", "_", "_a", "naïve", "nai\u0308ve", "Straße", "日本語",
    "한국어", "हिन्दी",
]  # fmt: skip
_EMOJI = ["🙂", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "1\ufe0f\u20e3", "🏳️‍🌈", "\U000e0041"]
_SPACES = [chr(c) for c in range(0x3001) if chr(c).isspace()] + ["\u200b", "\ufeff", "\u180e"]
_GLUE = ["", "", "", "\0", "-", "'", "\u2019", ".", ",", "/", "\u00b7", "\u200d", "\u0301"]
_TABLES_OF_3_11 = unicodedata.unidata_version == "14.0.0"


def code_points() -> list[str]:
    """Every character that is not a surrogate; those known for long on a Python of other tables than 3.11's."""
    known = unicodedata.ucd_3_2_0
    every = (chr(c) for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF)
    return [c for c in every if _TABLES_OF_3_11 or known.category(c) != "Cn"]


def unicode_texts(seed: int) -> Iterator[str]:
    """Rows without end: each is glued from words and a few of all characters, so that each character comes in turn."""
    draw = random.Random(seed)
    every = code_points()
    digits = [c for c in every if unicodedata.category(c) in ("Nd", "Nl", "No")]
    marks = [c for c in every if unicodedata.category(c) in ("Mn", "Mc", "Me")]
    while True:
        draw.shuffle(every)
        turn = iter(every)
        while few := list(islice(turn, 6)):
            pieces = []
            for c in few:
                kind = draw.randrange(8)
                if kind == 0:
                    pieces += [draw.choice(_WORDS), c, draw.choice(_WORDS)]
                elif kind == 1:
                    pieces += ["a", c, "B"]
                elif kind == 2:
                    pieces += [c, draw.choice(_CASED), draw.choice(_CASED)]
                elif kind == 3:
                    pieces += [c, c, draw.choice(digits)]
                elif kind == 4:
                    pieces += [draw.choice(_CASED), draw.choice(marks), draw.choice(marks), c]
                elif kind == 5:
                    pieces += [draw.choice(_SIGMAS), c]
                elif kind == 6:
                    pieces += [draw.choice(_EMOJI), c, "_", c]
                else:
                    pieces += [c, draw.choice(_WORDS), " ", draw.choice(_WORDS)]
                pieces.append(draw.choice(_SPACES) if draw.random() < 0.6 else draw.choice(_GLUE))
            yield "".join(pieces)


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    return {"catalogue": product_texts(), "unicode": list(islice(unicode_texts(seed=7), ROWS))}


def transformed(pipeline: bz.Pipeline, rows: list[str]) -> csr_matrix:
    return pipeline.transform(pa.record_batch({"text": pa.array(rows)})).sparse["out"]


def rounded(matrix: csr_matrix) -> csr_matrix:
    matrix.sort_indices()
    matrix.eliminate_zeros()
    return matrix.astype(np.float32)


def ordered(values: np.ndarray) -> np.ndarray:
    """Whole numbers that differ by one for neighbours of f32."""
    whole = values.view(np.int32).astype(np.int64)
    return np.where(whole < 0, -(2**31) - whole, whole)


def check(mine: csr_matrix, theirs: csr_matrix, rows: list[str], ulp: int) -> None:
    """Fails with the first rows that differ."""
    assert mine.shape == theirs.shape
    assert mine.data.dtype == np.float32
    if np.array_equal(mine.indptr, theirs.indptr) and np.array_equal(mine.indices, theirs.indices):
        off = np.flatnonzero(np.abs(ordered(mine.data) - ordered(theirs.data)) > ulp)
        if not len(off):
            return
        odd = np.unique(np.searchsorted(mine.indptr, off, side="right") - 1)
    else:
        odd = [i for i in range(len(rows)) if mine[i].indices.tolist() != theirs[i].indices.tolist()]
    i = int(odd[0])
    ours, others = (dict(zip(m[i].indices.tolist(), m[i].data.tolist(), strict=True)) for m in (mine, theirs))
    pytest.fail(f"{len(odd)} rows differ; row {i} is {rows[i][:200]!r}: {ours}, scikit-learn has {others}")


@pytest.mark.parametrize("source", ["catalogue", "unicode"])
@pytest.mark.parametrize("case", HASHERS)
def test_hashed_terms_have_the_bits_of_hashing_vectorizer(texts, source, case) -> None:
    options, theirs_options = HASHERS[case]
    rows = texts[source]
    pipeline = bz.Pipeline.compile(bz.Spec.parse(HASHED.format(options=options)))
    theirs = HashingVectorizer(**theirs_options).transform(rows)
    with_zeros = theirs.nnz
    theirs = rounded(theirs)
    check(transformed(pipeline, rows), theirs, rows, ulp=0)
    assert theirs.nnz > len(rows)
    if case == "signed, l2, 16 columns":
        assert theirs.nnz < with_zeros, "no words cancelled"


@pytest.mark.parametrize("source", ["catalogue", "unicode"])
@pytest.mark.parametrize("case", WEIGHERS)
def test_tfidf_is_that_of_tfidf_vectorizer(texts, source, case) -> None:
    options, theirs_options = WEIGHERS[case]
    # A vocabulary of all of Unicode's words is long: fewer rows show the same.
    rows = texts[source][:40_000]
    pipeline = bz.fit(bz.Spec.parse(TFIDF.format(options=options)), {}, {"text": rows}, threads=1)
    theirs = rounded(TfidfVectorizer(**theirs_options).fit_transform(rows))
    check(transformed(pipeline, rows), theirs, rows, ulp=1)
    assert theirs.nnz > len(rows)


def test_the_generated_rows_have_every_character_and_what_is_hard(texts) -> None:
    rows = texts["unicode"]
    assert len(rows) == ROWS
    found = set("".join(rows))
    assert found >= set(code_points())
    planes = set(range(17)) if _TABLES_OF_3_11 else {0, 1, 2, 14, 15, 16}
    assert {ord(c) >> 16 for c in found} == planes
    assert all(any(part in row for row in rows) for part in (*_CASED, *_SIGMAS, *_EMOJI, *_SPACES, "\0"))
