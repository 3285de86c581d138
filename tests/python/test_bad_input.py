"""The table of bad input: the code or the value for each."""

import json
import re
import zipfile

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest
from conftest import SPECS, bits, documents_of, shop_table

GOOD = (SPECS / "row_wise.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "BZ_INVALID_SPEC", ""),
        ("[1, 2", "BZ_INVALID_SPEC", None),
        ("just text", "BZ_INVALID_SPEC", ""),
        (GOOD.replace("buzzsaw: 1", "buzzsaw: 2"), "BZ_UNSUPPORTED_VERSION", "buzzsaw"),
        (GOOD.replace("name: row_wise", "name: Row-Wise"), "BZ_INVALID_SPEC", "name"),
        (GOOD.replace("input: title_terms", "input: title_term"), "BZ_INVALID_SPEC", "steps.title_hashed.input"),
        (GOOD.replace("bits: 10", "bitz: 10"), "BZ_INVALID_SPEC", "steps.title_hashed.bitz"),
        (GOOD.replace("bits: 10", "bits: 99"), "BZ_INVALID_SPEC", "steps.title_hashed.bits"),
        (GOOD.replace("transform: log1p", "transform: log2p"), "BZ_UNKNOWN_TRANSFORM", "steps.log_price.transform"),
        (GOOD.replace("transform: log1p", "transform: log1p, version: 9"), "BZ_UNKNOWN_TRANSFORM", None),
        (GOOD.replace("input: price}", "input: title}"), "BZ_TYPE_MISMATCH", "steps.log_price.input"),
        (GOOD.replace("features: [log_price", "features: [log_prize"), "BZ_INVALID_SPEC", "features[0]"),
        (GOOD.replace("  stock:", "  price:"), "BZ_INVALID_SPEC", "inputs.price"),
        ('{"buzzsaw": 1, "buzzsaw": 1, "name": "x", "features": ["a"]}', "BZ_INVALID_SPEC", "buzzsaw"),
    ],
)
def test_malformed_specs(text, code, place) -> None:
    with pytest.raises(bz.BuzzsawError) as caught:
        bz.Spec.parse(text)
    assert caught.value.code == code, caught.value
    if place is not None:
        assert caught.value.place.startswith(place), caught.value


def test_a_spec_that_is_not_utf8_or_not_there(tmp_path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"buzzsaw: 1\nname: \xff\n")
    with pytest.raises(bz.InvalidSpecError, match="byte 17"):
        bz.Spec.load(path)
    with pytest.raises(bz.IoError):
        bz.Spec.load(tmp_path / "none.yaml")


ROW = {"title": ["red"], "price": [1.0], "stock": [1]}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"title": None}, "BZ_MISSING_INPUT", "inputs.title"),
        ({"title": [1]}, "BZ_TYPE_MISMATCH", "inputs.title"),
        ({"price": ["1.0"]}, "BZ_TYPE_MISMATCH", "inputs.price"),
        ({"price": pa.array([1], pa.int64())}, "BZ_TYPE_MISMATCH", "inputs.price"),
        ({"stock": [2**31]}, "BZ_INVALID_VALUE", "inputs.stock"),
        ({"stock": pa.array([1], pa.int64())}, "BZ_TYPE_MISMATCH", "inputs.stock"),
        ({"stock": pa.array([1], pa.uint32())}, "BZ_TYPE_MISMATCH", "inputs.stock"),
        ({"price": [1.0, 2.0]}, "BZ_INVALID_VALUE", "data"),
    ],
)
def test_wrong_columns(row_wise, change, code, place) -> None:
    data = {name: values for name, values in {**ROW, **change}.items() if values is not None}
    with pytest.raises(bz.BuzzsawError) as caught:
        row_wise.transform(data)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_all_missing_columns_are_named_at_once_with_the_nearest(row_wise) -> None:
    with pytest.raises(bz.MissingInputError) as caught:
        row_wise.transform(pa.table({"titel": ["x"], "price": [1.0]}))
    assert [problem["place"] for problem in caught.value.problems] == ["inputs.title", "inputs.stock"]
    assert "titel" in caught.value.hint


@pytest.mark.parametrize("data", [3, "title", [1, 2], None, object()])
def test_things_without_columns(row_wise, data) -> None:
    with pytest.raises(bz.TypeMismatchError):
        row_wise.transform(data)


