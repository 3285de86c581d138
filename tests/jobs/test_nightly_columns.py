"""Columns of inputs whose names, roles or types are not those that the job has itself."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw import _buzzsaw
from buzzsaw.jobs.inputs import qid_of
from buzzsaw.nightly import NightlySettings, job, read, run
from buzzsaw.nightly.checking import check_rows
from buzzsaw.nightly.checks import Checks, ColumnChecks, TableChecks
from buzzsaw.nightly.inputs import check_own_columns
from buzzsaw.nightly.prepare import prepare
from buzzsaw.nightly.statistics import measure
from frames import on_spark, rows_of
from nights import PLAIN, judgments, products, write_tables
from pyspark.sql import functions as fn
from shops import NOW

ROLES = """
buzzsaw: 1
name: roles
inputs:
  query: {type: string, side: query}
  request: {type: int64, side: query, role: group}
  customer: {type: string, side: query, role: qid}
  title: {type: string, side: document}
  price: {type: float64, side: document}
  weight: {type: float64, side: document}
  label: {type: int64, side: document}
  trust: {type: float64, side: pair, role: weight}
  rating: {type: int64, side: pair, role: label}
steps:
  heavy: {transform: log1p, input: weight}
  labelled: {transform: log1p, input: label}
  price_rank: {transform: group_rank, input: price}
  rows: {transform: group_count, input: price}
  title_rating: {transform: target_mean, input: title, prior_weight: 2, folds: 5}
