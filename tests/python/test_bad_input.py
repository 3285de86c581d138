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


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("buzzsaw: 1\nname: [1, 2\n", "line 2, column 7"),
        ("buzzsaw: 1\nname:\n\t- x\n", "line 3, column 2"),
        ('{"buzzsaw": 1,\n  "name" 3}', "line 2 column 10"),
    ],
)
def test_text_that_is_neither_yaml_nor_json_is_told_with_line_and_column(text, where) -> None:
    with pytest.raises(bz.InvalidSpecError) as caught:
        bz.Spec.parse(text)
    assert where in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"buzzsaw": 1, "name": "x", "buzzsaw": 1}', "buzzsaw"),
        (GOOD.replace("  stock:", "  price:"), "inputs.price"),
        (GOOD.replace("  log_price:", "  title_key:"), "steps.title_key"),
        (GOOD.replace("bits: 10", "bits: 10, bits: 11"), "steps.title_hashed.bits"),
    ],
)
def test_a_key_given_twice_is_refused_at_its_place(text, place) -> None:
    with pytest.raises(bz.InvalidSpecError) as caught:
        bz.Spec.parse(text)
    assert caught.value.place == place
    assert "given twice" in caught.value.message


@pytest.mark.parametrize(
    ("old", "new", "place", "hint"),
    [
        ("name: row_wise", "name: row_wise\nfeature: [a]", "feature", "did you mean `features`?"),
        ("bits: 10", "bitz: 10", "steps.title_hashed.bitz", "did you mean `bits`?"),
        ("type: int32, side", "type: int32, sied", "inputs.stock.sied", "did you mean `side`?"),
        ("type: int32", "type: int23", "inputs.stock.type", "did you mean `int32`?"),
        ("input: title_terms", "input: title_term", "steps.title_hashed.input", "did you mean `title_terms`?"),
        ("features: [log_price", "features: [log_prize", "features[0]", "did you mean `log_price`?"),
        ("transform: log1p", "transform: log2p", "steps.log_price.transform", "did you mean `log1p`?"),
        ("transform: log1p", "transform: log1p, version: 9", "steps.log_price.transform", "has versions up to 1"),
    ],
)
def test_unknown_names_come_with_the_nearest_known_one(old, new, place, hint) -> None:
    assert old in GOOD
    with pytest.raises(bz.BuzzsawError) as caught:
        bz.Spec.parse(GOOD.replace(old, new))
    told = {problem["place"]: problem["hint"] for problem in caught.value.problems}
    assert hint in told[place]


def test_a_step_that_depends_on_itself_is_refused_at_the_input_that_closes_the_cycle() -> None:
    with pytest.raises(bz.InvalidSpecError) as caught:
        bz.Spec.parse(GOOD.replace("input: price}", "input: log_price}"))
    assert caught.value.place == "steps.log_price.input"
    longer = GOOD.replace("input: price}", "input: b}\n  b: {transform: log1p, input: log_price}")
    with pytest.raises(bz.InvalidSpecError, match="depends on itself") as caught:
        bz.Spec.parse(longer)
    assert caught.value.place in {"steps.b.input", "steps.log_price.input"}


def test_a_step_that_reads_a_wrong_type_is_refused_at_that_input() -> None:
    wrong = GOOD.replace("input: price}", "input: title}").replace("inputs: [title, title]", "inputs: [title, price]")
    with pytest.raises(bz.TypeMismatchError) as caught:
        bz.Spec.parse(wrong)
    found = {(problem["code"], problem["place"]) for problem in caught.value.problems}
    assert found == {("BZ_TYPE_MISMATCH", f"steps.{at}") for at in ("log_price.inputs[0]", "title_key.inputs[1]")}


ROLES = """
buzzsaw: 1
name: roles
inputs:
  now: {type: timestamp, side: query}
  then: {type: timestamp, side: document}
  supplier: {type: string, side: document}
  tokens: {type: list<string>, side: document}
  rating: {type: float64, role: label}
  qid: {type: string, role: qid}
steps:
  age: {transform: age, inputs: [now, then]}
  rated: {transform: target_mean, input: supplier, folds: 2, label_scale: 1000}
  weighed: {transform: tfidf, input: tokens, min_df: 2}
features: [age, rated, weighed]
"""


def role_rows(**changed: object) -> pa.Table:
    rows = {
        "now": pa.array([0, 0], pa.timestamp("us", tz="UTC")),
        "then": pa.array([0, 0], pa.timestamp("us", tz="UTC")),
        "supplier": ["a", "b"],
        "tokens": [["red"], ["red", "lamp"]],
        "rating": [1.0, 2.0],
        "qid": ["x", "y"],
    }
    return pa.table({**rows, **changed})