def test_columns_of_one_name(row_wise) -> None:
    table = pa.table([["a"], ["b"], [1.0], pa.array([1], pa.int32())], names=["title", "title", "price", "stock"])
    with pytest.raises(bz.InvalidValueError) as caught:
        row_wise.transform(table)
    assert caught.value.place == "inputs.title"


def test_a_spec_with_group_steps_needs_groups(in_group) -> None:
    with pytest.raises(bz.MissingInputError):
        in_group.transform({"price": [1.0, 2.0]})


def test_a_query_column_that_changes_in_its_group(shop, shop_pairs) -> None:
    rows = shop_pairs.slice(0, 2)
    rows = rows.set_column(0, "request", pa.array([1, 1])).set_column(3, "query", pa.array(["red", "lamp"]))
    with pytest.raises(bz.InvalidValueError) as caught:
        shop.transform(rows)
    assert "query" in caught.value.place


def test_a_time_that_microseconds_lose(shop, shop_pairs) -> None:
    at = shop_pairs.schema.get_field_index("released_at")
    odd = shop_pairs.set_column(at, "released_at", pa.array([1] * shop_pairs.num_rows, pa.timestamp("ns", tz="UTC")))
    with pytest.raises(bz.InvalidValueError):
        shop.transform(odd)


def test_empty_tables(row_wise, shop, shop_spec, shop_pairs) -> None:
    for pipeline, table in ((row_wise, {"title": [], "price": [], "stock": []}), (shop, shop_pairs.slice(0, 0))):
        block = pipeline.transform(table)
        assert len(block) == 0
        assert block.dense.shape == (0, len(pipeline.dense_names))
        assert all(part.shape[0] == 0 for part in block.sparse.values())
        assert block.fingerprints.shape == (0,)
        assert block.to_arrow().num_rows == 0
    assert [batch.num_rows for batch, _ in shop.transform_batches(shop_pairs.slice(0, 0))] == [0]
    for pairs, documents in (
        (shop_pairs.slice(0, 0), documents_of(shop_pairs)),
        (shop_pairs, documents_of(shop_pairs)[:0]),
    ):
        with pytest.raises(bz.InvalidValueError, match="empty"):
            bz.fit(shop_spec, pairs, documents)


def test_all_null_columns(row_wise, shop_spec, shop, shop_pairs) -> None:
    rows = 3
    nulls = {"title": pa.nulls(rows), "price": pa.nulls(rows, pa.float64()), "stock": [None] * rows}
    block = row_wise.transform(nulls)
    assert (block.dense.view(np.uint32) == 0x7FC00000).all()
    assert block.sparse["title_hashed"].nnz == 0
    empty = shop_pairs
    for name in ("title", "price_cents", "clicks", "supplier"):
        at = empty.schema.get_field_index(name)
        empty = empty.set_column(at, name, pa.nulls(empty.num_rows, empty.schema.field(at).type))
    block = shop.transform(empty)
    assert np.isnan(block.dense[:, shop.dense_names.index("clicks_scaled")]).all()
    assert not np.isnan(block.dense[:, shop.dense_names.index("log_price")]).any(), "the median fills it"
    # As scikit-learn refuses it: no document can be in a vocabulary.
    with pytest.raises(bz.InvalidValueError) as caught:
        bz.fit(shop_spec, empty, documents_of(empty))
    assert caught.value.place == "steps.title_tfidf"
    titled = empty.set_column(empty.schema.get_field_index("title"), "title", shop_pairs["title"])
    fitted = bz.fit(shop_spec, titled, documents_of(titled)).transform(shop_pairs)
    assert np.isnan(fitted.dense[:, shop.dense_names.index("clicks_scaled")]).all(), "no number was given to scale by"


