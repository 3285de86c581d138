"""The public API: round trips, views, pickling, forks, threads."""

import copy
import gc
import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest
from conftest import ROOT, bits, documents_of, shop_table


def test_a_saved_pipeline_gives_the_same_bits(shop, shop_pairs, tmp_path) -> None:
    path = tmp_path / "shop.bz"
    shop.save(path)
    loaded = bz.load(path, check="full")
    assert loaded == shop
    assert loaded.to_bytes() == path.read_bytes() == shop.to_bytes()
    assert loaded.spec == shop.spec
    for mode in ("serve", "train"):
        assert bits(loaded.transform(shop_pairs, mode=mode)) == bits(shop.transform(shop_pairs, mode=mode))


def test_what_a_pipeline_says_of_itself(shop) -> None:
    assert shop.feature_names == shop.spec.feature_names
    assert shop.feature_names[:3] == ["title_bm25", "log_price", "log_price_missing"]
    assert set(shop.dense_names) | set(shop.sparse_columns) == set(shop.feature_names)
    assert shop.sparse_columns["title_hashed"] == 2**12
    served = {column.name for column in shop.inputs}
    assert {column.name for column in shop.inputs_for("train")} - served == {"qid"}
    assert not served & {"qid", "grade", "request"}
    assert shop.needs_groups
    assert shop.has_folds


def test_a_block_has_views_of_its_memory(shop, shop_pairs) -> None:
    block = shop.transform(shop_pairs)
    dense = block.dense
    assert dense.dtype == np.float32
    assert dense.shape == (shop_pairs.num_rows, len(shop.dense_names))
    assert not dense.flags.writeable
    assert not dense.flags.owndata
    part = block.sparse["title_hashed"]
    assert part.shape == (shop_pairs.num_rows, 2**12)
    assert np.shares_memory(part.data, block.sparse["title_hashed"].data)
    assert np.shares_memory(dense, block.dense)
    before = dense.copy()
    del block, part
    gc.collect()
    np.testing.assert_array_equal(dense.view(np.uint32), before.view(np.uint32))


def test_missing_values_are_the_one_nan(shop, shop_pairs) -> None:
    dense = shop.transform(shop_pairs).dense.view(np.uint32)
    nans = np.isnan(dense.view(np.float32))
    assert nans.any()
    assert set(dense[nans].tolist()) == {0x7FC00000}
    assert 0x80000000 not in dense


def test_to_arrow_holds_the_same_bits(shop, shop_pairs) -> None:
    block = shop.transform(shop_pairs)
    batch = block.to_arrow()
    assert batch.schema.names == [*shop.dense_names, *shop.sparse_columns]
    for at, name in enumerate(shop.dense_names):
        column = batch.column(name)
        assert column.null_count == 0
        assert column.to_numpy().tobytes() == block.dense[:, at].tobytes()
    part = batch.column("title_hashed")
    assert part.type == block.to_arrow(indices="uint32").schema.field("title_hashed").type
    assert part.field("indices").flatten().to_numpy().tolist() == block.sparse["title_hashed"].indices.tolist()
    assert part.field("values").flatten().to_numpy().tobytes() == block.sparse["title_hashed"].data.tobytes()
    signed = block.to_arrow(indices="int32").column("title_hashed").field("indices").flatten()
    assert signed.type == pa.int32()
    assert signed.to_pylist() == part.field("indices").flatten().to_pylist()
    again = pa.record_batch(block)
    assert again.schema.equals(batch.schema, check_metadata=True)
    for name in batch.schema.names:
        assert encoded(again.column(name)) == encoded(batch.column(name)), name


def encoded(column: pa.Array) -> bytes:
    """The bits of a column: in Arrow's own comparison NaN equals nothing."""
    return pa.record_batch([column], ["column"]).serialize().to_pybytes()


def test_fingerprints_tell_equal_rows(row_wise) -> None:
    rows = {"title": ["red shoes", "red shoes", "red shoe"], "price": [1.0, 1.0, 1.0], "stock": [1, 1, 1]}
    first, second, third = row_wise.transform(rows).fingerprints.tolist()
    assert first == second != third


def test_explain_shows_what_transform_gives(shop, shop_pairs) -> None:
    block = shop.transform(shop_pairs)
    row = 7
    explained = shop.explain(shop_pairs, row)
    for name, value in zip(shop.dense_names, block.dense[row].tolist(), strict=True):
        shown = explained["features"][name]
        assert shown == value or (shown is None and np.isnan(value))
    assert explained["fingerprint"] == block.fingerprints[row]
    assert explained["artifact"] == shop.content_hash
    assert json.loads(shop.explain_json(shop_pairs, row)) == explained
    with pytest.raises(bz.InvalidValueError):
        shop.explain(shop_pairs, shop_pairs.num_rows)
    with pytest.raises(bz.InvalidValueError):
        shop.explain(shop_pairs, -1)


