"""Large input succeeds, and a disk without room leaves what was there."""

import resource
import subprocess
import sys

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import SPECS, documents_of, shop_table

LONG = """
buzzsaw: 1
name: long
inputs:
  query: {type: string, side: query}
  title: {type: string, side: document}
steps:
  query_terms: {transform: tokenize, input: query, analyzer: english}
  title_terms: {transform: tokenize, input: title, analyzer: english}
  hashed: {transform: hashed_terms, input: title_terms, bits: 16, ngrams: [1, 2]}
  bm25: {transform: bm25, inputs: [query_terms, title_terms]}
  weighed: {transform: tfidf, input: title_terms, norm: none, use_idf: false}
features: [bm25, hashed, weighed]
"""


@pytest.mark.parametrize("words", ["lorem ipsum ", "\xc0Σ \U0001f642 ", "12 3.45 o'clock "])
def test_one_row_of_64_mib_is_fitted_transformed_and_explained(words) -> None:
    times = 64 * 2**20 // len(words.encode())
    first = words.split()[0]
    rows = {"query": ["lamp", first, first], "title": ["red lamp", words * times, None]}
    pipeline = bz.fit(bz.Spec.parse(LONG), {}, rows)
    block = pipeline.transform(rows)
    terms = [token for token in words.split() if not token.startswith("\U0001f642")]
    assert block.sparse["weighed"][1].data.tolist() == [float(times)] * len(terms)
    pairs = len(terms) * times - 1
    assert block.sparse["hashed"][1].data.sum(dtype=np.float64) == len(terms) * times + pairs
    assert np.isfinite(block.dense[:2, 0]).all()
    assert np.isnan(block.dense[2, 0])
    # Neighbours are as they are without the long row.
    alone = pipeline.transform({name: values[:1] for name, values in rows.items()})
    assert alone.fingerprints[0] == block.fingerprints[0]
    assert pipeline.explain(rows, 1)["fingerprint"] == block.fingerprints[1]
    assert bz.Pipeline.from_bytes(pipeline.to_bytes()) == pipeline


def test_a_group_of_100_000_is_fitted_and_transformed_with_every_transform(shop_spec) -> None:
    rows = 100_000
    drawn = shop_table(400, seed=4).take(pa.array(np.random.default_rng(0).integers(0, 400, rows)))
    for name, value in (("request", 7), ("query", "usb cable red"), ("qid", "usb")):
        drawn = drawn.set_column(drawn.schema.get_field_index(name), name, pa.array([value] * rows))
    table = pa.concat_tables([shop_table(1, size=1), drawn])
    pipeline = bz.fit(shop_spec, table, documents_of(table))
    for mode in ("serve", "train"):
        whole = pipeline.transform(table, mode=mode)
        assert whole.dense.shape == (rows + 1, len(pipeline.dense_names))
        # The order of candidates within a group changes nothing.
        order = np.r_[0, np.random.default_rng(1).permutation(rows) + 1]
        assert np.array_equal(pipeline.transform(table.take(order), mode=mode).fingerprints, whole.fingerprints[order])
        streamed = [block.fingerprints for _, block in pipeline.transform_batches(table, mode=mode, batch_rows=1_000)]
        assert np.array_equal(np.concatenate(streamed), whole.fingerprints)
    assert pipeline.explain(table, rows)["fingerprint"] == pipeline.transform(table).fingerprints[rows]


@pytest.mark.parametrize("there", [False, True], ids=["new", "over an older one"])
def test_a_disk_that_is_full_leaves_what_was_there(shop, shop_pairs, tmp_path, there) -> None:
    """A limit on the size of files stands for the disk: writing fails in the middle."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    pq.write_table(shop_pairs, tmp_path / "pairs.parquet")
    pq.write_table(documents_of(shop_pairs), tmp_path / "documents.parquet")
    shop.save(tmp_path / "good.bz")
    if there:
        (tmp_path / "out").write_bytes(b"older")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    tables = ["--pairs", "pairs.parquet", "--documents", "documents.parquet"]
    for words in (["fit", str(SPECS / "shop.yaml"), *tables], ["transform", "good.bz", "pairs.parquet"]):
        command = [sys.executable, "-m", "buzzsaw", *words, "-o", "out"]
        done = subprocess.run(
            command, preexec_fn=small_files, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "BZ_IO" in done.stderr
        assert "Traceback" not in done.stderr
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
