"""Hash collisions of the report, against scikit-learn's hash and against the features themselves."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from datetime import date

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest
from buzzsaw.nightly import collisions as collisions_module
from buzzsaw.nightly.collisions import collisions
from buzzsaw.nightly.samples import repaired
from sklearn.utils import murmurhash3_32

SPEC = """
buzzsaw: 1
name: hashing
inputs:
  title: {type: string, side: document}
  supplier: {type: string, side: document}
  size: {type: int64, side: document}
  listed: {type: date, side: document}
  tags: {type: "list<string>", side: document}
  facets: {type: "map<string>", side: document}
  weights: {type: "map<float64>", side: document}
  group_id: {type: string, side: query, role: group}
steps:
  terms: {transform: tokenize, input: title}
  pairs: {transform: token_ngrams, input: terms, ngrams: [1, 2]}
  by_sklearn: {transform: hashed_terms, input: terms, hash: sklearn, bits: 4, signed: true, norm: l2}
  by_ngrams: {transform: hashed_terms, input: terms, bits: 5, ngrams: [1, 3], seed: 9}
  by_tags: {transform: hashed_terms, input: tags, bits: 2}
  of_supplier: {transform: hash_bucket, input: supplier, buckets: 3}
  of_size: {transform: hash_bucket, input: size, buckets: 5, output: one_hot}
  of_day: {transform: hash_bucket, input: listed, buckets: 4, output: one_hot}
  crossed: {transform: hashed_cross, inputs: [supplier, terms, size], bits: 6}
  by_facet: {transform: hashed_features, input: facets, bits: 3, alternate_sign: false}
  by_weight: {transform: hashed_features, input: weights, bits: 2, hash: sklearn, alternate_sign: false}
  by_name: {transform: hashed_features, input: supplier, bits: 1}
  unused: {transform: hash_bucket, input: supplier, buckets: 7}
features: [by_sklearn, by_ngrams, by_tags, of_supplier, of_size, of_day, crossed, by_facet, by_weight, by_name]
"""

WORDS = ["red", "blue", "green", "lamp", "cable", "usb", "long", "short", "black", "white", "shoe", "boot", "ünïcode"]


def rows(count: int = 60) -> list[dict]:
    def title(i: int) -> str | None:
        return None if i % 11 == 10 else " ".join(WORDS[(i * 5 + k * k) % len(WORDS)] for k in range(i % 6))

    return [
        {
            "title": title(i),
            "supplier": None if i % 7 == 6 else f"s{i * i % 10}",
            "size": None if i % 9 == 8 else i * i % 17 - 8,
            "listed": date(2026, 1, 1 + i % 12),
            "tags": None if i % 10 == 9 else [WORDS[i % 5], None, WORDS[i % 3]],
            "facets": [("colour", WORDS[i % 4]), ("kind", WORDS[4 + i % 5]), ("none", None)],
            "weights": [
                ("width", 2.5),
                ("depth", float(i % 2)),
                ("height", None),
                (f"w{i % 5}", -1.0),
                ("odd", math.nan),
            ],
            "group_id": f"g{i // 4}",
        }
        for i in range(count)
    ]


SCHEMA = pa.schema(
    [
        ("title", pa.string()),
        ("supplier", pa.string()),
        ("size", pa.int64()),
        ("listed", pa.date32()),
        ("tags", pa.list_(pa.string())),
        ("facets", pa.map_(pa.string(), pa.string())),
        ("weights", pa.map_(pa.string(), pa.float64())),
        ("group_id", pa.string()),
    ]
)


@pytest.fixture(scope="module")
def pipeline() -> bz.Pipeline:
    return bz.Pipeline.compile(bz.Spec.parse(SPEC))


@pytest.fixture(scope="module")
def sample() -> pa.Table:
    return pa.Table.from_pylist(rows(), SCHEMA)


@pytest.fixture(scope="module")
def found(pipeline, sample):
    return collisions(pipeline, sample, 1000)


def expected_values() -> dict[str, Counter]:
    """The values of each step and in how many rows each is, by plain Python; tokens are words."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for row in rows():
        terms = None if row["title"] is None else row["title"].split()
        if terms is not None:
            counts["by_sklearn"].update({(term,) for term in terms})
            counts["by_ngrams"].update({tuple(terms[i : i + n]) for n in (1, 2, 3) for i in range(len(terms) - n + 1)})
        if row["tags"] is not None:
            counts["by_tags"].update({(tag,) for tag in row["tags"] if tag is not None})
        if row["supplier"] is not None:
            counts["of_supplier"][row["supplier"],] += 1
            counts["by_name"][row["supplier"],] += 1
        if row["size"] is not None:
            counts["of_size"][str(row["size"]),] += 1
        counts["of_day"][row["listed"].isoformat(),] += 1
        if None not in (terms, row["supplier"], row["size"]):
            counts["crossed"].update({(row["supplier"], term, str(row["size"])) for term in terms})
        counts["by_facet"].update({(key, value) for key, value in row["facets"] if value is not None})
        counts["by_weight"].update({(key,) for key, value in row["weights"] if value and not math.isnan(value)})
    return counts


