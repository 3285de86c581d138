"""Lookup tables: state that a fit is given by name."""

import json
import random

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.cli.main import main
from buzzsaw.sklearn import SpecTransformer

SPEC = """
buzzsaw: 1
name: looked_up
inputs:
  words: {type: list<string>, side: document}
steps:
  glove: {transform: embedding, input: words, table: glove, dimensions: 2}
features: [glove]
"""
GLOVE = {"key": ["red", "lamp", "Straße"], "vector": [[1.0, 2.0], [3.0, -4.0], [0.1, 0.0]]}
ROWS = {"words": [["red", "lamp"], ["unseen"], None, ["Straße"]]}


@pytest.fixture
def spec() -> bz.Spec:
    return bz.Spec.parse(SPEC)


def fitted(spec: bz.Spec, table: object) -> bz.Pipeline:
    return bz.fit(spec, {}, documents=ROWS, tables={"glove": table})


def test_a_table_comes_from_anything_with_columns(spec, tmp_path) -> None:
    arrow = pa.table({"key": GLOVE["key"], "vector": pa.array(GLOVE["vector"], pa.list_(pa.float32(), 2))})
    path = tmp_path / "glove.parquet"
    pq.write_table(arrow, path, row_group_size=1)
    folder = tmp_path / "parts"
    folder.mkdir()
    for i in range(3):
        pq.write_table(arrow.slice(i, 1), folder / f"{2 - i}.parquet")
    given = [GLOVE, arrow, arrow.to_batches()[0], arrow.to_pandas(), arrow.to_reader(1), path, str(path), folder]
    hashes = {fitted(spec, table).content_hash for table in given}
    assert len(hashes) == 1
    made = fitted(spec, arrow).transform(ROWS).dense
    nan = np.float32("nan")
    np.testing.assert_array_equal(made, np.float32([[2.0, -1.0], [nan, nan], [nan, nan], [0.1, 0.0]]))


def test_the_order_of_rows_does_not_change_the_artifact(spec) -> None:
    rng = random.Random(10)
    rows = [(f"word {i}", [rng.gauss(0, 1), rng.gauss(0, 1)]) for i in range(5000)]
    hashes = set()
    for _ in range(3):
        rng.shuffle(rows)
        keys, vectors = zip(*rows, strict=True)
        table = pa.table({"vector": list(vectors), "key": list(keys), "more": range(5000)})
        hashes.add(fitted(spec, table).content_hash)
    assert len(hashes) == 1


def test_a_saved_pipeline_keeps_its_table(spec, tmp_path) -> None:
    pipeline = fitted(spec, GLOVE)
    pipeline.save(tmp_path / "a.bzsw")
    loaded = bz.load(tmp_path / "a.bzsw", check="full")
    np.testing.assert_array_equal(loaded.transform(ROWS).dense, pipeline.transform(ROWS).dense)
    assert loaded.content_hash == pipeline.content_hash


def test_a_table_that_is_not_given_is_named(spec) -> None:
    with pytest.raises(bz.MissingInputError) as caught:
        bz.fit(spec, {}, documents=ROWS)
    (problem,) = caught.value.problems
    assert problem["place"] == "tables.glove"
    assert "--table glove=FILE" in problem["hint"]