@pytest.mark.filterwarnings("ignore::buzzsaw.FitWarning")
@pytest.mark.parametrize(("unit", "odd"), [("ns", 1_001), ("s", 2**62), ("ms", -(2**62))])
def test_a_time_that_microseconds_cannot_hold_is_told_with_its_row(unit, odd) -> None:
    pipeline = bz.fit(bz.Spec.parse(ROLES), role_rows())
    rows = 5_000
    then = np.zeros(rows, dtype=np.int64)
    then[4_321] = odd
    data = {
        "now": pa.array(np.zeros(rows, dtype=np.int64)).cast(pa.timestamp("us", tz="UTC")),
        "then": pa.array(then).cast(pa.timestamp(unit, tz="UTC")),
        "supplier": ["a"] * rows,
        "tokens": [["red"]] * rows,
    }
    with pytest.raises(bz.InvalidValueError) as caught:
        pipeline.transform(data)
    assert "4321" in f"{caught.value.place} {caught.value.message}"
    assert str(odd) in caught.value.message


@pytest.mark.filterwarnings("ignore::buzzsaw.FitWarning")
@pytest.mark.parametrize("label", [float("inf"), float("-inf"), 1e16, -1e300])
def test_a_label_that_is_infinite_or_past_its_scale_is_refused(label) -> None:
    with pytest.raises(bz.InvalidValueError) as caught:
        bz.fit(bz.Spec.parse(ROLES), role_rows(rating=[1.0, label]))
    assert caught.value.place == "steps.rated"
    assert "label" in caught.value.message
    # A label that is NaN is missing: its row is not learnt from.
    missing = bz.fit(bz.Spec.parse(ROLES), role_rows(rating=[1.0, float("nan")]))
    assert missing == bz.fit(bz.Spec.parse(ROLES), role_rows(rating=[1.0, None]))


@pytest.mark.parametrize("transform", ["target_mean", "weight_of_evidence"])
def test_an_infinite_label_names_its_row(transform: str) -> None:
    with pytest.raises(bz.InvalidValueError, match="row 1 has the label inf"):
        bz.step_values(transform, ["a", "b"], label=[1.0, float("inf")], folds=0)


@pytest.mark.filterwarnings("ignore::buzzsaw.FitWarning")
def test_no_term_left_for_a_vocabulary_is_refused_at_the_step() -> None:
    for tokens in ([["red"], ["lamp"]], [[], []], [None, []]):
        with pytest.raises(bz.InvalidValueError) as caught:
            bz.fit(bz.Spec.parse(ROLES), role_rows(tokens=pa.array(tokens, pa.list_(pa.string()))))
        assert caught.value.place == "steps.weighed"


def test_an_unfitted_spec_names_the_steps_that_need_fitting() -> None:
    with pytest.raises(bz.NotFittedError) as caught:
        bz.Pipeline.compile(bz.Spec.parse(ROLES))
    assert [problem["place"] for problem in caught.value.problems] == ["steps.rated", "steps.weighed"]
    assert {problem["code"] for problem in caught.value.problems} == {"BZ_NOT_FITTED"}


def test_rows_that_do_not_fit_their_groups_are_told_with_their_place(shop, shop_pairs, in_group) -> None:
    table = shop_pairs.take(pa.array([0] * 9)).set_column(3, "query", pa.array(["red"] * 7 + ["lamp", "red"]))
    with pytest.raises(bz.InvalidValueError) as caught:
        shop.transform(table)
    assert caught.value.place == "inputs.query[7]"
    with pytest.raises(bz.MissingInputError) as caught:
        in_group.transform({"price": [1.0, 2.0]})
    assert caught.value.place == "groups"
    with pytest.raises(bz.InvalidValueError) as caught:
        in_group.transform({"price": [1.0] * 3, "request": [1, 2, 1]})
    assert caught.value.place == "groups"


def test_a_tampered_entry_is_named(shop) -> None:
    import io

    whole = shop.to_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        contents = [(entry, archive.read(entry)) for entry in archive.infolist()]
    assert len(contents) > 5
    for entry, content in contents:
        changed = bytearray(whole)
        # Entries are stored as they are, behind headers of padded length.
        changed[whole.index(content, entry.header_offset) + len(content) // 2] ^= 4
        with pytest.raises(bz.CorruptArtifactError) as caught:
            bz.Pipeline.from_bytes(bytes(changed))
        assert caught.value.place == entry.filename


@pytest.mark.parametrize(
    ("pattern", "newer", "told"),
    [
        (rb'"format_version": 1', b'"format_version": 9', "artifact format 9"),
        (rb'("unicode_version": "words )\d', rb"\g<1>9", "Unicode words 9"),
        (rb'("snowball_version": ")\d', rb"\g<1>9", "Snowball 9"),
    ],
)
def test_an_artifact_of_other_tables_or_format_says_what_to_use(shop, tmp_path, pattern, newer, told) -> None:
    changed, count = re.subn(pattern, newer, shop.to_bytes())
    assert count == 1
    path = tmp_path / "newer.bz"
    path.write_bytes(_with_manifest_checksum(changed))
    for read in (bz.load, lambda path: bz.Pipeline.from_bytes(path.read_bytes())):
        with pytest.raises(bz.UnsupportedVersionError) as caught:
            read(path)
        assert told in caught.value.message
        assert "0.1.0" in caught.value.hint