features: [heavy, labelled, price_rank, rows, title_rating]
"""


def write(folder: Path, documents: pa.Table, pairs: pa.Table, spec: str) -> NightlySettings:
    folder.mkdir()
    paths = [str(folder / name) for name in ("products.parquet", "judgments.parquet")]
    for table, path in zip((documents, pairs), paths, strict=True):
        pq.write_table(table, path)
    (folder / "spec.yaml").write_text(spec, "utf-8")
    return NightlySettings(*paths, str(folder / "out"), spec=str(folder / "spec.yaml"))


@pytest.fixture(scope="module")
def tables() -> tuple[pa.Table, pa.Table]:
    documents = [
        {**row, "price": row["price"] or 7.0, "weight": 0.5 * i, "label": i % 5} for i, row in enumerate(products())
    ]
    pairs = [
        {**row, "request": i // 3, "customer": f"C{i // 6 % 4}", "trust": 1.0 + i % 2}
        for i, row in enumerate(judgments())
    ]
    return pa.Table.from_pylist(documents), pa.Table.from_pylist(pairs)


def test_roles_of_columns_with_other_names_are_those_of_a_local_fit(spark, tables, tmp_path):
    settings = write(tmp_path / "roles", *tables, ROLES)
    run(spark, settings, NOW)
    documents, pairs = tables
    joined = pairs.join(documents, "product_id").sort_by([("request", "ascending"), ("product_id", "ascending")])
    pipeline = bz.fit(bz.Spec.parse(ROLES), joined, documents)
    block = pipeline.transform(joined, mode="train")
    want = {
        (str(row["request"]), row["product_id"]): (block.fingerprints[i], block.dense[i])
        for i, row in enumerate(joined.to_pylist())
    }
    found = rows_of(read(settings.output, NOW.date(), session=spark))
    assert len(found) == len(want) == 60
    asked = {(str(row["request"]), row["product_id"]): row for row in pairs.to_pylist()}
    for row in found:
        key = row["group_id"], row["product_id"]
        prints, dense = want[key]
        assert row["fingerprint"] == prints
        assert np.array_equal(np.float32([row[name] for name in block.dense_names]), dense, equal_nan=True)
        assert (row["label"], row["weight"]) == (asked[key]["rating"], asked[key]["trust"])
        assert row["qid"] == asked[key]["customer"]
        assert row["fold"] == _buzzsaw.qid_folds([row["qid"].encode()], 5)[0]
    served = rows_of(read(settings.output, NOW.date(), "documents", session=spark))
    heavy = {row["product_id"]: row["heavy"] for row in served}
    assert all(row["heavy"] == heavy[row["product_id"]] for row in found)


def test_a_role_whose_column_the_judgments_lack_is_told(spark, tables, tmp_path):
    documents, pairs = tables
    settings = write(tmp_path / "lacks", documents, pairs.drop_columns(["request", "customer"]), ROLES)
    with pytest.raises(bz.MissingInputError) as caught:
        run(spark, settings, NOW)
    assert {problem["place"] for problem in caught.value.problems} == {"inputs.request", "inputs.customer"}


def test_a_role_that_no_feature_needs_may_be_without_its_column(spark, tables, tmp_path):
    documents, pairs = tables
    plain = ROLES.replace("price_rank, rows, title_rating", "price")
    settings = write(tmp_path / "plain", documents, pairs.drop_columns(["request", "customer"]), plain)
    run(spark, settings, NOW)
    rows = rows_of(read(settings.output, NOW.date(), session=spark))
    asked = {row["query"] for row in pairs.to_pylist()}
    assert {row["group_id"] for row in rows} == asked
    assert {row["qid"] for row in rows} == {" ".join(query.lower().split()) for query in asked}


def test_a_qid_is_text_or_a_whole_number(spark, tables, tmp_path):
    documents, pairs = tables
    place = pairs.column_names.index("customer")
    dated = pairs.set_column(place, "customer", pa.array([NOW.date()] * pairs.num_rows))
    spec = ROLES.replace("customer: {type: string", "customer: {type: date")
    with pytest.raises(bz.TypeMismatchError, match="the qid is of type date"):
        run(spark, write(tmp_path / "dated", documents, dated, spec), NOW)


@pytest.mark.parametrize("name", ["fold", "qid", "group_id", "known_product"])
def test_a_column_that_the_job_makes_hides_none_of_the_tables(spark, tables, tmp_path, name):
    documents, pairs = tables
    spec = ROLES.replace("  weight: {", f"  {name}: {{type: float64, side: document}}\n  weight: {{")
    spec = spec.replace("features: [", f"features: [{{step: {name}, name: own}}, ")
    settings = write(tmp_path / name, documents.append_column(name, documents["price"]), pairs, spec)
    with pytest.raises(bz.InvalidValueError, match=f"the job makes a column `{name}` of its own"):
        run(spark, settings, NOW)


def test_the_groups_of_a_role_do_not_hide_a_column_of_the_judgments_that_the_spec_reads(spark, tables, tmp_path):
    documents, pairs = tables
    spec = ROLES.replace("  weight: {", "  group_id: {type: float64, side: pair}\n  weight: {")
    spec = spec.replace("features: [", "features: [{step: group_id, name: own}, ")
    settings = write(tmp_path / "hidden", documents, pairs.append_column("group_id", pairs["trust"]), spec)
    with pytest.raises(bz.InvalidValueError, match="the job makes a column `group_id` of its own"):
        run(spark, settings, NOW)


def test_where_the_judgments_own_column_says_the_groups_it_hides_nothing(spark):
    spec = bz.Spec.parse(ROLES.replace("  weight: {", "  group_id: {type: string, side: pair}\n  weight: {"))
    products, judgments = (spark.createDataFrame([], f"product_id string, {name} string") for name in ("x", "group_id"))
    check_own_columns(spec, products, judgments, "group_id")
    with pytest.raises(bz.InvalidValueError, match="the job makes a column `group_id` of its own"):
        check_own_columns(spec, products, judgments, "request")


def test_a_role_of_the_name_of_a_column_that_the_job_makes_is_refused(spark, tables, tmp_path):
    documents, pairs = tables
    given = pairs.rename_columns({"request": "known_product"})
    settings = write(tmp_path / "known", documents, given, ROLES.replace("request:", "known_product:"))
    with pytest.raises(bz.InvalidValueError, match="the job makes a column `known_product` of its own"):
        run(spark, settings, NOW)


def test_judgments_may_have_a_column_of_an_earlier_run_that_the_spec_does_not_read(spark, tables, tmp_path):
    documents, pairs = tables
    known = pairs.append_column("known_product", pa.array([False] * pairs.num_rows))
    plain = job.run(spark, write(tmp_path / "plain", documents, pairs, ROLES), NOW)
    outcome = job.run(spark, write(tmp_path / "fed", documents, known, ROLES), NOW)
    assert outcome.manifest["rows"] == plain.manifest["rows"]
    made, want = (read(one.output, NOW.date(), session=spark) for one in (outcome, plain))
    assert sorted(row["fingerprint"] for row in made.collect()) == sorted(row["fingerprint"] for row in want.collect())


@pytest.mark.parametrize("name", ["label", "weight", "fold", "artifact", "date", "fingerprint_served"])
def test_a_feature_of_the_name_of_a_column_of_the_tables_is_refused_before_anything_is_read(tables, tmp_path, name):
    spec = ROLES.replace("features: [", f"features: [{{step: price, name: {name}}}, ")
    with pytest.raises(bz.InvalidValueError, match=f"the name `{name}` of a column that the job adds") as refused:
        prepare(write(tmp_path / "named", *tables, spec))
    assert refused.value.place == "features"


def test_a_feature_may_be_called_weight_where_rows_have_none(tables, tmp_path):
    spec = ROLES.replace(", role: weight", "").replace("features: [", "features: [weight, ")
    assert "weight" not in prepare(write(tmp_path / "named", *tables, spec)).roles


def test_products_without_a_column_of_the_documents_end_the_run_before_anything_is_written(spark, tables, tmp_path):
    documents, pairs = tables
    both = pairs.append_column("weight", pa.array([1.0] * pairs.num_rows))
    settings = write(tmp_path / "lacks", documents.drop_columns(["weight"]), both, ROLES)
    with pytest.raises(bz.MissingInputError, match="the table of products has no column `weight`"):
        run(spark, settings, NOW)
    assert not list(Path(settings.output).rglob("*.parquet"))


def test_products_of_another_type_in_each_input_are_refused(spark, tables, tmp_path):
    documents, pairs = tables
    place = documents.column_names.index("product_id")
    numbered = documents.set_column(place, "product_id", pa.array(range(documents.num_rows)))
    settings = write(tmp_path / "numbered", numbered, pairs, ROLES)
    told = "product_id is bigint in the products and string in the judgments"
    with pytest.raises(bz.TypeMismatchError, match=told) as caught:
        run(spark, settings, NOW)
    assert caught.value.place == "product_id"
    assert not Path(settings.output).exists()


def test_a_row_without_its_group_is_rejected(spark, tables, tmp_path):
    documents, pairs = tables
    rows = pairs.to_pylist()
    rows[4]["request"] = None
    settings = write(tmp_path / "groupless", documents, pa.Table.from_pylist(rows, pairs.schema), ROLES)
    with pytest.raises(bz.InvalidValueError, match=r"request is missing \(1\)"):
        run(spark, settings, NOW)


def test_names_of_columns_may_be_of_any_case(spark, tmp_path):
    at = write_tables(tmp_path / "plain", products(), judgments())
    documents, pairs = map(pq.read_table, at)
    spec = PLAIN.format(features="[log_price, title_length, query_length]")
    shouted = [table.rename_columns([name.upper() for name in table.column_names]) for table in (documents, pairs)]
    found = []
    for name, (ours, theirs) in (("as_is", (documents, pairs)), ("shouted", shouted)):
        settings = write(tmp_path / name, ours, theirs, spec)
        run(spark, settings, NOW)
        found.append(
            [
                sorted(map(str, rows_of(read(settings.output, NOW.date(), table, session=spark))))
                for table in ("training", "documents")
            ]
        )
    assert found[0] == found[1]
    pinned = next((tmp_path / "as_is" / "out" / "runs" / str(NOW.date())).glob("plain-[0-9a-f]*.buzzsaw"))
    again = dataclasses.replace(settings, output=str(tmp_path / "pinned"), spec=None, artifact=str(pinned))
    run(spark, again, NOW)
    rows = rows_of(read(again.output, NOW.date(), session=spark))
    assert sorted(map(str, rows)) == found[0][0]


def test_case_that_the_session_tells_apart_is_found_all_the_same(spark, shop, pipeline):
    frame = on_spark(spark, shop.pairs)
    upper = frame.select([fn.col(name).alias(name.upper()) for name in frame.columns])
    want = sorted(row[0] for row in bz.spark.transform(frame, pipeline, keep=[]).select("fingerprint").collect())
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        made = bz.spark.transform(upper, pipeline, keep=[]).select("fingerprint").collect()
    finally:
        spark.conf.unset("spark.sql.caseSensitive")
    assert sorted(row[0] for row in made) == want


def test_limits_of_floats_are_floats(spark):
    rows = spark.sql("select cast(0.7 as float) as f, double(0.1) as d union all select cast(0.1 as float), 0.1d")
    checks = TableChecks(
        columns={"f": ColumnChecks(min=0.1, max=0.7, allowed=(0.1, 0.7)), "d": ColumnChecks(min=0.1, max=0.1)}
    )
    assert check_rows(rows, "products", ("d",), checks, unique=False).rejected == 0
    below = TableChecks(columns={"f": ColumnChecks(min=float(np.nextafter(np.float32(0.1), np.float32(1))))})
    assert check_rows(rows, "products", ("d",), below, unique=False).rejected == 1


@pytest.mark.parametrize("ansi", ["true", "false"])
@pytest.mark.parametrize(
    ("column", "check"),
    [
        ("n", {"min": "abc"}),
        ("n", {"allowed": (1, "2")}),
        ("n", {"max": True}),
        ("s", {"allowed": (7,)}),
        ("b", {"allowed": (1,)}),
        ("d", {"min": 20_000}),
    ],
)
def test_what_a_check_compares_with_is_of_the_columns_kind(spark, ansi, column, check):
    rows = spark.sql("select 1 as n, '7' as s, true as b, date'2026-01-02' as d")
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        with pytest.raises(bz.TypeMismatchError, match="cannot be compared with a column of type"):
            check_rows(rows, "products", ("n",), TableChecks(columns={column: ColumnChecks(**check)}), False)
    finally:
        spark.conf.set("spark.sql.ansi.enabled", before)


@pytest.mark.parametrize("written", [".inf", "-.inf", ".nan"])
def test_limits_that_are_not_finite_are_refused_before_anything_runs(tmp_path, written):
    path = tmp_path / "settings.yaml"
    path.write_text(f"checks: {{products: {{columns: {{price: {{min: {written}}}}}}}}}\nspec: s\n", "utf-8")
    flags = dict.fromkeys(("products", "judgments", "output"), "x")
    with pytest.raises(bz.InvalidValueError, match=r"checks.products.columns.price.min: must be finite"):
        NightlySettings.load(path, flags)
    made = NightlySettings(
        "p", "j", "o", checks=Checks(products=TableChecks(columns={"p": ColumnChecks(min=math.inf)}))
    )
    with pytest.raises(bz.InvalidValueError, match="a setting is infinite or NaN"):
        made.digest()


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_a_date_that_is_none_is_told(spark, ansi):
    rows = spark.sql("select 1 as id, date'2026-01-02' as d")
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        with pytest.raises(bz.InvalidValueError, match="`2026-02-31` is not a date") as caught:
            check_rows(rows, "products", ("id",), TableChecks(columns={"d": ColumnChecks(min="2026-02-31")}), False)
        assert caught.value.place == "checks.products.columns.d.min"
    finally:
        spark.conf.set("spark.sql.ansi.enabled", before)


def test_labels_that_are_no_number_leave_the_correlation_to_the_others(spark):
    spec = PLAIN.format(features="[log_price]").replace("rating: {type: int32", "rating: {type: float64")
    pipeline = bz.fit(bz.Spec.parse(spec), {})
    rng = np.random.default_rng(3)
    prices, labels = rng.uniform(1, 90, 200), rng.uniform(0, 3, 200)
    labels[[3, 50, 120]] = np.nan, np.inf, -np.inf
    features = np.asarray(pipeline.transform({"price": prices, "query": [None] * 200, "title": [None] * 200}).dense)[
        :, 0
    ]
    zeros = np.zeros(200, np.int32)
    columns = {
        **dict.fromkeys(("group_id", "qid"), pa.array(["a"] * 200)),
        "fold": zeros,
        "label": labels,
        "log_price": features,
        "fingerprint": zeros.astype(np.int64),
    }
    found = measure(on_spark(spark, pa.table(columns)), pipeline, 8)
    there = np.isfinite(labels)
    want = np.corrcoef(features[there].astype(float), labels[there])[0, 1]
    assert math.isclose(found.dense[0].label_correlation, want, rel_tol=1e-9)


@pytest.mark.parametrize("language", ["en", "tr", "lt"])
def test_qids_do_not_depend_on_the_locale_of_the_machine(spark, language):
    raw = ["IŞIK", "İSTANBUL", "I\u0307", "Ì Í Ĩ J\u0301 Į\u0301", "STRASSE ẞ", "ΑΣ", "Iris"]
    want = ["işik", "i\u0307stanbul", "i\u0307", "ì í ĩ j\u0301 į\u0301", "strasse ß", "ας", "iris"]
    assert want == [text.lower() for text in raw]
    frame = spark.createDataFrame([(text,) for text in raw], "query string")
    locale = spark._jvm.java.util.Locale
    before = locale.getDefault()
    locale.setDefault(locale.forLanguageTag(language))
    try:
        found = [row[0] for row in frame.select(qid_of(fn.col("query"))).collect()]
    finally:
        locale.setDefault(before)
    assert found == want


def test_a_spec_that_changes_while_the_fit_runs_ends_the_run(spark, tables, tmp_path, monkeypatch):
    settings = write(tmp_path / "changes", *tables, ROLES)
    fit = job.fit

    def slow(*given, **more):
        (tmp_path / "changes" / "spec.yaml").write_text(ROLES + "\n# another\n", "utf-8")
        return fit(*given, **more)

    monkeypatch.setattr(job, "fit", slow)
    with pytest.raises(bz.InvalidValueError, match="changed while the job ran"):
        run(spark, settings, NOW)
    assert not list((tmp_path / "changes" / "out").glob("training*"))
