"""The same values from every kind of table give the same bits."""

from decimal import Decimal
from itertools import pairwise

import buzzsaw as bz
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from buzzsaw.arrays import column_of
from conftest import bits, shop_table

TITLES = ["red shoes", None, "", "a title that is longer than twelve bytes", "Straße 日本語 🙂", "red red red"]
PRICES = [1.0, None, 0.0, 1e300, -0.5, float("nan")]
STOCK = [1, 0, None, -3, 2**31 - 1, -(2**31)]


def base() -> pa.Table:
    columns = {
        "title": pa.array(TITLES, pa.string()),
        "price": pa.array(PRICES, pa.float64()),
        "stock": pa.array(STOCK, pa.int32()),
    }
    return pa.table(columns)


@pytest.fixture(scope="module")
def expected(row_wise) -> list[bytes]:
    return bits(row_wise.transform(base()))


def test_what_the_values_are(row_wise) -> None:
    block = row_wise.transform(base())
    want = np.array([np.log1p(1.0), np.nan, 0.0, np.log1p(1e300), np.log1p(-0.5), np.nan], dtype=np.float32)
    np.testing.assert_array_equal(block.dense[:, 0], want)
    np.testing.assert_array_equal(block.dense[:, 1], np.array([1, 0, np.nan, -3, 2**31, -(2**31)], dtype=np.float32))
    assert block.sparse["title_hashed"].sum(axis=1).ravel().tolist()[0][:4] == [2.0, 0.0, 0.0, 8.0]


def with_titles(kind: pa.DataType) -> pa.Table:
    return base().set_column(0, "title", base()["title"].cast(kind))


def encoded(index: pa.DataType, values: pa.DataType) -> pa.Table:
    titles = pa.array(TITLES, values).dictionary_encode()
    titles = pa.DictionaryArray.from_arrays(titles.indices.cast(index), titles.dictionary)
    return base().set_column(0, "title", titles)


def null_in_dictionary() -> pa.Table:
    titles = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3, 4, 5], pa.int8()), pa.array(TITLES))
    assert titles.null_count == 0
    return base().set_column(0, "title", titles)


def sliced() -> pa.Table:
    padding = pa.table(
        {"title": ["x", None, "y"], "price": [9.0, None, 8.0], "stock": pa.array([7, None, 6], pa.int32())}
    )
    whole = pa.concat_tables([padding, base(), padding]).combine_chunks()
    return whole.slice(3, len(TITLES))


def shuffled_columns() -> pa.Table:
    extra = base().append_column("unused", pa.array([object.__name__] * len(TITLES)))
    return extra.select(["unused", "stock", "price", "title"])


