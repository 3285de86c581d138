"""A part of a pipeline has the bits of the whole, and an identity of its own."""

from __future__ import annotations

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest

SPEC = """
buzzsaw: 1
name: parts
inputs:
  query: {type: string, side: query}
  now: {type: timestamp, side: query}
  title: {type: string, side: document}
  price: {type: float64, side: document}
  released_at: {type: timestamp, side: document}
  grade: {type: float64, side: pair, role: label}
  qid: {type: string, side: query, role: qid}
  request: {type: string, side: query, role: group}
steps:
  query_terms: {transform: tokenize, input: query}
  title_terms: {transform: tokenize, input: title}
  match: {transform: bm25, inputs: [query_terms, title_terms]}
  query_length: {transform: list_length, input: query_terms}
  scaled: {transform: standardize, input: price, missing: {impute: median, indicator: true}}
  rank: {transform: group_zscore, input: scaled}
  age_days: {transform: age, inputs: [now, released_at], unit: days}
  title_rating: {transform: target_mean, input: title, prior_weight: 2, folds: 3}
  tfidf: {transform: tfidf, input: title_terms}
features:
  - match
  - {step: scaled, name: price_scaled}
  - query_length
  - rank
  - tfidf
  - age_days
  - title_rating
  - price
"""


def rows(n: int = 40) -> pa.Table:
    times = pa.array([10**15 + 10**12 * (i % 9) for i in range(n)], pa.timestamp("us", tz="UTC"))
    return pa.table(
        {
            "query": [("red lamp", "usb cable")[i // 20] for i in range(n)],
            "now": pa.array([2 * 10**15] * n, pa.timestamp("us", tz="UTC")),
            "title": [None if i % 7 == 3 else f"lamp {i % 5} red cable" for i in range(n)],
            "price": [None if i % 6 == 1 else i * 1.7 for i in range(n)],
            "released_at": times,
            "grade": [float(i % 4) for i in range(n)],
            "qid": [("red lamp", "usb cable")[i // 20] for i in range(n)],
            "request": [str(i // 20) for i in range(n)],
        }
    )


@pytest.fixture(scope="module")
def whole() -> bz.Pipeline:
    return bz.fit(bz.Spec.parse(SPEC), rows(), rows())


def test_features_are_of_the_side_of_all_that_they_depend_on(whole: bz.Pipeline) -> None:
    assert whole.features_of_side("document") == ["price_scaled", "tfidf", "title_rating", "price"]
    assert whole.features_of_side("query") == ["query_length"]
    # A value within a group depends on the other candidates, an age on the time of the request.
    assert whole.features_of_side("pair") == ["match", "rank", "age_days"]
    with pytest.raises(bz.InvalidValueError, match="no side `documents`"):
        whole.features_of_side("documents")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["serve", "train"])
def test_a_part_has_the_bits_of_the_whole_without_the_other_columns(whole: bz.Pipeline, mode: bz.pipeline.Mode) -> None:
    part = whole.select(whole.features_of_side("document"))
    assert part.feature_names == ["price_scaled", "price_scaled_missing", "tfidf", "title_rating", "price"]
    assert [column.name for column in part.inputs] == ["title", "price"]
    assert not part.needs_groups
    have, want = part.transform(rows().select(["title", "price", "qid"]), mode=mode), whole.transform(rows(), mode=mode)
    for i, name in enumerate(part.dense_names):
        assert have.dense[:, i].tobytes() == want.dense[:, want.dense_names.index(name)].tobytes()
    for array in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(have.sparse["tfidf"], array), getattr(want.sparse["tfidf"], array))


def test_a_part_is_an_artifact_whose_identity_is_its_own_content(whole: bz.Pipeline) -> None:
    part = whole.select(["tfidf"])
    assert bz.Pipeline.from_bytes(part.to_bytes()) == part != whole
    assert set(part.spec.to_dict()["steps"]) == {"title_terms", "tfidf"}
    changed = rows().set_column(3, "price", pa.array([float(i) for i in range(40)]))
    other = bz.fit(bz.Spec.parse(SPEC), changed, changed)
    assert other != whole
    assert other.select(["tfidf"]) == part
    assert other.select(["price_scaled"]) != whole.select(["price_scaled"])
    assert whole.select(["tfidf", "match"]).feature_names == ["match", "tfidf"]


def test_names_that_are_no_feature_are_all_told(whole: bz.Pipeline) -> None:
    with pytest.raises(bz.InvalidValueError) as caught:
        whole.select(["match", "scaled", "price_scaled_missing"])
    assert [problem["message"] for problem in caught.value.problems] == [
        "the spec has no feature `scaled`",
        "the spec has no feature `price_scaled_missing`",
    ]
    with pytest.raises(bz.InvalidValueError, match="no feature is named"):
        whole.select([])