def alone(step: str, value: tuple[str, ...]) -> int:
    """The column of a value by the whole step on a row that has nothing else: `mixed` rows would hide a collision."""
    document = bz.Spec.parse(SPEC).to_dict()
    given = dict(document["steps"][step], norm="none") if "norm" in document["steps"][step] else document["steps"][step]
    row: dict = dict.fromkeys(SCHEMA.names)
    if step == "by_ngrams":
        given = {**given, "ngrams": [len(value), len(value)]}
    if step in ("by_sklearn", "by_ngrams"):
        row["title"] = " ".join(value)
    elif step == "by_tags":
        row["tags"] = list(value)
    elif step in ("of_supplier", "by_name"):
        row["supplier"] = value[0]
    elif step == "of_size":
        row["size"] = int(value[0])
    elif step == "of_day":
        row["listed"] = date.fromisoformat(value[0])
    elif step == "crossed":
        row |= {"supplier": value[0], "title": value[1], "size": int(value[2])}
    elif step == "by_facet":
        row["facets"] = [value]
    else:
        row["weights"] = [(value[0], 3.0)]
    row["group_id"] = "g"
    document["steps"] = {name: given if name == step else one for name, one in document["steps"].items()}
    document["features"] = [step]
    block = bz.Pipeline.compile(bz.Spec.parse(json.dumps(document))).transform(pa.Table.from_pylist([row], SCHEMA))
    if step in block.dense_names:
        return int(block.dense[0, 0])
    (column,) = block.sparse[step].indices
    return int(column)


def test_every_hashing_step_that_a_feature_needs_is_there(found):
    in_order = list(bz.Spec.parse(SPEC).to_dict()["steps"])
    assert [one.step for one in found[0]] == [step for step in in_order if step in expected_values()]
    assert "unused" in in_order


@pytest.mark.parametrize("step", sorted(expected_values()))
def test_values_and_their_columns_are_those_of_one_value_a_row(found, step):
    counts = expected_values()[step]
    by_column: dict[int, dict] = defaultdict(dict)
    for value, count in counts.items():
        by_column[alone(step, value)][value] = count
    shared = {column: values for column, values in by_column.items() if len(values) > 1}
    confused = {column: sum(values.values()) - max(values.values()) for column, values in shared.items()}
    (have,) = (one for one in found[0] if one.step == step)
    assert have.values == len(counts)
    assert have.sharing == sum(map(len, shared.values())) > 0
    assert have.shared_columns == len(shared)
    assert have.occurrences == sum(counts.values())
    assert have.confused == sum(confused.values())
    order = sorted(shared, key=lambda column: (-confused[column], column))
    assert [(one.column, one.distinct, one.confused) for one in have.worst] == [
        (column, len(shared[column]), confused[column]) for column in order
    ]
    for one in have.worst:
        want = sorted(shared[one.column].items(), key=lambda item: (-item[1], list(item[0])))[:5]
        assert [(tuple(value.parts), value.rows) for value in one.values] == want


def test_columns_of_terms_are_those_of_scikit_learn(found):
    (have,) = (one for one in found[0] if one.step == "by_sklearn")
    terms = {term for (term,) in expected_values()["by_sklearn"]}
    by_column = defaultdict(set)
    for term in terms:
        by_column[abs(murmurhash3_32(term, seed=0)) % 16].add(term)
    want = {column: held for column, held in by_column.items() if len(held) > 1}
    assert {one.column: {value.parts[0] for value in one.values} for one in have.worst if one.distinct <= 5} == {
        column: held for column, held in want.items() if len(held) <= 5
    }
    assert {one.column: one.distinct for one in have.worst} == {column: len(held) for column, held in want.items()}


def test_columns_of_the_features_are_those_of_their_values(pipeline, sample, found):
    """No column is used that no value of the report has."""
    block = pipeline.transform(sample)
    for step in ("by_ngrams", "by_tags", "of_size", "of_day", "crossed", "by_facet", "by_weight"):
        assert set(found[1][step]) == set(np.unique(block.sparse[step].indices).tolist())
    assert set(found[1]["of_supplier"]) == {int(one) for one in np.unique(block.dense[:, 0]) if not math.isnan(one)}


