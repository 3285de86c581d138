"""The report of nights: its JSON against plain Python over the tables, drift, limits and exit status."""

from __future__ import annotations

import hashlib
import html
import json
import math
import re
import shutil
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import buzzsaw as bz
import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.nightly import history, main, manifest_schema, read
from buzzsaw.nightly.divergence import DECILES
from buzzsaw.nightly.feature_times import feature_times
from buzzsaw.nightly.heavy_hitters import heavy_inputs
from buzzsaw.nightly.report_contents import report_schema
from buzzsaw.nightly.samples import take
from buzzsaw.spec import Input
from markupsafe import escape
from nights import PLAIN, judgments, products, write_tables
from pyspark.sql import functions as fn
from scipy.spatial.distance import jensenshannon
from shops import ROOT
from test_nightly_drift import psi_by_formula

SPEC = PLAIN.format(features="[log_price, price, title_length, query_length, title_hashed]").replace(
    "bits: 8", "bits: 3"
)

CONFIG = """
report:
  sample: 40
  top: 4
  drift:
    psi: {warn: 0.3, stop: 0.8, features: {title_hashed: {}}}
    jensen_shannon: {features: {query_length: {warn: 0.9}}}
  missing: {features: {price: {warn: 0.05}}}
  collisions: {warn: 0.2, steps: {title_hashed: {warn: 0.3}}}
"""

DAYS = ["2026-04-01", "2026-04-02", "2026-04-03"]


def tables_of(day: str):
    """The same rows twice, then dearer ones with a price at infinity, fewer of them, and two that are rejected."""
    documents, pairs = products(), judgments()
    if day == DAYS[2]:
        for row in documents:
            row["price"] = row["price"] and (math.inf if row["product_id"] == "p1" else row["price"] * 40)
        documents += [{**documents[0], "product_id": None}, {**documents[2], "product_id": None, "title": "<a>"}]
        pairs = pairs[:48]
        pairs[5]["query"] = None
    return documents, pairs


class Nights(NamedTuple):
    output: Path
    command: dict[str, list[str]]
    reports: dict[str, dict]
    manifests: dict[str, dict]
    statuses: dict[str, int]


def command_of(folder: Path, day: str, output: Path) -> list[str]:
    at = write_tables(folder / day, *tables_of(day))
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    limits = (
        "\nchecks: {products: {rejected: {warn: null, stop: 0.5}}, judgments: {rejected: {warn: null, stop: 0.5}}}\n"
    )
    (folder / "settings.yaml").write_text(CONFIG + limits, "utf-8")
    words = ["--config", folder / "settings.yaml", "--spec", folder / "spec.yaml", "--products", at[0]]
    return [str(word) for word in (*words, "--judgments", at[1], "--output", output, "--now", f"{day}T00:00:00Z")]


@pytest.fixture(scope="module")
def nights(spark, tmp_path_factory) -> Nights:
    folder = tmp_path_factory.mktemp("reported")
    output = folder / "out"
    command = {day: command_of(folder, day, output) for day in DAYS}
    statuses = {day: main(command[day], spark) for day in DAYS}
    runs = {day: output / "runs" / day for day in DAYS}
    manifests = {day: json.loads((runs[day] / "manifest.json").read_text("utf-8")) for day in DAYS}
    reports = {day: json.loads((output / manifests[day]["report_json"]["path"]).read_text("utf-8")) for day in DAYS}
    return Nights(output, command, reports, manifests, statuses)


def named(entries: list[dict], name: str, key: str = "name") -> dict:
    (found,) = (one for one in entries if one[key] == name)
    return found


def drift_of(report: dict, name: str, kind: str) -> dict:
    return named([one for one in report["drift"] if one["kind"] == kind], name)


def lasting(report: dict) -> dict:
    """All but seconds and where the inputs were."""
    return {name: value for name, value in report.items() if name not in ("timings", "inputs")}