def test_one_row_of_64_mib_of_text(row_wise) -> None:
    word = "lorem ipsum "
    text = word * (64 * 2**20 // len(word))
    block = row_wise.transform({"title": ["red", text, "red"], "price": [1.0] * 3, "stock": [1] * 3})
    counts = block.sparse["title_hashed"]
    assert counts[1].sum() == 2 * (len(text) // len(word))
    assert counts[1].nnz == 2
    assert (counts[0] != counts[2]).nnz == 0


def test_a_group_of_one_and_of_100_000(in_group) -> None:
    rows = 100_000
    prices = np.random.default_rng(5).normal(size=rows)
    ids = np.r_[np.zeros(1, dtype=np.int64), np.ones(rows, dtype=np.int64)]
    data = {"price": np.r_[3.0, prices], "request": ids}
    block = in_group.transform(data)
    assert block.dense[0, 1] == 0.0
    np.testing.assert_allclose(block.dense[1:, 1], (prices - prices.mean()) / prices.std(), rtol=1e-5, atol=1e-6)
    parts = [b.fingerprints for _, b in in_group.transform_batches(pa.table(data), batch_rows=1000)]
    assert np.array_equal(np.concatenate(parts), block.fingerprints)


def test_duplicate_keys_of_a_map_take_the_last(shop, shop_pairs) -> None:
    at = shop_pairs.schema.get_field_index("attributes")
    rows = shop_pairs.slice(0, 1)
    kind = shop_pairs.schema.field(at).type

    def with_entries(entries):
        return shop.transform(rows.set_column(at, "attributes", pa.array([entries], kind)))

    assert bits(with_entries([("colour", "red"), ("colour", "blue")])) == bits(with_entries([("colour", "blue")]))
    assert bits(with_entries([("colour", "red")])) != bits(with_entries([("colour", "blue")]))


def test_truncated_artifacts(shop, tmp_path) -> None:
    whole = shop.to_bytes()
    path = tmp_path / "cut.bz"
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        with pytest.raises(bz.CorruptArtifactError):
            bz.Pipeline.from_bytes(whole[:length])
        path.write_bytes(whole[:length])
        with pytest.raises(bz.CorruptArtifactError):
            bz.load(path)


def test_tampered_artifacts(shop, tmp_path) -> None:
    whole = shop.to_bytes()
    path = tmp_path / "changed.bz"
    rng = np.random.default_rng(11)
    for at in rng.integers(0, len(whole), 60).tolist():
        changed = bytearray(whole)
        changed[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(changed)
        with pytest.raises((bz.CorruptArtifactError, bz.UnsupportedVersionError)):
            bz.load(path)


def test_newer_artifacts_say_what_to_do(shop) -> None:
    whole = shop.to_bytes()
    newer = whole.replace(b'"format_version": 1', b'"format_version": 2')
    assert newer != whole
    # The checksum of the manifest is mended, so that only the version is wrong.
    with pytest.raises(bz.BuzzsawError) as caught:
        bz.Pipeline.from_bytes(_with_manifest_checksum(newer))
    assert caught.value.code == "BZ_UNSUPPORTED_VERSION"
    assert caught.value.hint


def _with_manifest_checksum(artifact: bytes) -> bytes:
    import io
    import struct
    import zlib

    directory = zipfile.ZipFile(io.BytesIO(artifact))
    entry = directory.getinfo("manifest.json")
    name_length, extra_length = struct.unpack_from("<HH", artifact, entry.header_offset + 26)
    start = entry.header_offset + 30 + name_length + extra_length
    crc = struct.pack("<I", zlib.crc32(artifact[start : start + entry.file_size]))
    return artifact.replace(struct.pack("<I", entry.CRC), crc)


def test_an_artifact_of_something_else(tmp_path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"kind": "other"}))
    with pytest.raises(bz.CorruptArtifactError):
        bz.load(path)
    with pytest.raises(bz.IoError):
        bz.load(tmp_path / "none.bz")
    with pytest.raises(bz.IoError):
        bz.load(tmp_path)


def test_a_failed_save_leaves_nothing(shop, tmp_path) -> None:
    with pytest.raises(bz.IoError):
        shop.save(tmp_path / "no" / "such" / "folder.bz")
    assert list(tmp_path.iterdir()) == []


def test_codes_are_those_of_the_table() -> None:
    from buzzsaw import _buzzsaw

    assert all(re.fullmatch(r"BZ_[A-Z]+(_[A-Z]+)*", code) for _, code, _ in _buzzsaw.error_table())


def test_fit_wants_labels(shop_spec) -> None:
    pairs = shop_table(5)
    with pytest.raises(bz.MissingInputError) as caught:
        bz.fit(shop_spec, pairs.drop(["grade"]), documents_of(pairs))
    assert caught.value.place == "inputs.grade"