TABLES = {
    "table": base,
    "record batch": lambda: base().combine_chunks().to_batches()[0],
    "chunks": lambda: pa.concat_tables([base().slice(0, 2), base().slice(2, 3), base().slice(5)]),
    "large string": lambda: with_titles(pa.large_string()),
    "string view": lambda: with_titles(pa.string_view()),
    "binary": lambda: with_titles(pa.binary()),
    "large binary": lambda: with_titles(pa.large_binary()),
    "binary view": lambda: with_titles(pa.binary_view()),
    "dictionary int8": lambda: encoded(pa.int8(), pa.string()),
    "dictionary uint32": lambda: encoded(pa.uint32(), pa.large_string()),
    "dictionary of a null": null_in_dictionary,
    "sliced": sliced,
    "shuffled columns": shuffled_columns,
    "int16 stock": lambda: base().set_column(2, "stock", pa.array([1, 0, None, -3, 2, 3], pa.int16())),
    "reader": lambda: base().to_reader(max_chunksize=2),
    "dataset": lambda: ds.dataset(base()),
    "polars": lambda: pl.from_arrow(base()),
    "polars categorical": lambda: pl.from_arrow(base()).with_columns(pl.col("title").cast(pl.Categorical)),
    "duckdb": lambda: duckdb.connect().from_arrow(base()),
    "pandas": lambda: pd.DataFrame({"title": TITLES, "price": PRICES, "stock": pd.array(STOCK, dtype="Int32")}),
    "pandas of arrow": lambda: base().to_pandas(types_mapper=pd.ArrowDtype),
    "lists": lambda: {"title": TITLES, "price": PRICES, "stock": STOCK},
    "arrays": lambda: {
        "title": np.array(TITLES, dtype=object),
        "price": np.array([np.nan if p is None else p for p in PRICES]),
        "stock": pa.array(STOCK, pa.int32()),
    },
    "polars series": lambda: {
        "title": pl.Series(TITLES),
        "price": pl.Series(PRICES),
        "stock": pl.Series(STOCK, dtype=pl.Int32),
    },
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_table_gives_the_same_bits(row_wise, expected, kind) -> None:
    data = TABLES[kind]()
    if kind == "int16 stock":
        other = base().set_column(2, "stock", pa.array([1, 0, None, -3, 2, 3], pa.int32()))
        expected = bits(row_wise.transform(other))
    assert bits(row_wise.transform(data)) == expected


def test_any_object_with_the_capsule_interface_is_read(row_wise, expected) -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema=None):
            return base().__arrow_c_stream__(requested_schema)

    class Array:
        def __arrow_c_array__(self, requested_schema=None):
            return base().combine_chunks().to_batches()[0].__arrow_c_array__(requested_schema)

    assert bits(row_wise.transform(Stream())) == bits(row_wise.transform(Array())) == expected


def test_a_block_is_itself_such_an_object(row_wise) -> None:
    block = row_wise.transform(base())
    tables = {
        "pyarrow": pa.table(block),
        "pyarrow of a batch": pa.table(pa.record_batch(block)),
        "polars": pl.DataFrame(block).to_arrow(),
    }
    # Before, DuckDB knew streams alone.
    if int(duckdb.__version__.split(".")[0]) >= 2:
        tables["duckdb"] = duckdb.connect().sql("FROM block").to_arrow_table()
    for name, table in tables.items():
        assert table.schema.names == [*block.dense_names, *block.sparse], name
        assert table["log_price"].to_numpy().tobytes() == block.dense[:, 0].tobytes(), name
        part = table["title_hashed"].combine_chunks()
        assert pc.list_flatten(part.field("indices")).to_pylist() == block.sparse["title_hashed"].indices.tolist(), name
        assert pc.list_flatten(part.field("values")).to_pylist() == block.sparse["title_hashed"].data.tolist(), name


@pytest.mark.parametrize("layout", [pa.string(), pa.large_string(), pa.string_view()])
def test_invalid_utf8_is_repaired_in_every_layout(row_wise, layout) -> None:
    raw = [b"red \xff shoes", b"\xed\xa0\x80 lamp", b"caf\xc3", b"a long title with a bad byte \x80 in it"]
    mended = [text.replace("\ufffd\ufffd\ufffd", "\ufffd") for text in (r.decode("utf-8", "replace") for r in raw)]
    rest = {"price": [1.0] * 4, "stock": [1] * 4}
    storage = pa.array(raw, pa.large_binary() if layout == pa.large_string() else pa.binary())
    if layout == pa.string_view():
        views = pa.array(raw, pa.binary_view())
        unchecked = pa.Array.from_buffers(layout, 4, views.buffers())
    else:
        unchecked = pa.Array.from_buffers(layout, 4, storage.buffers())
    want = bits(row_wise.transform({"title": mended, **rest}))
    assert bits(row_wise.transform({"title": unchecked, **rest})) == want
    assert bits(row_wise.transform({"title": raw, **rest})) == want


def test_lone_surrogates_of_python_strings_are_repaired(row_wise) -> None:
    rest = {"price": [1.0, 1.0], "stock": [1, 1]}
    got = row_wise.transform({"title": ["lamp\ud800red", "x"], **rest})
    assert bits(got) == bits(row_wise.transform({"title": ["lamp\ufffdred", "x"], **rest}))
    frame = pd.DataFrame({"title": ["lamp\ud800red", "x"], "price": [1.0, 1.0], "stock": pd.array([1, 1], "Int32")})
    assert bits(row_wise.transform(frame)) == bits(got)


