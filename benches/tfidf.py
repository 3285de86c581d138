"""Fit and transform of tf-idf over product text on one core; the peer is scikit-learn's TfidfVectorizer.

Vocabulary and weights are compared first: the same terms, and every weight within 1 ULP of f32 (the logarithm is within
1 ULP there and correctly rounded here).
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import buzzsaw as bz
import numpy as np
import pyarrow as pa
from harness import compare
from sklearn.feature_extraction.text import TfidfVectorizer
from text_hashing import texts

SPEC = """
buzzsaw: 1
name: tfidf
inputs:
  text: {{type: string, side: document}}
steps:
  words: {{transform: tokenize, input: text, analyzer: sklearn}}
  weights: {{transform: tfidf, input: words, ngrams: {ngrams}}}
features: [weights]
"""


def equal(pipeline: bz.Pipeline, batch: pa.RecordBatch, peer: TfidfVectorizer, rows: list[str]) -> bool:
    """Whether the two give the same columns and, but for 1 ULP, the same weights."""
    mine, theirs = pipeline.transform(batch).sparse["weights"], peer.transform(rows)
    theirs.sort_indices()
    if not (np.array_equal(mine.indptr, theirs.indptr) and np.array_equal(mine.indices, theirs.indices)):
        return False
    bits = [values.astype(np.float32).view(np.int32).astype(np.int64) for values in (mine.data, theirs.data)]
    return bool(np.abs(bits[0] - bits[1]).max() <= 1)


def main() -> None:
    """Compares the fit and the transform, for single tokens and with pairs."""
    rows = texts()
    table = pa.table({"text": pa.array(rows)})
    batch = table.combine_chunks().to_batches()[0]
    megabytes = sum(len(row.encode()) for row in rows) / 1e6
    for ngrams in ([1, 1], [1, 2]):
        spec = bz.Spec.parse(SPEC.format(ngrams=ngrams))
        peer = TfidfVectorizer(ngram_range=tuple(ngrams)).fit(rows)
        pipeline = bz.fit(spec, {}, documents=table, threads=1)
        same = equal(pipeline, batch, peer, rows)
        about = f"{ngrams[0]}-{ngrams[1]} grams, {len(rows)} product texts, one core"
        shared = {"bench": "tfidf", "peer": "scikit-learn", "amount": megabytes, "unit": "MB/s", "equal": same}
        compare(
            case=f"fit, {about}",
            ours=lambda: bz.fit(spec, {}, documents=table, threads=1),  # noqa: B023 - called before the loop goes on
            theirs=lambda: TfidfVectorizer(ngram_range=tuple(ngrams)).fit(rows),  # noqa: B023
            repeat=5,
            **shared,
        )
        compare(
            case=f"transform, {about}",
            ours=lambda: pipeline.transform(batch),  # noqa: B023
            theirs=lambda: peer.transform(rows),  # noqa: B023
            repeat=30,
            **shared,
        )


if __name__ == "__main__":
    sys.exit(main())