def test_the_schema_files_are_current():
    for name, schema in (("nightly_report", report_schema()), ("run_manifest", manifest_schema())):
        assert json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8")) == schema


def test_json_fits_its_schema_and_is_what_the_manifest_names(nights):
    for day in DAYS:
        jsonschema.validate(nights.reports[day], report_schema())
        jsonschema.validate(nights.manifests[day], manifest_schema())
        named_file = nights.manifests[day]["report_json"]
        content = (nights.output / named_file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == named_file["sha256"]
        assert named_file["path"] == nights.manifests[day]["report"]["path"].replace(".html", ".json")


def parts_of(page: str) -> dict[str, str]:
    """The parts of a page by the id of their heading; what is before the first one is the `top`."""
    top, *rest = re.split(r'<h2 id="(\w+)">', page)
    return {"top": top} | dict(zip(rest[::2], rest[1::2], strict=True))


def shown(part: str) -> list[str]:
    """The texts of a part of a page: cells, paragraphs and labels of plots, one each."""
    inline = re.sub(r"</?(?:b|code|i|span)\b[^>]*>", "", part)
    return [line.strip() for line in html.unescape(re.sub(r"<[^>]*>", "\n", inline)).splitlines() if line.strip()]


def facts(panel: str) -> dict[str, float]:
    """The numbers of a feature by their names; percentages as shares."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", panel)
    return {
        name: float(text.strip("%").replace(",", "")) / (100 if text.endswith("%") else 1)
        for name, text in found
        if text != "n/a"
    }


def slowest(timings: list[dict]) -> list[str]:
    return [one["name"] for one in sorted(timings, key=lambda one: -one["seconds"])]


@pytest.fixture(scope="module")
def page(nights) -> dict[str, str]:
    return parts_of((nights.output / nights.manifests[DAYS[2]]["report"]["path"]).read_text("utf-8"))


def test_the_page_says_what_the_json_says(nights, page):
    report = nights.reports[DAYS[2]]
    assert list(page) == [
        *("top", "drift", "rows", "dense", "sparse", "heavy", "collisions", "rejected", "slowest", "made")
    ]
    whole = "".join(page.values())
    assert "src=" not in whole
    assert "<script" not in whole
    top = shown(page["top"])
    assert all(f"#{part}" in page["top"] for part in page if part != "top")
    for one in report["over_limits"]:
        tag = "stop" if one["stopped"] else "warn"
        assert f"{tag}{one['message']} {one['place']}" in top
    assert report["notes"]
    assert set(report["notes"]) <= set(top)
    table = report["table"]
    assert {f"{table['rows']}rows", f"{table['groups']}groups", f"{table['qids']}queries (qid)"} <= set(top)
    rows = shown(page["rows"])
    assert page["rows"].count("<svg") == 3
    assert {*map(str, table["labels"].values())} <= {*rows}
    made = shown(page["made"])
    for name, one in report["inputs"].items():
        assert {f"{name} (read)", one["path"]} <= set(made)
    assert f"{report['artifact']} (fitted by this run)" in made
    assert {*report["libraries"].values(), f"{report['unknown_products']} judgments"} <= set(made)


def test_the_page_draws_each_feature(nights, page):
    table = nights.reports[DAYS[2]]["table"]
    for kind in ("dense", "sparse"):
        _, *panels = re.split("(?=<h3>)", page[kind])
        assert [shown(panel)[0] for panel in panels] == [one["name"] for one in table[kind]]
        # One without spread has no histogram.
        drawn = [kind == "sparse" or bool(one["edges"]) for one in table[kind]]
        assert [panel.count("<svg") for panel in panels] == drawn
        assert ["No spread to draw." in shown(panel) for panel in panels] == [not one for one in drawn]
        assert any(drawn)
    about = pytest.approx
    for one, panel in zip(table["dense"], page["dense"].split("<h3>")[1:], strict=True):
        assert f"missing in {one['missing'] / table['rows']:.1%} of rows" in " ".join(shown(panel))
        assert f"PSI {named(nights.reports[DAYS[2]]['drift'], one['name'])['psi']:.3f}" in panel
        want = {"mean": one["mean"], "std": one["deviation"], "r": one["label_correlation"]}
        want |= {"min": one["least"], "median": one["quantiles"][2], "max": one["most"]}
        assert facts(panel) == about({name: value for name, value in want.items() if value is not None}, 1e-3, 1e-3)
    for one, panel in zip(table["sparse"], page["sparse"].split("<h3>")[1:], strict=True):
        want = {"columns": one["columns"], "entries a row": one["entries"] / table["rows"], "most": one["most_entries"]}
        want |= {"density": one["entries"] / (table["rows"] * one["columns"]), "entries": one["entries"]}
        assert facts(panel) == about({**want, "empty rows": one["empty_rows"] / table["rows"]}, 1e-3, 1e-3)
    price = page["dense"].split("<h3>price<")[1]
    assert f"infinite in {named(table['dense'], 'price')['infinite']}" in price


def test_the_page_has_drift_with_trend_lines(nights, page):
    report = nights.reports[DAYS[2]]
    _, _, *rows = page["drift"].split("<tr>")
    drift = sorted(report["drift"], key=lambda one: -one["psi"])
    for one, row in zip(drift, rows, strict=True):
        numbers = [f"{one[name]:.4f}" for name in ("psi", "unchanged_psi", "jensen_shannon")]
        by_column = one["kind"] == "columns"
        assert shown(row)[:5] == [one["name"] + (" by column" if by_column else ""), one["reference"], *numbers]
        if by_column:
            assert row.count("<svg") == 1
            continue
        # The shares, and the trend with the dates of its ends and the last value of each line.
        assert row.count("<svg") == 2
        last = named(report["trends"], one["name"])["points"][-1]
        lines = {f"{line} {last[line.lower()]:.3g}" for line in ("mean", "missing", "PSI")}
        assert {DAYS[0][5:], DAYS[2][5:], *lines} <= set(shown(row))
    first = parts_of((nights.output / nights.manifests[DAYS[0]]["report"]["path"]).read_text("utf-8"))
    assert any("No earlier run" in line for line in shown(first["drift"]))


def test_the_page_has_heavy_hitters_and_colliding_values(nights, page):
    report = nights.reports[DAYS[2]]
    rows, panels = report["table"]["rows"], re.split("<h3>", page["heavy"])[1:]
    heavy = [(one["input"], [(one["value"], one["rows"]) for one in one["values"]]) for one in report["heavy_inputs"]]
    for one in report["heavy_columns"]:
        columns = [(str(c["column"]), ", ".join(c["values"]), c["rows"]) for c in one["columns"]]
        heavy.append((one["feature"], columns))
    for (name, values), panel in zip(heavy, panels, strict=True):
        said = shown(panel)
        assert (said[0], bool(values)) == (name, True)
        # A value is its own text, spaces and all.
        cells = [str(cell).strip() for *value, count in values for cell in (*value, count, f"{count / rows:.1%}")]
        assert said[2:] == cells
    assert report["collisions"]
    for one in report["collisions"]:
        numbers = [f"{one[name]}" for name in ("step", "transform", "columns", "rows", "values")]
        numbers += [f"{one['sharing']} ({one['sharing'] / one['values']:.1%})", f"{one['expected_sharing']:.1f}"]
        numbers += [f"{one['shared_columns']}", f"{one['confused'] / one['occurrences']:.1%}"]
        assert any(shown(row)[: len(numbers)] == numbers for row in page["collisions"].split("<tr>"))
        assert one["worst"]
        for column in one["worst"]:
            values = ", ".join(f"{' '.join(value['parts'])} ({value['rows']})" for value in column["values"])
            more = column["distinct"] - len(column["values"])
            cells = [f"{column['column']}", values + (f" and {more} more" if more else "")]
            assert any(shown(row)[:2] == cells for row in page["collisions"].split("<tr>"))


def test_the_page_has_samples_of_rejected_rows_as_text(nights, page):
    samples = [sample["row"] for one in nights.reports[DAYS[2]]["rejected"] for sample in one["samples"]]
    assert any("<a>" in row for row in samples)
    assert all(f"<code>{escape(row)}</code>" in page["rejected"] for row in samples)
    for one in nights.reports[DAYS[2]]["rejected"]:
        assert {one["input"], one["reason"], str(one["rows"])} <= set(shown(page["rejected"]))


def test_the_page_has_stages_and_features_the_slowest_first(nights, page):
    timings = nights.reports[DAYS[2]]["timings"]
    said = shown(page["slowest"])
    for kind in ("stages", "features"):
        names = {one["name"] for one in timings[kind]}
        assert [line for line in said if line in names] == slowest(timings[kind])
    assert {f"{one['seconds']:.1f} s" for one in timings["stages"]} <= set(said)


def test_the_order_and_the_partitions_of_the_inputs_change_nothing(spark, nights, tmp_path):
    command = command_of(tmp_path, DAYS[0], tmp_path / "out")
    for flag, name in (("--products", "products"), ("--judgments", "judgments")):
        at = command.index(flag) + 1
        table = pq.read_table(command[at])
        table = table.take(np.random.default_rng(3).permutation(len(table)))
        for i in range(3):
            (tmp_path / name).mkdir(exist_ok=True)
            pq.write_table(table.slice(i * len(table) // 3, len(table) // 3), tmp_path / name / f"{i}.parquet")
        command[at] = str(tmp_path / name)
    assert main(command, spark) == 0
    (path,) = (tmp_path / "out" / "runs" / DAYS[0]).glob("report-*.json")
    assert lasting(json.loads(path.read_text("utf-8"))) == lasting(nights.reports[DAYS[0]])


def test_heavy_hitters_are_those_of_all_rows(nights):
    documents, pairs = tables_of(DAYS[0])
    by_id = {row["product_id"]: row for row in documents}
    have = nights.reports[DAYS[0]]["heavy_inputs"]
    assert [one["input"] for one in have] == ["query", "title"]
    for name, values in (
        ("query", [row["query"] for row in pairs]),
        ("title", [by_id[row["product_id"]]["title"] for row in pairs]),
    ):
        counts = Counter(values)
        want = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))[:4]
        one = named(have, name, "input")
        assert [(value["value"], value["rows"]) for value in one["values"]] == want
        assert (one["distinct"], one["missing"]) == (len(counts), 0)


def test_heavy_numbers_tie_by_size_and_missing_is_no_value(spark):
    rows = [
        (9, "b", True),
        (10, "b", None),
        (9, None, True),
        (10, "a", False),
        (-3, "a", False),
        (None, "x" * 500, None),
    ]
    frame = spark.createDataFrame(rows, "number bigint, text string, flag boolean").repartition(3)
    inputs = [
        Input("number", "int64", "document", None),
        Input("text", "string", "query", None),
        Input("flag", "bool", "pair", None),
        Input("price", "float64", "pair", None),
    ]
    have = {one.input: one for one in heavy_inputs(frame, inputs, 2)}
    assert list(have) == ["number", "text", "flag"]
    assert [(one.value, one.rows) for one in have["number"].values] == [("9", 2), ("10", 2)]
    assert [(one.value, one.rows) for one in have["text"].values] == [("a", 2), ("b", 2)]
    assert [(one.value, one.rows) for one in have["flag"].values] == [("false", 2), ("true", 2)]
    assert [(one.missing, one.distinct) for one in have.values()] == [(1, 3), (1, 3), (2, 2)]
    assert heavy_inputs(frame.where("text > 'x'"), inputs[1:2], 2)[0].values[0].value == "x" * 200
    (none,) = heavy_inputs(frame.limit(0), inputs[:1], 2)
    assert (none.missing, none.distinct, none.values) == (0, 0, [])


def test_heavy_columns_are_those_of_the_table(spark, nights):
    rows = read(nights.output, DAYS[1], session=spark).select("title_hashed.indices").collect()
    counts = Counter(column for row in rows for column in row[0])
    have = named(nights.reports[DAYS[1]]["heavy_columns"], "title_hashed", "feature")
    want = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:4]
    assert [(one["column"], one["rows"]) for one in have["columns"]] == want
    assert have["used"] == len(counts)
    shared = named(nights.reports[DAYS[1]]["collisions"], "title_hashed", "step")["worst"]
    by_column = {one["column"]: [value["parts"][0] for value in one["values"]] for one in shared}
    assert by_column
    for one in have["columns"]:
        assert one["values"] == by_column.get(one["column"], one["values"])[:3] != []


def test_the_sample_is_the_same_however_rows_are_partitioned(spark, nights):
    pipeline = bz.load(nights.output / nights.manifests[DAYS[0]]["artifact"]["path"])
    documents, pairs = tables_of(DAYS[0])
    by_id = {row["product_id"]: row for row in documents}
    rows = [
        (row["query"], row["query"], row["product_id"], by_id[row["product_id"]]["title"], float(i))
        for i, row in enumerate(pairs)
    ]
    rows += [(*row[:4], 77.0) for row in rows[:9]]
    frame = spark.createDataFrame(rows, "query string, group_id string, product_id string, title string, price double")
    frame = frame.withColumn("qid", fn.col("query"))
    have = [take(frame.repartition(n, "price"), pipeline, 31) for n in (1, 4)]
    assert have[0].num_rows == 31
    assert have[0].to_pylist() == have[1].to_pylist()
    ids = have[0]["group_id"].to_pylist()
    assert ids == sorted(ids)
    assert take(frame, pipeline, 10_000).num_rows == len(rows)


def bin_counts(values: np.ndarray, edges: list[float]) -> list[int]:
    """Rows by bin: the finite ones by NumPy, then minus infinity, infinity and missing."""
    finite = np.histogram(values[np.isfinite(values)], [-np.inf, *edges, np.inf])[0]
    return [
        *finite.tolist(),
        int((values == -np.inf).sum()),
        int((values == np.inf).sum()),
        int(np.isnan(values).sum()),
    ]


def test_drift_is_that_of_the_tables(spark, nights):
    dense = ["log_price", "price", "title_length", "query_length"]
    values = {}
    for day in DAYS:
        rows = read(nights.output, day, session=spark).select("label", *dense).collect()
        values[day] = {name: np.array([row[name] for row in rows], np.float64) for name in ("label", *dense)}
    for day in DAYS:
        for one in nights.reports[day]["table"]["dense"]:
            finite = values[day][one["name"]][np.isfinite(values[day][one["name"]])]
            deciles = np.quantile(finite, DECILES, method="inverted_cdf").tolist()
            assert set(deciles) <= set(one["bins"])
            assert len(one["bins"]) == len(set(deciles)) + sum(count > 1 for count in Counter(deciles).values())
            assert one["bin_counts"] == bin_counts(values[day][one["name"]], one["bins"])
    for day, before in ((DAYS[1], DAYS[0]), (DAYS[2], DAYS[1])):
        for name in dense:
            edges = named(nights.reports[before]["table"]["dense"], name)["bins"]
            have = named(nights.reports[day]["drift"], name)
            assert (have["kind"], have["reference"]) == ("dense", before)
            assert have["expected"] == bin_counts(values[before][name], edges)
            assert have["actual"] == bin_counts(values[day][name], edges)
            assert have["psi"] == pytest.approx(psi_by_formula(have["expected"], have["actual"]))
            want = float(jensenshannon(have["expected"], have["actual"], base=2)) ** 2
            assert have["jensen_shannon"] == pytest.approx(want, abs=1e-12)
            assert len(have["bins"]) == len(have["actual"])
        label = named(nights.reports[day]["drift"], "label")
        assert label["bins"] == ["0", "1"]
        assert label["actual"] == [int((values[day]["label"] == one).sum()) for one in (0, 1)]
    drift = nights.reports[DAYS[2]]["drift"]
    assert named(drift, "price")["actual"][-2] == int(np.isinf(values[DAYS[2]]["price"]).sum()) > 0
    assert named(drift, "price")["psi"] > 1 > named(drift, "title_length")["psi"]
    assert {one["psi"] for one in nights.reports[DAYS[1]]["drift"]} == {0.0}
    assert nights.reports[DAYS[0]]["drift"] == []


def test_drift_of_sparse_features_is_that_of_their_sizes(nights):
    sizes = {day: named(nights.reports[day]["table"]["sparse"], "title_hashed")["row_sizes"] for day in DAYS}
    have = drift_of(nights.reports[DAYS[2]], "title_hashed", "sparse")
    assert sum(have["expected"]) == sum(sizes[DAYS[1]].values())
    assert sum(have["actual"]) == sum(sizes[DAYS[2]].values())
    assert have["psi"] == pytest.approx(psi_by_formula(have["expected"], have["actual"]))
    rows = [int(size) for size, count in sizes[DAYS[1]].items() for _ in range(count)]
    deciles = np.quantile(rows, DECILES, method="inverted_cdf")
    edges = sorted({*deciles, *(d + 1 for d in deciles if (deciles == d).sum() > 1)})
    assert have["expected"] == np.histogram(rows, [-np.inf, *edges, np.inf])[0].tolist()


def test_drift_of_sparse_features_is_that_of_their_columns_too(spark, nights):
    counts = {}
    for day in DAYS:
        rows = read(nights.output, day, session=spark).select("title_hashed.indices").collect()
        counts[day] = Counter(column for row in rows for column in row[0])
    for day, before in ((DAYS[1], DAYS[0]), (DAYS[2], DAYS[1])):
        have = drift_of(nights.reports[day], "title_hashed", "columns")
        heavy = named(nights.reports[before]["heavy_columns"], "title_hashed", "feature")["columns"]
        columns = [one["column"] for one in heavy]
        assert have["bins"] == [*map(str, columns), "other"]
        for part, of in (("expected", before), ("actual", day)):
            assert have[part][:-1] == [counts[of][column] for column in columns]
            assert have[part][-1] == counts[of].total() - sum(have[part][:-1]) > 0
        assert have["psi"] == pytest.approx(psi_by_formula(have["expected"], have["actual"]))
        want = float(jensenshannon(have["expected"], have["actual"], base=2)) ** 2
        assert have["jensen_shannon"] == pytest.approx(want, abs=1e-12)
        assert (have["reference"], have["psi"] > 0) == (before, day == DAYS[2])
    # That of the sizes is the feature's trend line.
    points = named(nights.reports[DAYS[2]]["trends"], "title_hashed")["points"]
    assert points[-1]["psi"] == drift_of(nights.reports[DAYS[2]], "title_hashed", "sparse")["psi"] != have["psi"]


def test_trend_lines_run_over_the_nights(nights):
    for day in DAYS:
        for trend in nights.reports[day]["trends"]:
            assert [point["run"] for point in trend["points"]] == DAYS[: DAYS.index(day) + 1]
    labels = named(nights.reports[DAYS[2]]["trends"], "label")["points"]
    for day, point in zip(DAYS, labels, strict=True):
        counts = nights.reports[day]["table"]["labels"]
        assert point["mean"] == pytest.approx(
            np.average(list(map(float, counts)), weights=list(counts.values())), rel=1e-12
        )
        assert nights.reports[day]["table"]["distinct_labels"] == len(counts) == 2
    points = named(nights.reports[DAYS[2]]["trends"], "price")["points"]
    for day, point in zip(DAYS, points, strict=True):
        table = nights.reports[day]["table"]
        dense = named(table["dense"], "price")
        assert point["mean"] == dense["mean"]
        assert point["missing"] == dense["missing"] / table["rows"] > 0
    psis = [None, 0.0, named(nights.reports[DAYS[2]]["drift"], "price")["psi"]]
    assert [point["psi"] for point in points] == psis


def test_rejected_rows_are_told_with_samples(nights):
    assert nights.reports[DAYS[1]]["rejected"] == []
    have = nights.reports[DAYS[2]]["rejected"]
    assert [(one["input"], one["reason"], one["rows"]) for one in have] == [
        ("judgments", "query is missing", 1),
        ("products", "product_id is missing", 2),
    ]
    samples = have[1]["samples"]
    assert sorted(json.loads(one["row"])["title"] for one in samples) == ["<a>", tables_of(DAYS[2])[0][0]["title"]]
    assert [one["row"] for one in samples] == sorted(one["row"] for one in samples)
    assert (have[0]["samples"][0]["query"], have[0]["samples"][0]["product_id"]) == (None, judgments()[5]["product_id"])


def test_times_are_of_stages_and_features(nights):
    timings = nights.reports[DAYS[0]]["timings"]
    assert {one["name"] for one in timings["features"]} == set(nights.manifests[DAYS[0]]["features"])
    assert all(one["seconds"] > 0 for one in timings["features"])
    assert {"fit", "look at inputs", "measure tables"} <= {one["name"] for one in timings["stages"]}


def test_a_slow_feature_is_told_from_a_fast_one_in_seconds_a_row():
    """One hashes 3,000 words a row, one takes a logarithm: by far more than other work on the machine may slow one."""
    pipeline = bz.Pipeline.compile(bz.Spec.parse(PLAIN.format(features="[log_price, title_hashed]")))
    title = " ".join(f"word{i}" for i in range(3_000))
    rows = 200
    sample = pa.table({"title": [title] * rows, "price": [2.5] * rows})
    started = time.perf_counter()
    have = {one.name: one.seconds for one in feature_times(pipeline, sample)}
    spent = time.perf_counter() - started
    assert have["title_hashed"] > 20 * have["log_price"] > 0
    # The least of three tries.
    assert 3 * rows * sum(have.values()) <= spent


def test_over_a_limit_to_stop_the_run_is_done_and_its_status_is_three(spark, nights, capsys):
    assert [nights.statuses[day] for day in DAYS] == [0, 0, 3]
    for day in DAYS:
        told = [one for one in nights.manifests[day]["checks"] if one["place"].startswith("report.")]
        assert told == nights.reports[day]["over_limits"]
    over = nights.reports[DAYS[2]]["over_limits"]
    stopped = {one["message"].split(" has ")[0]: one for one in over if one["stopped"]}
    assert set(stopped) == {"log_price", "price"}
    assert {one["place"] for one in stopped.values()} == {"report.drift.psi"}
    assert not any(one["warned"] for one in stopped.values())
    assert "against the run of 2026-04-02; the limit to stop is 0.8" in stopped["price"]["message"]
    missing = named(over, "report.missing.features.price", "place")
    price = named(nights.reports[DAYS[2]]["table"]["dense"], "price")
    assert (missing["rows"], missing["of"], missing["warned"]) == (price["missing"], 47, True)
    # Nothing to compare with: the first run has no drift to judge, whatever it looks like.
    assert {one["place"] for one in nights.reports[DAYS[0]]["over_limits"]} == {
        "report.missing.features.price",
        "report.collisions.steps.title_hashed",
    }
    before = {path: path.stat().st_mtime_ns for path in nights.output.rglob("*") if path.is_file()}
    assert [main(nights.command[day], spark) for day in (DAYS[2], DAYS[1])] == [3, 0]
    out = capsys.readouterr().out
    assert out.count("was done before; nothing was written") == 2
    assert f"  over      {stopped['price']['message']}" in out
    assert f"  warning   {missing['message']}" in out
    assert {path: path.stat().st_mtime_ns for path in nights.output.rglob("*") if path.is_file()} == before


def test_a_backfill_has_the_worst_status_of_its_dates(spark, nights, tmp_path):
    """The labels of its first date are far from those of the run before, of its second date not."""
    output = tmp_path / "out"
    shutil.copytree(nights.output, output)
    days = [date(2026, 4, 4), date(2026, 4, 5)]
    pairs = [{**row, "rating": 2, "day": day} for day in days for row in judgments(24)]
    at = write_tables(tmp_path, products(), pairs)
    (tmp_path / "settings.yaml").write_text(
        "judgments_date: day\nreport: {drift: {psi: {features: {label: {stop: 1}}}}}\n", "utf-8"
    )
    artifact = output / nights.manifests[DAYS[0]]["artifact"]["path"]
    words = ["--config", tmp_path / "settings.yaml", "--products", at[0], "--judgments", at[1], "--artifact", artifact]
    words += ["--output", output, "--from", days[0], "--to", days[1]]
    assert main(list(map(str, words)), spark) == 3
    made = [json.loads((output / "runs" / str(day) / "manifest.json").read_text("utf-8")) for day in days]
    assert [any(check["stopped"] for check in one["checks"]) for one in made] == [True, False]


def test_history_is_what_manifests_name_and_nothing_else(nights, tmp_path, caplog):
    output = tmp_path / "out"
    shutil.copytree(nights.output / "runs", output / "runs")
    features = nights.manifests[DAYS[0]]["features"]
    day = date(2026, 4, 9)

    def runs_of(names=features, runs=14, before=day):
        found = history.earlier(output, before, names, runs)
        return [one.run for one in found.recent], {name: one.run for (_, name), one in found.references.items()}

    assert runs_of() == (DAYS, {**dict.fromkeys(features, DAYS[2]), "label": DAYS[2]})
    assert runs_of(runs=1) == (DAYS[2:], {**dict.fromkeys(features, DAYS[2]), "label": DAYS[2]})
    assert runs_of(before=date(2026, 4, 2))[0] == DAYS[:1]
    assert runs_of(before=date(2026, 4, 1)) == ([], {})
    assert runs_of(["new"], runs=0) == ([], {"label": DAYS[2]})
    last = output / nights.manifests[DAYS[2]]["report_json"]["path"]
    held = last.read_bytes()
    # A report of a run that never ended is none.
    (output / "runs" / "2026-04-05").mkdir()
    (output / "runs" / "2026-04-05" / "report-9.json").write_bytes(held)
    assert runs_of()[0] == DAYS
    last.write_bytes(held.replace(b'"rows"', b'"Rows"', 1))
    with pytest.raises(bz.CorruptArtifactError) as caught:
        runs_of()
    assert str(last) in str(caught.value)
    last.unlink()
    assert runs_of() == (DAYS[:2], {**dict.fromkeys(features, DAYS[1]), "label": DAYS[1]})
    assert "no longer there" in caplog.text
    # A feature that the latest run does not have is compared with the latest that has it.
    second = json.loads((output / "runs" / DAYS[1] / "manifest.json").read_text("utf-8"))
    path = output / second["report_json"]["path"]
    report = json.loads(path.read_text("utf-8"))
    report["table"]["dense"] = [one for one in report["table"]["dense"] if one["name"] != "price"]
    path.write_text(json.dumps(report), "utf-8")
    second["features"].remove("price")
    second["report_json"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (output / "runs" / DAYS[1] / "manifest.json").write_text(json.dumps(second), "utf-8")
    assert runs_of(runs=0)[1]["price"] == DAYS[0]
    assert runs_of(runs=0)[1]["log_price"] == DAYS[1]