@pytest.mark.parametrize(
    ("table", "error", "place"),
    [
        ({"key": ["a"]}, bz.MissingInputError, "tables.glove.vector"),
        ({"vector": [[1.0, 2.0]]}, bz.MissingInputError, "tables.glove.key"),
        ({"key": ["a", "a"], "vector": [[1.0, 2.0], [3.0, 4.0]]}, bz.InvalidValueError, "tables.glove.key"),
        ({"key": [None], "vector": [[1.0, 2.0]]}, bz.InvalidValueError, "tables.glove.key[0]"),
        ({"key": ["a", "b"], "vector": [[1.0, 2.0], None]}, bz.InvalidValueError, "tables.glove.vector[1]"),
        ({"key": ["a"], "vector": [[1.0, 2.0, 3.0]]}, bz.InvalidValueError, "tables.glove.vector[0]"),
        ({"key": ["a"], "vector": [[1.0, float("nan")]]}, bz.InvalidValueError, "tables.glove.vector[0][1]"),
        ({"key": ["a"], "vector": [[float("inf"), 1.0]]}, bz.InvalidValueError, "tables.glove.vector[0][0]"),
        ({"key": [], "vector": []}, bz.InvalidValueError, "tables.glove"),
        ({"key": [1.5], "vector": [[1.0, 2.0]]}, bz.TypeMismatchError, "tables.glove.key"),
        (pa.table({"key": ["a"], "vector": ["1 2"]}), bz.TypeMismatchError, "tables.glove.vector"),
        (pa.table({"key": [1], "vector": [[1.0, 2.0]]}), bz.TypeMismatchError, "tables.glove.key"),
        ({"key": ["a"], "vector": [[1.0, 2.0], [3.0, 4.0]]}, bz.InvalidValueError, "tables.glove"),
        (17, bz.TypeMismatchError, "tables.glove"),
        ("no such.parquet", bz.IoError, "tables.glove"),
        (__file__, bz.InvalidValueError, "tables.glove"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(spec, table, error, place) -> None:
    with pytest.raises(error) as caught:
        fitted(spec, table)
    assert caught.value.problems[0]["place"] == place


def test_other_names_and_no_mapping_are_refused(spec) -> None:
    with pytest.raises(bz.InvalidValueError, match="did you mean `glove`") as caught:
        bz.fit(spec, {}, documents=ROWS, tables={"glov": GLOVE})
    assert caught.value.problems[0]["place"] == "tables.glov"
    with pytest.raises(bz.TypeMismatchError, match="tables"):
        bz.fit(spec, {}, documents=ROWS, tables=[GLOVE])


def test_a_table_goes_with_steps_that_learn() -> None:
    text = SPEC.replace(
        "features: [glove]",
        "  scaled: {transform: standardize, input: price, missing: {impute: mean}}\nfeatures: [glove, scaled]",
    )
    spec = bz.Spec.parse(text.replace("steps:", "  price: {type: float64, side: document}\nsteps:"))
    rows = {**ROWS, "price": [1.0, 3.0, None, 2.0]}
    pipeline = bz.fit(spec, {}, documents=rows, tables={"glove": GLOVE})
    assert pipeline.transform(rows).dense.shape == (4, 3)


def test_the_scikit_learn_adapter_takes_tables() -> None:
    transformer = SpecTransformer(SPEC, tables={"glove": GLOVE})
    made = transformer.fit_transform(ROWS)
    assert made.shape == (4, 2)


def test_the_command_takes_tables(tmp_path, capsys) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    pq.write_table(pa.table(ROWS), tmp_path / "rows.parquet")
    pq.write_table(pa.table(GLOVE), tmp_path / "glove.parquet")
    out = tmp_path / "a.bzsw"
    arguments = ["fit", str(tmp_path / "spec.yaml"), "--pairs", str(tmp_path / "rows.parquet"), "-o", str(out)]
    table = f"glove={tmp_path / 'glove.parquet'}"
    assert main([*arguments, "--table", table]) == 0
    np.testing.assert_array_equal(bz.load(out).transform(ROWS).dense[0], np.float32([2.0, -1.0]))
    capsys.readouterr()
    bad = [
        [],
        ["--table", "glove"],
        ["--table", "=x"],
        ["--table", table, "--table", table],
        ["--table", "glove=absent"],
    ]
    places = []
    for more in bad:
        assert main([*arguments, "--json", *more]) != 0
        places.append(json.loads(capsys.readouterr().err)["problems"][0]["place"])
    assert places == ["tables.glove", "--table", "--table", "--table", "tables.glove"]
    arguments[-1] = str(tmp_path / "glove.parquet")
    assert main([*arguments, "--table", table]) == 2