def test_maps_lists_times_and_decimals_of_python() -> None:
    spec = bz.Spec.parse("""
        buzzsaw: 1
        name: kinds
        inputs:
          now: {type: timestamp, side: query}
          then: {type: date, side: document}
          size: {type: map<float64>, side: document}
          tags: {type: list<string>, side: document}
          cost: {type: decimal, side: document}
        steps:
          age: {transform: age, inputs: [now, then], unit: days}
          width: {transform: map_get, input: size, key: w}
          tag: {transform: hashed_terms, input: tags, bits: 8}
        features: [age, width, cost, tag]
    """)
    from datetime import date, datetime, timezone

    pipeline = bz.fit(spec, {})
    block = pipeline.transform(
        {
            "now": [datetime(2024, 1, 2, 12), datetime(2024, 1, 2, tzinfo=timezone.utc)],
            "then": [date(2024, 1, 1), None],
            "size": [{"w": 2.5, "h": 1.0}, {}],
            "tags": [["a", "lone \udfff"], None],
            "cost": [Decimal("19.99"), None],
        }
    )
    np.testing.assert_array_equal(block.dense, np.array([[1.5, 2.5, 19.99], [np.nan] * 3], dtype=np.float32))
    assert block.sparse["tag"].sum(axis=1).ravel().tolist() == [[2.0, 0.0]]


@pytest.mark.parametrize(
    ("ids", "offsets"),
    [
        ([7, 7, 8, 9, 9, 9], [0, 2, 3, 6]),
        (["a", "a", "b", "", "", ""], [0, 2, 3, 6]),
        (np.array([1, 1, 1, 1, 1, 1]), [0, 6]),
        (pa.chunked_array([[1, 1], [1, 2, 3], [3]]), [0, 3, 4, 6]),
        (pa.array(["x", "x", "y", "y", "z", "z"]).dictionary_encode(), [0, 2, 4, 6]),
        (pa.array([b"\xff", b"\xff", b"\xfe", b"\xfe", b"\xfe", b"\xfe"]), [0, 2, 6]),
    ],
)
def test_group_ids_become_offsets(in_group, ids, offsets) -> None:
    from buzzsaw.groups import offsets_of

    assert offsets_of(ids).tolist() == offsets
    prices = [1.0, 5.0, 2.0, 9.0, 4.0, 4.5]
    got = in_group.transform({"price": prices}, groups=ids).dense[:, 1]
    for start, end in pairwise(offsets):
        part = np.array(prices[start:end])
        want = (part - part.mean()) / part.std() if part.std() else part * 0
        np.testing.assert_allclose(got[start:end], want, rtol=1e-6, atol=1e-7)


def test_the_group_column_by_role_by_name_and_by_ids_agree(in_group) -> None:
    data = {"price": [1.0, 2.0, 3.0], "request": [1, 1, 2]}
    by_role = bits(in_group.transform(data))
    assert bits(in_group.transform(data, groups="request")) == by_role
    assert bits(in_group.transform({"price": data["price"]}, groups=[5, 5, 6])) == by_role
    assert bits(in_group.transform(data, groups=[1, 2, 3])) != by_role


@pytest.mark.parametrize(
    ("groups", "error", "place"),
    [
        ([1, 2, 1], bz.InvalidValueError, "groups"),
        ([1, None, 1], bz.InvalidValueError, "groups"),
        ([1, 1], bz.InvalidValueError, "groups"),
        ([1.0, 1.0, 2.0], bz.TypeMismatchError, "groups"),
        ([[1], [1], [2]], bz.TypeMismatchError, "groups"),
        ("requests", bz.MissingInputError, "groups"),
    ],
)
def test_bad_groups_are_refused(in_group, groups, error, place) -> None:
    with pytest.raises(error) as caught:
        in_group.transform({"price": [1.0, 2.0, 3.0], "request": [1, 1, 2]}, groups=groups)
    assert caught.value.place == place