@pytest.mark.parametrize("duplicate", [lambda p: pickle.loads(pickle.dumps(p)), copy.deepcopy])
def test_pipelines_and_specs_are_picklable(shop, shop_pairs, duplicate) -> None:
    again = duplicate(shop)
    assert again == shop
    assert bits(again.transform(shop_pairs)) == bits(shop.transform(shop_pairs))
    assert duplicate(shop.spec) == shop.spec


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_transforms(shop, shop_pairs) -> None:
    expected = shop.transform(shop_pairs).fingerprints.tobytes()
    reader, writer = os.pipe()
    # Other threads are inside the pipeline while the fork happens.
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(shop.transform, shop_pairs) for _ in range(20)]
        child = os.fork()
        if child == 0:
            try:
                os.write(writer, shop.transform(shop_pairs).fingerprints.tobytes())
            finally:
                os._exit(0)
        for future in running:
            future.result()
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read() == expected
    assert os.waitpid(child, 0)[1] == 0


def test_threads_share_a_pipeline(shop) -> None:
    tables = [shop_table(20, seed=seed) for seed in range(6)]
    expected = [bits(shop.transform(table)) for table in tables]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda table: bits(shop.transform(table)), tables * 5))
    assert got == expected * 5


def test_the_artifact_does_not_depend_on_threads_batches_or_order(shop_spec) -> None:
    pairs = shop_table(300, seed=3)
    documents = documents_of(pairs)
    # Order within the table may change; rows of a group stay adjacent.
    shuffled = pairs.take(np.random.default_rng(0).permutation(pairs.num_rows)).sort_by("request")
    small = pa.Table.from_batches(pairs.to_batches(max_chunksize=7))
    hashes = {
        bz.fit(shop_spec, table, papers, threads=threads).content_hash
        for table, papers, threads in [
            (pairs, documents, 1),
            (pairs, documents, 8),
            (shuffled, documents, 3),
            (small, documents.take(list(reversed(range(documents.num_rows)))), 8),
        ]
    }
    assert len(hashes) == 1


def test_fit_without_documents_warns(shop_spec, shop_pairs) -> None:
    with pytest.warns(bz.FitWarning, match="no documents were given"):
        bz.fit(shop_spec, shop_pairs)


@pytest.mark.parametrize("threads", [0, -1, 1025])
def test_threads_out_of_range_are_refused(shop_spec, shop_pairs, threads) -> None:
    with pytest.raises(bz.InvalidValueError) as caught:
        bz.fit(shop_spec, shop_pairs, documents_of(shop_pairs), threads=threads)
    assert caught.value.place == "threads"
    assert caught.value.hint


def test_fit_reports_its_progress(shop_spec, shop_pairs) -> None:
    seen: list[bz.FitProgress] = []
    bz.fit(shop_spec, shop_pairs, documents_of(shop_pairs), progress=seen.append, threads=2)
    assert {at.source for at in seen} == {"pairs", "documents"}
    assert seen[-1].rows == seen[-1].total
    rounds = {(at.round, at.source): at.rows for at in seen}
    assert set(rounds.values()) == {shop_pairs.num_rows}


def test_a_one_shot_stream_can_be_fitted(shop, shop_spec, shop_pairs) -> None:
    reader = pa.RecordBatchReader.from_batches(shop_pairs.schema, shop_pairs.to_batches(max_chunksize=11))
    documents = documents_of(shop_pairs)
    assert bz.fit(shop_spec, reader, documents).content_hash == shop.content_hash


def test_a_failing_fit_raises_once_and_stops(shop_spec, shop_pairs) -> None:
    at = shop_pairs.schema.get_field_index("supplier")
    wrong = shop_pairs.set_column(at, "supplier", pa.array([1.5] * shop_pairs.num_rows))
    with pytest.raises(bz.TypeMismatchError) as caught:
        bz.fit(shop_spec, wrong, documents_of(shop_pairs), threads=4)
    assert caught.value.place == "inputs.supplier"


def test_batches_equal_the_whole(shop, shop_pairs) -> None:
    whole = shop.transform(shop_pairs).fingerprints
    for rows in (1, 2, 7, 1000):
        parts = list(shop.transform_batches(shop_pairs, batch_rows=rows))
        assert np.array_equal(np.concatenate([block.fingerprints for _, block in parts]), whole)
        rows_read = pa.Table.from_batches([batch for batch, _ in parts])
        assert rows_read.drop(["clicks"]).equals(shop_pairs.drop(["clicks"])), "NaN equals nothing"


