"""Rows that fail the checks of the inputs: told, kept with their reason, and never computed with."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.nightly import NightlySettings, main, read, run
from buzzsaw.nightly.checking import check_rows
from buzzsaw.nightly.checks import Checks, ColumnChecks, Limits, TableChecks, parse
from buzzsaw.nightly.spec_checks import SpecChecks, check_present, with_spec
from nights import SPEC, judgments, products, write_tables
from shops import NOW

CHECKS = {
    "products": {
        "rejected": {"warn": 0.1, "stop": 0.9},
        "columns": {
            "price": {"type": "double", "min": 1, "max": 80.5, "missing": {"warn": 0.1, "stop": 0.9}},
            "released_at": {"required": True, "min": "2020-01-10T00:00:00Z"},
        },
    },
    "judgments": {
        "rejected": {"warn": 0.5, "stop": 0.9},
        "columns": {"rating": {"required": True, "allowed": [0, 1, 3]}},
    },
    "unknown_products": {"warn": 0.01, "stop": 0.9},
}


def dirty_products() -> list[dict[str, Any]]:
    rows = products()
    rows += [dict(rows[6], title="another p6"), dict(rows[7], product_id=None), dict(rows[8], product_id=None)]
    rows[2]["price"] = -4.0
    rows[3]["price"] = math.nan
    rows[9]["price"] = math.inf
    rows[11]["released_at"] = None
    rows[12] |= {"released_at": None, "price": 0.0}
    return rows


def dirty_judgments() -> list[dict[str, Any]]:
    rows = judgments()
    rows[3]["query"] = None
    rows[8]["product_id"] = "nobody"
    rows[17] |= {"query": None, "product_id": None, "rating": None}
    rows[18]["rating"] = None
    return rows


def reasons_of_product(row: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    """The rules of CHECKS once more, one row at a time."""
    price, released = row["price"], row["released_at"]
    there = price is not None and not math.isnan(price)
    return [
        reason
        for reason, failed in [
            ("product_id is missing", row["product_id"] is None),
            ("price is below 1", there and price < 1),
            ("price is above 80.5", there and price > 80.5),
            ("released_at is missing", released is None),
            (
                "released_at is below 2020-01-10T00:00:00Z",
                released is not None and released.isoformat() < "2020-01-10T00:00:00+00:00",
            ),
            (
                "product_id is listed more than once",
                row["product_id"] is not None and sum(one["product_id"] == row["product_id"] for one in rows) > 1,
            ),
        ]
        if failed
    ]


def reasons_of_judgment(row: dict[str, Any]) -> list[str]:
    return [
        reason
        for reason, failed in [
            ("query is missing", row["query"] is None),
            ("product_id is missing", row["product_id"] is None),
            ("rating is missing", row["rating"] is None),
            ("rating is not one of 0, 1, 3", row["rating"] not in (None, 0, 1, 3)),
        ]
        if failed
    ]


class Night(NamedTuple):
    output: Path
    manifest: dict[str, Any]
    products: list[dict[str, Any]]
    judgments: list[dict[str, Any]]


@pytest.fixture(scope="module")
def night(spark, tmp_path_factory) -> Night:
    """A run over tables with every kind of bad row."""
    folder = tmp_path_factory.mktemp("dirty")
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    documents, pairs = dirty_products(), dirty_judgments()
    at = write_tables(folder, documents, pairs)
    checks = parse(CHECKS, problems := [])
    assert not problems
    settings = NightlySettings(
        *map(str, at), str(folder / "out"), spec=str(folder / "spec.yaml"), checks=checks, folds=5
    )
    return Night(folder / "out", run(spark, settings, NOW).manifest, documents, pairs)


def test_every_rejected_row_is_kept_with_its_reasons(spark, night):
    kept = read(night.output, NOW.date(), "rejected", session=spark).collect()
    have = sorted((row["input"], str(row["product_id"]), str(row["query"]), row["reasons"]) for row in kept)
    judged = [(row, reasons_of_product(row, night.products)) for row in night.products]
    want = [("products", str(row["product_id"]), "None", reasons) for row, reasons in judged if reasons]
    assert len(want) >= 8
    judged = [(row, reasons_of_judgment(row)) for row in night.judgments]
    want += [("judgments", str(row["product_id"]), str(row["query"]), reasons) for row, reasons in judged if reasons]
    assert have == sorted(want)
    (early,) = (row for row in kept if row["product_id"] == "p2")
    whole = json.loads(early["row"])
    assert (whole["price"], whole["title"]) == (-4.0, night.products[2]["title"])
    assert all(set(json.loads(row["row"])) >= {"product_id"} for row in kept)


#: CHECKS once more: what the spec says of its inputs, and what the settings add to it or say otherwise.
OF_SPEC = {
    "price: {type: float64, side: document": "min: 1, max: 9000, missing: {warn: 0.5, stop: 0.9}",
    "rating: {type: int32, side: pair": "allowed: [0, 1, 3]",
    "released_at: {type: timestamp, side: document": "required: true, min: '2020-01-10T00:00:00Z'",
    # The job's own column is not checked.
    "now: {type: timestamp, side: query": "max: '2000-01-01'",
}
OF_SETTINGS = {
    **CHECKS,
    "products": {
        "rejected": {"warn": 0.1, "stop": 0.9},
        "columns": {"PRICE": {"type": "double", "max": 80.5, "missing": {"warn": 0.1}}},
    },
    "judgments": {"rejected": {"warn": 0.5, "stop": 0.9}, "columns": {"rating": {"required": True}}},
}


def test_the_spec_asks_for_checks_and_the_settings_go_over_it(spark, night, tmp_path):
    spec = SPEC
    for entry, checks in OF_SPEC.items():
        assert entry in spec
        spec = spec.replace(entry, f"{entry}, checks: {{{checks}}}")
    (tmp_path / "spec.yaml").write_text(spec, "utf-8")
    at = write_tables(tmp_path, night.products, night.judgments)
    checks = parse(OF_SETTINGS, problems := [])
    assert not problems
    output = str(tmp_path / "out")
    settings = NightlySettings(*map(str, at), output, spec=str(tmp_path / "spec.yaml"), checks=checks, folds=5)
    manifest = run(spark, settings, NOW).manifest

    def rejected(output):
        return sorted(map(str, read(output, NOW.date(), "rejected", session=spark).collect()))

    # A column's own spelling is in the words, and of released_at the missing ones are counted, too.
    assert [row.replace("PRICE", "price") for row in rejected(output)] == rejected(night.output)
    places = {check["place"].replace("PRICE", "price"): check["rows"] for check in manifest["checks"]}
    before = {check["place"]: check["rows"] for check in night.manifest["checks"]}
    # What the settings say nothing of is told where the spec has it.
    before["inputs.released_at.checks.missing"] = before.pop("checks.products.columns.released_at.missing")
    assert places == before
    # A pinned artifact has the checks of its spec.
    pinned = bz.load(tmp_path / "out" / manifest["artifact"]["path"])
    assert pinned.spec.to_dict()["inputs"]["rating"]["checks"] == {"allowed": [0, 1, 3]}
    made = with_spec(Checks(), pinned.spec, ["product_id", "Price", "now", "title"], ["query", "Rating", "price"], {})
    # Both tables have a price, and both are read for one.
    assert set(made.products.columns) == set(made.judgments.columns) - {"rating"} == {"price"}
    rating = SpecChecks(allowed=(0, 1, 3), place="inputs.rating.checks")
    assert made.judgments.columns["rating"] == rating
    off = ColumnChecks(required=False, missing=Limits(stop=1.0))
    told = replace(Checks(), products=TableChecks(columns={"released_at": off}))
    (over,) = with_spec(told, pinned.spec, ["released_at"], [], {}).products.columns.values()
    assert (over.required, over.min, over.missing.stop) == (False, "2020-01-10T00:00:00Z", 1.0)


def test_a_check_is_told_where_it_is_written(spark):
    """Of the spec and of the settings over it, key by key."""
    spec = SPEC
    for entry, checks in (
        ("released_at: {type: timestamp, side: document", "min: '2026-02-31'"),
        ("price: {type: float64, side: document", "min: 1, allowed: [2], missing: {warn: 0.1, stop: 0.9}"),
    ):
        spec = spec.replace(entry, f"{entry}, checks: {{{checks}}}")
    rows = spark.sql("select 'p' as product_id, 'a' as price, timestamp'2026-01-02 03:04:05Z' as released_at")

    def checked(rows, **columns):
        given = parse({"products": {"columns": columns}}, problems := [])
        assert not problems
        made = with_spec(given, bz.Spec.parse(spec), rows.columns, [], {})
        return check_rows(rows, "products", ("product_id",), made.products, unique=False)

    def places(rows, **columns):
        with pytest.raises(bz.BuzzsawError) as caught:
            checked(rows, **columns)
        return [problem["place"] for problem in caught.value.problems]

    at, own = "inputs.price.checks", "checks.products.columns.price"
    assert places(rows) == places(rows, price={"missing": {"warn": 1}}) == [f"{at}.min", f"{at}.min"]
    assert places(rows, price={"max": 3})[0] == f"{at}.min"
    assert places(rows, price={"min": 3, "type": "int"}) == [f"{own}.type", f"{own}.min", f"{own}.min"]
    dated = rows.drop("price")
    assert places(dated) == places(dated, released_at={"required": True}) == ["inputs.released_at.checks.min"]
    later = {"min": "2020-01-01", "max": "later"}
    assert places(dated, released_at=later) == ["checks.products.columns.released_at.max"]
    # Of a limit of each, the one that decides.
    priced = spark.sql("select 'p' as product_id, cast(null as double) as price")
    for limits, outcome, where in (
        ({"warn": 0.2}, "stopped", at),
        ({"stop": 1}, "warned", at),
        ({"stop": 0.5}, "stopped", own),
        ({"warn": 0.2, "stop": 1}, "warned", own),
    ):
        found = checked(priced, price={"missing": limits}).findings[-1]
        assert (found.outcome, found.place) == (outcome, f"{where}.missing")


def test_a_check_of_the_spec_whose_column_is_in_neither_table_stops_the_run(spark, tmp_path):
    """Whether a feature reads the input or none does: such a check would pass for ever."""
    more = """inputs:
  brand: {type: string, side: document, checks: {required: true}}
  seen: {type: int64, side: pair, checks: {min: 0}}"""
    spec = SPEC.replace("inputs:", more, 1).replace("group_id: {", "group_id: {checks: {required: true}, ")
    (tmp_path / "spec.yaml").write_text(spec.replace("now: {", "now: {checks: {max: '2100-01-01'}, "), "utf-8")
    at = write_tables(tmp_path, products(), judgments())
    with pytest.raises(bz.MissingInputError, match="neither the table of products nor that of judgments") as caught:
        run(spark, NightlySettings(*map(str, at), str(tmp_path / "out"), spec=str(tmp_path / "spec.yaml")), NOW)
    # The others are columns of the job's own.
    assert [one["place"] for one in caught.value.problems] == ["inputs.brand.checks", "inputs.seen.checks"]
    assert not (tmp_path / "out").exists()
    parsed = bz.Spec.parse(spec)
    check_present(parsed, ["Brand"], ["SEEN", "group_id"], {})
    with pytest.raises(bz.MissingInputError) as caught:
        check_present(parsed, ["brands"], ["seen"], {})
    assert caught.value.problems[0]["hint"] == "did you mean `brands`?"
    # An input that is read by another name is checked by that one.
    named = {"seen": "viewed"}
    check_present(parsed, ["Brand"], ["viewed"], named)
    assert with_spec(Checks(), parsed, ["Brand"], ["viewed"], named).judgments.columns["viewed"].min == 0


def test_types_are_compared_and_values_written_whatever_the_case(spark):
    rows = spark.sql("select 1 as product_id, named_struct('Brand', 'a') as made, true as sold")
    checks = TableChecks(
        columns={"made": ColumnChecks(type="struct<Brand: STRING>"), "sold": ColumnChecks(allowed=(False,))}
    )
    checked = check_rows(rows, "products", ("product_id",), checks, unique=False)
    assert [row["__reasons"] for row in checked.rejected_rows.collect()] == [["sold is not one of false"]]
    checks.columns["product_id"] = ColumnChecks(min=True)
    with pytest.raises(bz.TypeMismatchError, match="`true` cannot be compared with a column of type int"):
        check_rows(rows, "products", ("product_id",), checks, unique=False)


def test_accepted_rows_are_all_there_and_nothing_was_learnt_from_the_others(spark, night):
    documents = [row for row in night.products if not reasons_of_product(row, night.products)]
    pairs = [row for row in night.judgments if not reasons_of_judgment(row)]
    training = read(night.output, NOW.date(), session=spark).collect()
    have = sorted((row["group_id"], row["product_id"], row["label"]) for row in training)
    assert have == sorted((row["query"], row["product_id"], row["rating"]) for row in pairs)
    kept = read(night.output, NOW.date(), "documents", session=spark).collect()
    assert sorted(row["product_id"] for row in kept) == sorted(row["product_id"] for row in documents)
    by_id = {row["product_id"]: row for row in documents}
    joined = [
        {
            **dict.fromkeys(("title", "price", "released_at")),
            **by_id.get(row["product_id"], {}),
            **row,
            "now": NOW,
            "qid": " ".join(row["query"].lower().split()),
            "group_id": row["query"],
        }
        for row in sorted(pairs, key=lambda row: row["query"])
    ]
    time = pa.timestamp("us", tz="UTC")
    table = pa.Table.from_pylist(joined)
    for name in ("now", "released_at"):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(time))
    table = table.set_column(table.schema.get_field_index("rating"), "rating", table["rating"].cast(pa.int32()))
    local = bz.fit(bz.Spec.parse(SPEC), table, pa.Table.from_pylist(documents))
    assert night.manifest["artifact"]["content_hash"] == local.content_hash
    part = local.select(local.features_of_side("document"))
    assert night.manifest["document_artifact"]["content_hash"] == part.content_hash
    prints = part.transform(pa.Table.from_pylist(documents)).fingerprints
    want = {row["product_id"]: (int(one), part.content_hash) for row, one in zip(documents, prints, strict=True)}
    assert {row["product_id"]: (row["fingerprint"], row["artifact"]) for row in kept} == want
    assert {row["artifact"] for row in training} == {local.content_hash}


def test_the_manifest_counts_rows_and_warns(night):
    read_of = {"products": night.products, "judgments": night.judgments}
    tables = night.manifest["tables"]
    for name, table in (("products", "documents"), ("judgments", "training")):
        counted = night.manifest["inputs"][name]
        assert counted["rows"] == len(read_of[name]) == tables[table]["rows"] + counted["rejected"]
    assert tables["rejected"]["rows"] == sum(one["rejected"] for one in night.manifest["inputs"].values())
    checks = {check["place"]: check for check in night.manifest["checks"]}
    missing = sum(row["price"] is None or math.isnan(row["price"]) for row in night.products)
    assert checks["checks.products.columns.price.missing"]["rows"] == missing
    unknown = checks["checks.unknown_products"]["rows"]
    known = {row["product_id"] for row in night.products if not reasons_of_product(row, night.products)}
    pairs = [row for row in night.judgments if not reasons_of_judgment(row)]
    assert unknown == night.manifest["rows"]["unknown_products"] == sum(p["product_id"] not in known for p in pairs) > 1
    warned = {place for place, check in checks.items() if check["warned"]}
    assert warned == {
        "checks.products.rejected",
        "checks.products.columns.price.missing",
        "checks.unknown_products",
    }


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        (
            {"judgments": {"rejected": {"stop": 0.04}}},
            [
                "checks.judgments.rejected.stop: 3 of 60 judgments (5.00%) are rejected",
                "query is missing (2)",
                "such as (None, None), (None, 'p21')",
            ],
        ),
        (
            {"products": {"columns": {"price": {"missing": {"stop": 0.1}}}}},
            ["checks.products.columns.price.missing.stop: 4 of 24 products", "BZ_INVALID_VALUE"],
        ),
        ({"unknown_products": {"stop": 0.01}}, ["checks.unknown_products.stop: 1 of 57", "more than 1.00%"]),
        ({"products": {"columns": {"price": {"type": "bigint"}}}}, ["price.type: the column is of type double"]),
        ({"products": {"columns": {"title": {"min": 1}}}}, ["title.min: the column is of type string, which has no"]),
        ({"judgments": {"columns": {"ratin": {}}}}, ["BZ_MISSING_INPUT", "did you mean `rating`?"]),
    ],
    ids=["rejected", "missing", "unknown", "type", "no range", "no column"],
)
def test_a_run_over_a_limit_stops_before_it_writes_anything(spark, tmp_path, capsys, checks, told):
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    pairs = judgments()
    for i in (3, 9):
        pairs[i]["query"] = None
    pairs[9]["product_id"] = None
    pairs[17] |= {"product_id": None}
    pairs[30]["product_id"] = "nobody"
    at = write_tables(tmp_path, products(), pairs)
    lenient = {"rejected": {"stop": 0.5}}
    merged = {name: {**lenient, **checks.get(name, {})} for name in ("products", "judgments")} | {
        name: limits for name, limits in checks.items() if name == "unknown_products"
    }
    # JSON is YAML.
    (tmp_path / "settings.yaml").write_text(json.dumps({"spec": "spec.yaml", "checks": merged}), "utf-8")
    tables = ("--products", at[0], "--judgments", at[1], "--output", tmp_path / "out")
    words = ("--config", tmp_path / "settings.yaml", *tables, "--now", NOW.isoformat())
    assert main([str(word) for word in words], spark) == 1
    message = capsys.readouterr().err
    assert all(words in message for words in told), message
    assert not (tmp_path / "out").exists()


def test_checks_of_each_kind_of_column(spark):
    rows = spark.sql(
        "select * from values (1, 1.5f, true, date'2026-01-02', cast(2.50 as decimal(9,2)), 'a'), "
        "(2, float('nan'), false, date'2026-01-01', null, 'b'), (3, null, null, null, cast(-1 as decimal(9,2)), null) "
        "as t(product_id, f, b, d, m, s)"
    )
    checks = TableChecks(
        columns={
            "f": ColumnChecks(required=True, min=1.5),
            "b": ColumnChecks(allowed=(True,)),
            "d": ColumnChecks(min="2026-01-02", missing=Limits(warn=0.3)),
            "m": ColumnChecks(min=0),
            "s": ColumnChecks(allowed=("a",), type="STRING"),
            "product_id": ColumnChecks(max=2),
        }
    )
    checked = check_rows(rows, "products", ("product_id",), checks, unique=True)
    assert (checked.read, checked.rejected) == (3, 2)
    found = {row["product_id"]: row["__reasons"] for row in checked.rejected_rows.collect()}
    assert found == {
        2: ["f is missing", "b is not one of true", "d is below 2026-01-02", "s is not one of a"],
        3: ["product_id is above 2", "f is missing", "m is below 0"],
    }
    assert [row["product_id"] for row in checked.accepted_rows.collect()] == [1]
    assert checked.accepted_rows.columns == rows.columns
    outcomes = {finding.place: (finding.rows, finding.outcome) for finding in checked.findings}
    assert outcomes["checks.products.columns.d.missing"] == (1, "warned")
    assert outcomes["checks.products.columns.f.missing"] == (2, "passed")


def test_times_without_a_zone_are_those_of_utc(spark):
    rows = spark.sql(
        "select id as product_id, timestamp_ntz'2026-01-01 12:00:00' + make_dt_interval(0, 0, 0, id) as t from range(4)"
    )
    checks = TableChecks(
        columns={"t": ColumnChecks(min="2026-01-01T13:00:01+01:00", max="2026-01-01T12:00:02Z", type="timestamp_ntz")}
    )
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    try:
        accepted = check_rows(rows, "products", ("product_id",), checks, unique=True).accepted_rows.collect()
    finally:
        spark.conf.set("spark.sql.session.timeZone", before)
    assert [row["product_id"] for row in accepted] == [1, 2]


def test_what_is_wrong_in_the_checks_is_told_at_once_with_its_place():
    value = {
        "product": {},
        "products": {"columns": {"price": {"mni": 1, "required": 1, "missing": {"stop": 2}}}, "rejected": 0.1},
        "judgments": {"columns": {"rating": {"allowed": [], "min": [1]}}},
        "unknown_products": {"warn": "some"},
    }
    parse(value, problems := [])
    assert {(problem["code"], problem["place"]) for problem in problems} == {
        ("BZ_INVALID_SPEC", "checks.product"),
        ("BZ_INVALID_SPEC", "checks.products.columns.price.mni"),
        ("BZ_TYPE_MISMATCH", "checks.products.columns.price.required"),
        ("BZ_INVALID_VALUE", "checks.products.columns.price.missing.stop"),
        ("BZ_TYPE_MISMATCH", "checks.products.rejected"),
        ("BZ_INVALID_VALUE", "checks.judgments.columns.rating.allowed"),
        ("BZ_TYPE_MISMATCH", "checks.judgments.columns.rating.min"),
        ("BZ_TYPE_MISMATCH", "checks.unknown_products.warn"),
    }
    assert any("did you mean `products`?" in problem["hint"] for problem in problems)


def test_settings_take_checks_and_their_identity_follows_them(tmp_path):
    pq.write_table(pa.table({"x": [1]}), tmp_path / "t.parquet")
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    base = "products: t.parquet\njudgments: t.parquet\noutput: out\nspec: spec.yaml\n"
    digests = []
    for text in ("", "checks: {}\n", "checks: {products: {columns: {released_at: {min: 2020-01-10}}}}\n"):
        (tmp_path / "settings.yaml").write_text(base + text, "utf-8")
        settings = NightlySettings.load(tmp_path / "settings.yaml", {})
        digests.append(settings.digest())
    assert settings.checks.products.columns["released_at"].min == "2020-01-10"
    assert digests[0] == digests[1] != digests[2]
    assert Checks().products.rejected == Limits(0.0, 0.01)


def test_a_limit_that_is_not_given_stays_as_it_is_by_default_and_null_lifts_it():
    problems = []
    made = parse(
        {
            "products": {"rejected": {"warn": 0.001}},
            "judgments": {"rejected": {"stop": None}, "columns": {"query": {"missing": {"warn": 0.1}}}},
            "unknown_products": {"stop": 0.1},
        },
        problems,
    )
    assert not problems
    assert made.products.rejected == Limits(0.001, 0.01)
    assert made.judgments.rejected == Limits(0.0, None)
    assert made.judgments.columns["query"].missing == Limits(0.1, None)
    assert made.unknown_products == Limits(0.0, 0.1)
    parse({"products": {"rejected": {"warn": 0.05}}}, problems)
    assert [(problem["code"], problem["place"]) for problem in problems] == [
        ("BZ_INVALID_VALUE", "checks.products.rejected.warn")
    ]
    assert "it is 0.01" in problems[0]["hint"]
