"""Tokenise and hash product text on one core, in scikit-learn's mode; the peer is its HashingVectorizer.

Every value is compared first, bit for bit after one rounding to f32.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw.datasets import Catalogue
from harness import SHARED, compare
from sklearn.feature_extraction.text import HashingVectorizer

SPEC = """
buzzsaw: 1
name: text_hashing
inputs:
  text: {{type: string, side: document}}
steps:
  words: {{transform: tokenize, input: text, analyzer: sklearn}}
  hashed: {{transform: hashed_terms, input: words, bits: 20, hash: sklearn, signed: true, norm: l2, ngrams: {ngrams}}}
features: [hashed]
"""


def texts() -> list[str]:
    """Titles with descriptions of the real catalogue, or of the generated one."""
    path = SHARED / "data" / "icecat" / "products.parquet"
    table = pq.read_table(path) if path.exists() else Catalogue(products=20_000).product_table()
    columns = (table.column(name).to_pylist() for name in ("title", "short_description"))
    return [f"{title or ''} {description or ''}" for title, description in zip(*columns, strict=True)]


def main() -> None:
    """Compares single tokens, and single tokens with pairs."""
    rows = texts()
    batch = pa.record_batch({"text": pa.array(rows)})
    megabytes = sum(len(row.encode()) for row in rows) / 1e6
    for ngrams in ([1, 1], [1, 2]):
        pipeline = bz.Pipeline.compile(bz.Spec.parse(SPEC.format(ngrams=ngrams)))
        peer = HashingVectorizer(ngram_range=tuple(ngrams))
        mine, theirs = pipeline.transform(batch).sparse["hashed"], peer.transform(rows)
        theirs.eliminate_zeros()
        rounded = theirs.data.astype(np.float32)
        equal = all(
            np.array_equal(a, b)
            for a, b in [
                (mine.indptr, theirs.indptr),
                (mine.indices, theirs.indices),
                (mine.data.view(np.uint32), rounded.view(np.uint32)),
            ]
        )
        compare(
            bench="text_hashing",
            case=f"{ngrams[0]}-{ngrams[1]} grams, {len(rows)} product texts, one core, scikit-learn's mode",
            peer="scikit-learn",
            ours=lambda: pipeline.transform(batch),  # noqa: B023 - called before the loop goes on
            theirs=lambda: peer.transform(rows),  # noqa: B023
            amount=megabytes,
            unit="MB/s",
            equal=equal,
            repeat=50,
        )


if __name__ == "__main__":
    sys.exit(main())