def test_groups_that_come_back_in_a_later_batch_are_refused(in_group) -> None:
    table = pa.table({"price": [1.0] * 6, "request": [1, 1, 2, 3, 1, 4]})
    with pytest.raises(bz.InvalidValueError, match="group 1"):
        list(in_group.transform_batches(table, batch_rows=2))


def test_a_stream_never_splits_a_group(in_group) -> None:
    table = shop_table(80, seed=9, size=40).select(["request", "price_cents"]).rename_columns(["request", "price"])
    table = table.set_column(1, "price", table["price"].cast(pa.float64()))
    whole = in_group.transform(table)
    for rows in (1, 3, 16, 17, 10**6):
        blocks = [
            (batch["request"].to_pylist(), block) for batch, block in in_group.transform_batches(table, batch_rows=rows)
        ]
        ids = [set(ids) for ids, _ in blocks]
        assert sum(map(len, ids)) == len(set().union(*ids))
        assert np.array_equal(np.concatenate([b.fingerprints for _, b in blocks]), whole.fingerprints)


def test_a_dataset_of_files_streams(shop, shop_pairs, tmp_path) -> None:
    half = shop_pairs.num_rows // 2
    pq.write_table(shop_pairs.slice(0, half), tmp_path / "a.parquet", row_group_size=10)
    pq.write_table(shop_pairs.slice(half), tmp_path / "b.parquet", row_group_size=3)
    data = ds.dataset(tmp_path, format="parquet")
    assert bits(shop.transform(data)) == bits(shop.transform(shop_pairs))


def test_both_arrow_dates_are_one_category() -> None:
    spec = bz.Spec.parse("""
buzzsaw: 1
name: dates
inputs:
  day: {type: date, side: document}
  shop: {type: string, side: document}
steps:
  crossed: {transform: hashed_cross, inputs: [day, shop]}
features: [crossed]
""")
    pipeline = bz.Pipeline.compile(spec)
    days = pa.array([0, 19_000, -1, None], pa.int32())
    rows = [{"day": days.cast(pa.date32()), "shop": ["a"] * 4}]
    rows.append({"day": days.cast(pa.date32()).cast(pa.date64()), "shop": ["a"] * 4})
    first, second = (pipeline.transform(pa.table(table)) for table in rows)
    assert bits(first) == bits(second)
    assert len(set(first.fingerprints.tolist())) == 4


def test_null_and_nan_are_one_value_of_a_group() -> None:
    spec = bz.Spec.parse("""
buzzsaw: 1
name: query_number
inputs:
  budget: {type: float64, side: query}
  price: {type: float64, side: document}
steps:
  z: {transform: group_zscore, input: price}
features: [budget, z]
""")
    pipeline = bz.Pipeline.compile(spec)
    table = pa.table({"budget": pa.array([None, float("nan")], pa.float64()), "price": [1.0, 3.0]})
    block = pipeline.transform(table, groups=[7, 7])
    assert np.isnan(block.dense[:, 0]).all()
    with pytest.raises(bz.InvalidValueError):
        pipeline.transform(pa.table({"budget": [1.0, 2.0], "price": [1.0, 3.0]}), groups=[7, 7])


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("int64", [1, 0.99]),
        ("int32", [2.0]),
        ("date", [1.7]),
        ("timestamp", [1.5]),
        ("int64", [Decimal("1.5")]),
        ("list<int64>", [[1], None, [2.7]]),
        ("map<int32>", [{"a": 1}, None, {"b": 1.9}]),
    ],
)
def test_fractions_in_python_values_are_refused_where_whole_numbers_are_declared(declared, values) -> None:
    with pytest.raises(bz.TypeMismatchError) as caught:
        column_of("x", values, declared)
    assert "inputs.x" in str(caught.value)