def test_what_an_ideal_hash_would_do_is_the_mean_of_random_columns(found):
    generator = np.random.default_rng(7)
    (have,) = (one for one in found[0] if one.step == "crossed")
    tries = []
    for _ in range(400):
        _, counts = np.unique(generator.integers(0, have.columns, have.values), return_counts=True)
        tries.append(counts[counts > 1].sum())
    assert have.columns == 64
    assert have.expected_sharing == pytest.approx(np.mean(tries), rel=0.02)


def test_a_list_of_more_tokens_than_explain_shows_is_analysed_whole_or_told(pipeline):
    words = [f"w{i}" for i in range(250)]
    row = {**rows(1)[0], "title": " ".join(words)}
    have = {one.step: one for one in collisions(pipeline, pa.Table.from_pylist([row], SCHEMA), 5)[0]}
    assert (have["by_sklearn"].values, have["by_sklearn"].cut_rows) == (250, 0)
    text = SPEC.replace(
        "by_tags: {transform: hashed_terms, input: tags,", "by_tags: {transform: hashed_terms, input: pairs,"
    )
    spec = bz.Spec.parse(text)
    have = {one.step: one for one in collisions(bz.Pipeline.compile(spec), pa.Table.from_pylist([row], SCHEMA), 5)[0]}
    assert (have["by_tags"].values, have["by_tags"].cut_rows) == (100, 1)


def test_rows_are_looked_at_until_there_are_too_many_values(pipeline, sample, monkeypatch):
    monkeypatch.setattr(collisions_module, "_MOST_VALUES", 20)
    for one in collisions(pipeline, sample, 5)[0]:
        assert one.values <= 20
        if one.step == "crossed":
            seen = set()
            for used, row in enumerate(rows()):  # noqa: B007  read after it
                if None not in (row["title"], row["supplier"], row["size"]):
                    seen |= {(row["supplier"], term, row["size"]) for term in row["title"].split()}
                if len(seen) > 20:
                    break
            assert 0 < one.rows == used < len(rows())


@pytest.mark.parametrize("transform", collisions_module.HASHING)
def test_no_step_that_hashes_imputes(transform):
    """A value that a step filled in would have a column, too, and the report has missing ones for no values."""
    document = bz.Spec.parse(SPEC).to_dict()
    name = next(name for name, step in document["steps"].items() if step["transform"] == transform)
    document["steps"][name]["missing"] = {"impute": 0}
    with pytest.raises(bz.InvalidSpecError) as caught:
        bz.Spec.parse(json.dumps(document))
    assert [one["place"] for one in caught.value.problems] == [f"steps.{name}.missing"]


def test_no_rows_and_no_hashing_steps_are_fine(pipeline, sample):
    have = collisions(pipeline, sample.slice(0, 0), 5)[0]
    assert {(one.rows, one.values, one.sharing, one.expected_sharing) for one in have} == {(0, 0, 0, 0.0)}
    plain = bz.Spec.parse("buzzsaw: 1\nname: s\ninputs:\n  p: {type: int64, side: pair}\nfeatures: [p]\n")
    assert collisions(bz.Pipeline.compile(plain), sample, 5) == ([], {})


def as_text(kind: pa.DataType, held: list) -> pa.Array:
    """Bytes as Spark gives them: as text, whatever they are."""
    return pa.array(held, kind).view(pa.string())


#: Bytes that are no text: cut characters, a surrogate, an overlong one; and what is text.
RAW = [b"\xff", b"a\xed\xa0\x80b", b"\xe2\x82", b"\xc0\xaf", b"\xf0\x9f\x92", b"\xed\xbf", "é".encode(), b"plain", None]


def test_text_that_is_none_is_repaired_as_the_library_does_it():
    spec = bz.Spec.parse("""
buzzsaw: 1
name: raw
inputs: {text: {type: string, side: pair}, listed: {type: list<string>, side: pair}}
steps:
  one: {transform: hash_bucket, input: text, buckets: 65536}
  many: {transform: hashed_terms, input: listed, bits: 20}
features: [one, many]
""")
    text = as_text(pa.binary(), RAW)
    listed = pa.ListArray.from_arrays(pa.array([*range(len(RAW) + 1)], pa.int32()), text)
    raw = pa.table({"text": text, "listed": listed})
    mended = repaired(raw)
    mended.validate(full=True)
    with pytest.raises(pa.ArrowInvalid):
        raw.validate(full=True)
    assert mended["text"].to_pylist()[-3:] == ["é", "plain", None]
    pipeline = bz.Pipeline.compile(spec)
    made, want = pipeline.transform(mended), pipeline.transform(raw)
    assert made.fingerprints.tolist() == want.fingerprints.tolist()
    assert len(set(want.fingerprints.tolist())) == 6
    found, _ = collisions(pipeline, mended, 5)
    assert {one.step: one.values for one in found} == {"one": 5, "many": 5}
