"""BM25 and query likelihood beside Lucene's own scores, over product text, unfiltered.

Lucene keeps a document's length in one byte: exactly up to 40 tokens, within an eighth above. Up to 40 tokens the
scores must agree to the rounding of its floats; above, the largest difference is what the byte costs.
"""

from __future__ import annotations

import math
import random
import struct
import sys
import warnings
from itertools import chain
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pytest
from buzzsaw.datasets import Catalogue

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/parity"))

from harness import jvm  # noqa: E402
from harness.bulk import catalogue_texts  # noqa: E402

K1, B, MU, LAMBDA = 1.2, 0.75, 100.0, 0.3
#: The longest document whose length Lucene keeps exactly.
EXACT = 40
SPEC = f"""
buzzsaw: 1
name: lucene
inputs:
  query: {{type: list<string>, side: pair}}
  text:  {{type: list<string>, side: document}}
steps:
  bm25: {{transform: bm25, inputs: [query, text], k1: {K1}, b: {B}}}
  dirichlet: {{transform: query_likelihood, inputs: [query, text], mu: {MU}}}
  mixed: {{transform: query_likelihood, inputs: [query, text], smoothing: jelinek_mercer, weight: {LAMBDA}}}
features: [bm25, dirichlet, mixed]
"""


@pytest.fixture(scope="module")
def scored() -> tuple[list[list[str]], list[tuple[int, list[str]]], np.ndarray, np.ndarray]:
    """Documents, pairs of a document's number and a query, our features and Lucene's scores."""
    rng = random.Random("lucene scores")
    texts = catalogue_texts() or Catalogue(products=4_000).product_table()["title"].to_pylist()
    words = [row for row in (text.split()[:200] for text in texts) if row]
    # Short ones, and several glued together, so that the byte matters.
    documents = rng.sample(words, min(3_000, len(words)))
    documents += [list(chain.from_iterable(rng.sample(words, rng.randint(2, 12)))) for _ in range(1_000)]
    pairs = []
    for i in range(6_000):
        at = rng.randrange(len(documents))
        query = rng.choices(documents[at], k=rng.randint(1, 4)) + rng.choices(
            rng.choice(documents), k=rng.randint(0, 2)
        )
        pairs.append((at, query[:1] if i % 2 else [*query, "unseen"]))
    number: dict[str, str] = {}
    named = lambda row: " ".join(number.setdefault(word, f"w{len(number)}") for word in row)  # noqa: E731
    fed = "".join(named(row) + "\n" for row in documents) + "\n"
    fed += "".join(f"{at} {named(query)}\n" for at, query in pairs)
    lines = jvm.run("Scores", [str(K1), str(B), str(MU), str(LAMBDA)], fed).split()
    theirs = np.array([struct.unpack(">f", bytes.fromhex(bits.zfill(8)))[0] for bits in lines]).reshape(-1, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bz.FitWarning)
        pipeline = bz.fit(bz.Spec.parse(SPEC), {}, documents={"text": documents})
    rows = {"query": [query for _, query in pairs], "text": [documents[at] for at, _ in pairs]}
    return documents, pairs, pipeline.transform(rows).dense.astype(np.float64), theirs


def test_bm25_is_lucenes(scored, capsys: pytest.CaptureFixture[str]) -> None:
    documents, pairs, ours, theirs = scored
    short = np.array([len(documents[at]) <= EXACT for at, _ in pairs])
    assert short.sum() > 1_000
    assert (~short).sum() > 1_000
    difference = np.abs(ours[:, 0] - theirs[:, 0]) / theirs[:, 0]
    with capsys.disabled():
        print(f"\nBM25: {difference[short].max():.1e} to {EXACT} tokens, {difference[~short].max():.1e} above")
    # A few roundings of its floats; what an eighth of the length costs.
    assert difference[short].max() < 2e-6
    assert difference[~short].max() < 0.06


def test_likelihoods_are_lucenes_but_for_what_no_document_changes(scored) -> None:
    """For one token in the document Lucene leaves out ln p (Dirichlet) and ln(weight * p), and cuts below zero."""
    documents, pairs, ours, theirs = scored
    tokens = sum(map(len, documents))
    occurrences: dict[str, int] = {}
    for word in (word for row in documents for word in row):
        occurrences[word] = occurrences.get(word, 0) + 1
    compared = 0
    for i, (at, query) in enumerate(pairs):
        if len(query) != 1 or len(documents[at]) > EXACT:
            continue
        p = (occurrences[query[0]] + 1) / (tokens + 1)
        dirichlet, mixed = ours[i, 1] - math.log(p), ours[i, 2] - math.log(LAMBDA * p)
        assert math.isclose(max(dirichlet, 0.0), theirs[i, 1], rel_tol=2e-5, abs_tol=2e-5)
        assert math.isclose(mixed, theirs[i, 2], rel_tol=2e-5, abs_tol=2e-5)
        compared += 1
    assert compared > 1_000