def test_native_handles_refuse_use_after_their_end(shop_spec, shop_pairs) -> None:
    from buzzsaw import _buzzsaw

    fitter = _buzzsaw.Fitter(shop_spec._native, True)
    assert fitter.pending() == ["pairs", "documents"]
    with pytest.raises(bz.NotFittedError):
        fitter.into_pipeline()
    one, two = fitter.partial("pairs"), fitter.partial("pairs")
    one.merge(two)
    for use in (lambda: two.rows, two.to_bytes, lambda: one.merge(two), lambda: fitter.finish(two)):
        with pytest.raises(bz.ClosedError):
            use()
    batch = shop_pairs.combine_chunks().to_batches()[0]
    fitter.update(one, batch, None)
    assert one.rows == batch.num_rows
    again = _buzzsaw.Fitter.from_bytes(fitter.to_bytes())
    assert again.partial_from_bytes(one.to_bytes()).rows == one.rows
    with pytest.raises(bz.InvalidValueError):
        fitter.partial("queries")


def test_sklearn_adapter(shop, shop_spec, shop_pairs) -> None:
    from buzzsaw.sklearn import SpecTransformer
    from sklearn.base import clone
    from sklearn.exceptions import NotFittedError

    adapter = SpecTransformer(shop_spec, documents=documents_of(shop_pairs))
    with pytest.raises(NotFittedError):
        clone(adapter).transform(shop_pairs)
    features = adapter.fit_transform(shop_pairs.drop(["grade"]), shop_pairs["grade"].to_numpy())
    assert adapter.pipeline_ == shop
    names = adapter.get_feature_names_out()
    assert features.shape == (shop_pairs.num_rows, len(names)) == (shop_pairs.num_rows, len(set(names)))
    block = shop.transform(shop_pairs)
    width = len(shop.dense_names)
    np.testing.assert_array_equal(features[:, :width].toarray(), block.dense)
    np.testing.assert_array_equal(features[:, width : width + 2**12].toarray(), block.sparse["title_hashed"].toarray())


def test_sklearn_adapter_with_a_named_group_and_a_label() -> None:
    from buzzsaw.sklearn import SpecTransformer

    spec = bz.Spec.parse("""
        buzzsaw: 1
        name: grouped
        inputs:
          price: {type: float64, side: document}
          qid: {type: string, side: query, role: qid}
          grade: {type: float64, side: pair, role: label}
        steps:
          rank: {transform: group_zscore, input: price}
          scaled: {transform: standardize, input: rank}
        features: [scaled]
    """)
    rows = {"price": [1.0, 3.0, 10.0], "qid": ["a", "a", "b"], "request": [7, 7, 8]}
    grades = np.array([1.0, 0.0, 2.0])
    adapter = SpecTransformer(spec, documents=rows, groups="request").fit(rows, grades)
    expected = bz.fit(spec, rows | {"grade": grades}, rows, groups="request")
    assert adapter.pipeline_ == expected
    np.testing.assert_array_equal(adapter.transform(rows), expected.transform(rows, groups="request").dense)


def test_modules_with_dependencies_load_when_used() -> None:
    code = (
        "import sys, buzzsaw as bz; assert not {'scipy', 'sklearn', 'pyspark'} & set(sys.modules); "
        "assert bz.sklearn.SpecTransformer; assert 'sklearn' in sys.modules\n"
        "try: bz.nothing\nexcept AttributeError as error: assert 'nothing' in str(error)\nelse: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_build_id_names_the_file() -> None:
    assert bz.build_id().startswith(f"{bz.__version__}-")
    assert len(bz.build_id().rpartition("-")[2]) == 16


def test_stubs_match_the_native_module() -> None:
    pytest.importorskip("mypy")
    config = ROOT / "pyproject.toml"
    command = [sys.executable, "-m", "mypy.stubtest", "buzzsaw._buzzsaw", "--mypy-config-file", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_transforms_are_listed_with_documentation() -> None:
    listed = {row["name"]: row for row in bz.transforms()}
    assert len(listed) >= 11
    assert "Missing" in listed["log1p"]["documentation"]
    assert json.loads(listed["bm25"]["schema"])["properties"]["k1"]["default"] == 1.2
    assert json.loads(bz.feature_spec_schema())["title"] == "Buzzsaw feature spec"


def test_a_path_in_place_of_a_spec_is_named_as_such() -> None:
    with pytest.raises(bz.TypeMismatchError, match=r"spec: is of the type str, not buzzsaw\.Spec.*Spec\.load"):
        bz.fit("shop.yaml", {})  # type: ignore[arg-type]
