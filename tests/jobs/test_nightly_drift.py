"""Numbers of drift against SciPy, NumPy and the formulas in plain Python; limits and settings of the report."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import math
import os
import pickle
from collections import Counter
from datetime import date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import buzzsaw as bz
import numpy as np
import pytest
from buzzsaw.errors import InvalidSpecError
from buzzsaw.jobs import metrics
from buzzsaw.jobs.logs import JsonFormatter
from buzzsaw.jobs.runs import Outcome
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly import NightlySettings, report_contents
from buzzsaw.nightly.checking import Finding, judge
from buzzsaw.nightly.checks import Limits
from buzzsaw.nightly.divergence import (
    DECILES,
    edges_of,
    jensen_shannon,
    next_f32,
    psi,
    size_counts,
    size_deciles,
    unchanged_psi,
)
from buzzsaw.nightly.drift import compared_columns, drifts, numberings
from buzzsaw.nightly.history import LABEL, History, Reference, earlier
from buzzsaw.nightly.report_contents import FeatureWords, HeavyColumn, HeavyColumns, TrendPoint
from buzzsaw.nightly.report_limits import check_names, over_limits
from buzzsaw.nightly.report_settings import NamedLimits, ReportSettings, parse
from buzzsaw.nightly.reporting import feature_words
from scipy.spatial.distance import jensenshannon
from shops import ROOT, SPEC

JOB = ROOT / "jobs" / "nightly_features.yaml"

PAIRS = [
    ([10, 20, 30, 40], [40, 30, 20, 10]),
    ([5, 0, 7], [0, 3, 9]),
    ([0, 0, 100], [100, 0, 0]),
    ([3, 3], [3000, 3000]),
    ([1], [7]),
    ([0, 12, 0, 8, 0], [0, 9, 0, 1, 2]),
]


def psi_by_formula(expected, actual):
    """Siddiqi's sum over the bins that one of them has, with half a row more in each."""
    used = [(e, a) for e, a in zip(expected, actual, strict=True) if e or a]
    n, m = (sum(one) + len(used) / 2 for one in zip(*used, strict=True))
    return sum(((a + 0.5) / m - (e + 0.5) / n) * math.log(((a + 0.5) / m) / ((e + 0.5) / n)) for e, a in used)


@pytest.mark.parametrize(("expected", "actual"), PAIRS)
def test_psi_is_the_formula(expected, actual):
    assert psi(expected, actual) == pytest.approx(psi_by_formula(expected, actual), rel=1e-12, abs=1e-15)


def test_psi_without_smoothing_of_many_rows_is_the_textbook_number():
    """Shares of 10, 20, 70 and 20, 20, 60 percent: (0.1) ln 2 + (-0.1) ln(6/7)."""
    many = 10**9
    want = 0.1 * math.log(2) - 0.1 * math.log(6 / 7)
    assert psi([many, 2 * many, 7 * many], [2 * many, 2 * many, 6 * many]) == pytest.approx(want, rel=1e-8)
    assert psi([4, 5, 0], [4, 5, 0]) == 0.0


@pytest.mark.parametrize(("expected", "actual"), PAIRS)
def test_jensen_shannon_is_the_square_of_scipys_distance(expected, actual):
    want = float(jensenshannon(expected, actual, base=2)) ** 2
    assert jensen_shannon(expected, actual) == pytest.approx(want, rel=1e-9, abs=1e-15)
    assert 0 <= jensen_shannon(expected, actual) <= 1


def test_psi_of_samples_of_one_distribution_is_what_chance_makes_it():
    generator = np.random.default_rng(5)
    shares, n, m = np.array([0.05, 0.15, 0.3, 0.3, 0.2]), 4000, 2500
    tries = [psi(generator.multinomial(n, shares), generator.multinomial(m, shares)) for _ in range(800)]
    said = unchanged_psi([n // 5] * 5, [m // 5] * 5)
    assert np.mean(tries) == pytest.approx(said, rel=0.1)
    assert unchanged_psi([0, n], [0, m]) == 0.0


def test_edges_give_a_value_of_several_deciles_a_bin_of_its_own():
    after, largest = next_f32, float(np.finfo(np.float32).max)
    assert after(0.0) == 2.0**-149
    assert after(-1.0) == -1.0 + 2.0**-24
    assert edges_of([1.0, 2.0, 3.0], after) == [1.0, 2.0, 3.0]
    assert edges_of([0.0] * 5 + [2.0, 4.0], after) == [0.0, after(0.0), 2.0, 4.0]
    assert edges_of([7.5] * 9, after) == [7.5, after(7.5)]
    assert edges_of([largest] * 2, after) == [largest]
    assert edges_of([], after) == []


@pytest.mark.parametrize("seed", range(5))
def test_deciles_of_sizes_are_numpys_of_all_rows(seed):
    values = np.random.default_rng(seed).poisson(3, 10 * seed + 7)
    sizes = Counter(values.tolist())
    have = size_deciles(sizes)
    assert have == np.quantile(values, DECILES, method="inverted_cdf").tolist()
    edges = edges_of(have, lambda size: size + 1)
    want = np.histogram(values, [-np.inf, *edges, np.inf])[0].tolist()
    assert size_counts(sizes, edges) == want


def test_settings_of_the_report():
    read = parse(
        {
            "sample": 50,
            "runs": 3,
            "drift": {"psi": {"warn": 0.1, "stop": 2.5, "features": {"a": {"stop": 9}}}},
            "missing": {"features": {"b": {"warn": 0}}},
            "collisions": {"stop": 0.5, "steps": {"c": {}}},
        },
        problems := [],
    )
    assert not problems
    assert (read.sample, read.top, read.runs) == (50, 10, 3)
    assert read.drift.psi.of("a") == Limits(None, 9.0)
    assert read.drift.psi.of("other") == Limits(0.1, 2.5)
    assert read.drift.jensen_shannon == NamedLimits()
    assert (read.missing.of("b"), read.missing.of("a")) == (Limits(0.0, None), Limits())
    assert read.collisions.of("c") == Limits()


def test_settings_of_the_report_name_every_problem(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        """
report:
  sample: 0
  runs: two
  sampel: 5
  drift:
    psi: {warn: -1, features: {a: {warn: x}}}
    jensen_shannon: {stop: 1.5}
    kl: {}
  missing: {steps: {}}
  collisions: 5
""",
        "utf-8",
    )
    with pytest.raises(InvalidSpecError) as caught:
        NightlySettings.load(settings, {"products": "p", "judgments": "j", "output": "o", "spec": "s"})
    found = {problem["place"]: problem for problem in caught.value.problems}
    assert {place: problem["code"] for place, problem in found.items()} == {
        "report.sample": "BZ_INVALID_VALUE",
        "report.runs": "BZ_TYPE_MISMATCH",
        "report.sampel": "BZ_INVALID_SPEC",
        "report.drift.psi.warn": "BZ_INVALID_VALUE",
        "report.drift.psi.features.a.warn": "BZ_TYPE_MISMATCH",
        "report.drift.jensen_shannon.stop": "BZ_INVALID_VALUE",
        "report.drift.kl": "BZ_INVALID_SPEC",
        "report.missing.steps": "BZ_INVALID_SPEC",
        "report.collisions": "BZ_TYPE_MISMATCH",
    }
    assert found["report.sampel"]["hint"] == "did you mean `sample`?"
    assert "there is no setting" in found["report.sampel"]["message"]


def test_limits_of_what_the_spec_does_not_have_are_refused():
    spec = bz.Spec.load(SPEC)
    given = {
        "drift": {"psi": {"features": {"label": {}, "title_bm25": {}, "tittle_bm25": {}}}},
        "missing": {"features": {"label": {}, "log_price_missing": {}}},
        "collisions": {"steps": {"supplier_x_query": {}, "title_tfidf": {}}},
    }
    with pytest.raises(bz.InvalidValueError) as caught:
        check_names(parse(given, []), spec)
    places = {problem["place"]: problem["hint"] for problem in caught.value.problems}
    assert set(places) == {
        "report.drift.psi.features.tittle_bm25",
        "report.missing.features.label",
        "report.collisions.steps.title_tfidf",
    }
    assert places["report.drift.psi.features.tittle_bm25"] == "did you mean `title_bm25`?"
    check_names(NightlySettings.load(JOB, dict.fromkeys(("products", "judgments", "output"), "x")).report, spec)


def test_a_limit_that_no_number_is_over_is_refused():
    """`Infinity` is no JSON, and a manifest has the settings."""
    problems = []
    parse({"drift": {"psi": {"stop": math.inf}}}, problems)
    assert [one["place"] for one in problems] == ["report.drift.psi.stop"]


def test_limits_of_the_report_do_not_make_another_run():
    plain = NightlySettings("p", "j", "out", spec=str(SPEC))
    limited = dataclasses.replace(plain, report=ReportSettings(missing=NamedLimits(stop=0.5)))
    assert plain.digest() == limited.digest() != dataclasses.replace(plain, folds=7).digest()


def told(folder, run, form=report_contents.FORMAT, **columns):
    """A run with a report of dense columns, each with an edge of its bins, and much else."""
    dense = [
        {"name": name, "bins": [edge], "bin_counts": [1, 2], "counts": [3] * 10_000} for name, edge in columns.items()
    ]
    ends = {"run": run, "mean": 2.5, "missing": 0.25, "psi": None}
    first = {"run": "2025-12-31", "mean": None, "missing": None, "psi": 1.0}
    report = {
        "format": form,
        "run": run,
        "table": {"rows": 9, "labels": {"1": 9}, "group_sizes": {"9": 1}, "dense": dense, "sparse": []},
        "trends": [{"name": name, "points": [first, ends]} for name in ("label", *columns)],
        "heavy_columns": [],
        "collisions": ["x" * 10_000] * 10,
    }
    content = json.dumps(report).encode()
    place = folder / "runs" / run
    place.mkdir(parents=True)
    (place / "report-0.json").write_bytes(content)
    named = {"path": f"runs/{run}/report-0.json", "sha256": hashlib.sha256(content).hexdigest()}
    (place / "manifest.json").write_text(json.dumps({"features": list(columns), "report_json": named}), "utf-8")


def test_a_feature_of_several_columns_is_compared_column_by_column(tmp_path):
    told(tmp_path, "2026-01-01", day_0=1, day_1=2, day_2=3, price=4, v_1=5)
    told(tmp_path, "2026-01-02", price=6)
    found = earlier(tmp_path, date(2026, 1, 3), ["day", "price", "v_1", "v"], 1).references
    dense = {name: (one.run, one.measured["bins"]) for (kind, name), one in found.items() if kind == "dense"}
    first, second = "2026-01-01", "2026-01-02"
    assert dense == {
        "day_0": (first, [1]),
        "day_1": (first, [2]),
        "day_2": (first, [3]),
        "price": (second, [6]),
        "v_1": (first, [5]),
    }


def test_of_earlier_reports_only_what_drift_and_trends_need_is_held(tmp_path):
    """A report here is of 200,000 bytes and more."""
    days = [f"2026-01-{day:02}" for day in range(1, 11)]
    for day in days:
        told(tmp_path, day, price=4, gone=5)
    found = earlier(tmp_path, date(2026, 2, 1), ["price"], 10)
    assert [one.run for one in found.recent] == days
    for one in found.recent:
        assert one.points == dict.fromkeys(("label", "price"), TrendPoint(one.run, 2.5, 0.25, None))
    assert found.edges() == {"price": [4]}
    held = {key: one.measured for key, one in found.references.items()}
    assert held == {("dense", "price"): {"bins": [4], "bin_counts": [1, 2]}, ("label", "label"): {"labels": {"1": 9}}}
    assert len(pickle.dumps(found)) < 5_000


def test_runs_that_cannot_be_compared_with_are_told_in_one_warning(tmp_path, caplog):
    for day in range(1, 10):
        told(tmp_path, f"2026-01-{day:02}", form=report_contents.FORMAT if day > 2 else 0, price=4)
    for day in range(4, 9):
        (tmp_path / "runs" / f"2026-01-{day:02}" / "report-0.json").unlink()
    (tmp_path / "runs" / "2026-01-09" / "manifest.json").write_text('{"features": ["price"]}', "utf-8")
    found = earlier(tmp_path, date(2026, 2, 1), ["price"], 14)
    assert [one.run for one in found.recent] == ["2026-01-03"]
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        "8 earlier runs are not compared with: no report as JSON (2026-01-09); the report is no longer there "
        "(2026-01-08, 2026-01-07, 2026-01-06 and 2 before); the report is of format 0 (2026-01-02, 2026-01-01)"
    )


@pytest.mark.parametrize(
    ("content", "told_of"),
    [(b"[1]", "is no map, but a list"), (b"{", "is no JSON"), (b'{"format": "\xff"}', "is no JSON")],
)
def test_manifests_and_reports_that_are_none_are_corrupt(tmp_path, content, told_of):
    told(tmp_path, "2026-01-01", price=4)
    folder = tmp_path / "runs" / "2026-01-01"
    (folder / "report-0.json").write_bytes(content)
    named = {"path": "runs/2026-01-01/report-0.json", "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"features": ["price"], "report_json": named}), "utf-8")
    with pytest.raises(bz.CorruptArtifactError, match=f"the report of 2026-01-01 {told_of}"):
        earlier(tmp_path, date(2026, 2, 1), ["price"], 14)
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(bz.CorruptArtifactError, match="the run's manifest cannot be read"):
        earlier(tmp_path, date(2026, 2, 1), ["price"], 14)


@pytest.mark.parametrize("name", ["manifest.json", "report-0.json"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.ESTALE])
def test_a_file_system_that_does_not_answer_is_no_corruption(tmp_path, monkeypatch, name, number):
    told(tmp_path, "2026-01-01", price=4)
    read_bytes = Path.read_bytes

    def refused(path):
        if path.name == name:
            raise OSError(number, os.strerror(number), str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(bz.IoError, match=f"cannot read: {os.strerror(number)}") as caught:
        earlier(tmp_path, date(2026, 2, 1), ["price"], 14)
    assert caught.value.place == str(tmp_path / "runs" / "2026-01-01" / name)
    assert "mount" in caught.value.hint


def labels_against(now, before):
    """The drift of labels, each run's by name."""
    table = SimpleNamespace(rows=sum(now.values()), labels=now, dense=(), sparse=())
    (one,) = drifts(table, [], History((), {("label", LABEL): Reference("2026-01-01", {"labels": before})}))
    return {name: pair for name, *pair in zip(one.bins, one.expected, one.actual, strict=True)}


def test_labels_that_a_run_does_not_name_are_among_the_others_of_both():
    """`1` and `2` are cut in one run each: whether the other rows of that run have them is not known."""
    before = {"missing": 5, "0": 40, "2": 7, "9": 6, "other": 3}
    now = {"0": 30, "1": 20, "9": 10, "other": 15}
    assert labels_against(now, before) == {"0": [40, 30], "9": [6, 10], "missing": [5, 0], "other": [10, 35]}
    whole = {"0": 30, "1": 20}
    # A run that names all its labels has none of those that it does not name.
    assert labels_against(whole, before) == {
        "0": [40, 30],
        "2": [7, 0],
        "9": [6, 0],
        "missing": [5, 0],
        "other": [3, 20],
    }
    assert labels_against(before, whole)["2"] == [0, 7]
    assert labels_against(whole, {"0": 1, "7": 2}) == {"0": [1, 30], "1": [0, 20], "7": [2, 0]}


SPARSE = """
buzzsaw: 1
name: sparse
inputs:
  brand: {type: string, side: document}
steps:
  hashed: {transform: hash_bucket, input: brand, buckets: 64, output: one_hot}
  fitted: {transform: one_hot, input: brand}
features: [hashed, fitted]
"""


#: Columns of features, with their rows.
COUNTED = {"hashed": {7: 50, 3: 25}, "fitted": {1: 60, 0: 30}}


def sparse_reports(folder, numbering):
    """A run of 90 rows with an entry each, in the columns of COUNTED, which mean what `numbering` says."""
    report = {
        "format": report_contents.FORMAT,
        "run": "2026-01-01",
        "table": {
            "rows": 90,
            "labels": {"1": 90},
            "dense": [],
            "sparse": [{"name": name, "row_sizes": {"1": 90}} for name in COUNTED],
        },
        "heavy_columns": [
            {
                "feature": name,
                "numbering": numbering[name],
                "columns": [{"column": column, "rows": rows} for column, rows in found.items()],
            }
            for name, found in COUNTED.items()
        ],
        "trends": [],
    }
    content = json.dumps(report).encode()
    place = folder / "runs" / "2026-01-01"
    place.mkdir(parents=True)
    (place / "report-0.json").write_bytes(content)
    named = {"path": "runs/2026-01-01/report-0.json", "sha256": hashlib.sha256(content).hexdigest()}
    made = {"features": list(COUNTED), "report_json": named}
    (place / "manifest.json").write_text(json.dumps(made), "utf-8")
    return earlier(folder, date(2026, 1, 2), list(COUNTED), 14)


def test_values_that_all_change_are_drift_of_the_columns_and_over_its_limit(tmp_path):
    """Each row has one entry as before: the sizes of rows say nothing."""
    history = sparse_reports(tmp_path, {"hashed": "a", "fitted": "b"})
    sparse = [SimpleNamespace(name="hashed", row_sizes={1: 60})]
    heavy = [HeavyColumns("hashed", "a", 2, [HeavyColumn(9, 60, [])], [0, 1, 59])]
    found = drifts(SimpleNamespace(rows=60, labels={"1": 60}, dense=(), sparse=sparse), heavy, history)
    by_kind = {one.kind: one for one in found}
    assert (by_kind["label"].psi, by_kind["sparse"].psi) == (0.0, 0.0)
    columns = by_kind["columns"]
    assert (columns.bins, columns.expected, columns.actual) == (["7", "3", "other"], [50, 25, 15], [0, 1, 59])
    assert columns.psi == pytest.approx(psi_by_formula([50, 25, 15], [0, 1, 59]))
    limits = parse({"drift": {"psi": {"features": {"hashed": {"stop": 1}}}}}, [])
    (over,) = over_limits(limits, ["hashed"], SimpleNamespace(rows=60, dense=[], sparse=[]), found, [], {})
    assert over.message.startswith(f"hashed has a PSI of {columns.psi:.3g} by column against the run of 2026-01-01")
    assert (over.place, over.stopped, over.rows, over.of) == ("report.drift.psi.features.hashed", True, 60, 90)
    # No entry at all is nothing to compare columns of.
    sparse[0].row_sizes, heavy = {0: 60}, [HeavyColumns("hashed", "a", 0, [], [0, 0, 0])]
    found = drifts(SimpleNamespace(rows=60, labels={"1": 60}, dense=(), sparse=sparse), heavy, history)
    assert [(one.kind, one.psi > 1) for one in found] == [("label", False), ("sparse", True)]


def test_columns_are_compared_where_they_mean_the_same(tmp_path):
    """A vocabulary numbers its columns anew with each fit, a hash with other parameters."""

    def numbering(spec, *brands):
        return numberings(bz.fit(bz.Spec.parse(spec), {}, documents={"brand": list(brands)}))

    here = numbering(SPARSE, "acme", "zen", "acme")
    history = sparse_reports(tmp_path, here)
    both = {name: list(counts) for name, counts in COUNTED.items()}
    assert compared_columns(here, history) == both
    assert compared_columns(numbering(SPARSE, "acme", "zen", "acme"), history) == both
    assert compared_columns(numbering(SPARSE, "zen"), history) == {"hashed": both["hashed"]}
    for before, after in (("buckets: 64", "buckets: 32"), ("buckets: 64", "buckets: 64, seed: 1")):
        other = SPARSE.replace(before, after)
        assert compared_columns(numbering(other, "acme", "zen", "acme"), history) == {"fitted": both["fitted"]}
    assert compared_columns({"new": here["hashed"]}, history) == {}


def test_limits_of_a_feature_are_those_of_its_columns():
    limits = ReportSettings(missing=NamedLimits(stop=0.9, by_name={"day": Limits(stop=0.1)}))
    dense = [SimpleNamespace(name=name, missing=3) for name in ("day_0", "day_1", "day_x", "price")]
    over = over_limits(limits, ["day", "day_x", "price"], SimpleNamespace(rows=10, dense=dense, sparse=[]), [], [], {})
    assert [(one.place, one.message[:5], one.stopped) for one in over] == [
        ("report.missing.features.day", "day_0", True),
        ("report.missing.features.day", "day_1", True),
    ]


def test_a_table_without_rows_is_over_each_limit_of_drift_of_what_had_rows():
    """No number is, whatever the limit: there is none to compare."""
    label = Reference("2026-01-02", {"labels": {"0": 5, "missing": 2}})
    dense = Reference("2026-01-01", {"bins": [1], "bin_counts": [1, 2]})
    sparse = Reference("2026-01-01", {"row_sizes": {"0": 3, "4": 1}})
    before = {
        ("label", LABEL): label,
        ("dense", "day_0"): dense,
        ("dense", "day_1"): dense,
        ("sparse", "terms"): sparse,
    }
    given = {
        "psi": {"stop": 100, "features": {"day": {"warn": 1}, "terms": {}, "new": {"stop": 0}}},
        "jensen_shannon": {"features": {"terms": {"warn": 0.5, "stop": 1}}},
    }
    limits = parse({"drift": given}, problems := [])
    assert not problems
    names, none = ["day", "terms", "new"], SimpleNamespace(rows=0, dense=[], sparse=[])
    over = over_limits(limits, names, none, [], [], before)
    assert [(one.place, one.rows, one.of, one.warned, one.stopped) for one in over] == [
        ("report.drift.psi", 0, 7, False, True),
        ("report.drift.psi.features.day", 0, 3, True, False),
        ("report.drift.jensen_shannon.features.terms", 0, 4, False, True),
    ]
    assert over[0].message == ("the training table has no rows, and that of 2026-01-02 has 7; the limit to stop is 100")
    assert over_limits(limits, names, none, [], [], {}) == []
    assert over_limits(ReportSettings(), names, none, [], [], before) == []
    assert over_limits(limits, names, SimpleNamespace(rows=1, dense=[], sparse=[]), [], [], before) == []


def test_words_of_a_feature_are_those_of_its_columns():
    spec = bz.Spec.parse("""
buzzsaw: 1
name: words
inputs:
  price: {type: float64, side: document}
  hour: {type: int64, side: query}
steps:
  clock: {transform: cyclical, input: hour, period: 24}
  log_price: {transform: log1p, input: price, missing: {impute: 0, indicator: true}}
features:
  - price
  - {step: clock, owner: search, description: When it was asked.}
  - {step: log_price, name: price_log, owner: pricing}
  - {step: price, name: price_1, owner: nobody}
""")
    assert feature_words(bz.fit(spec, {})) == {
        "price": FeatureWords("", ""),
        "clock_0": FeatureWords("When it was asked.", "search"),
        "clock_1": FeatureWords("When it was asked.", "search"),
        "price_log": FeatureWords("", "pricing"),
        "price_log_missing": FeatureWords("", "pricing"),
        "price_1": FeatureWords("", "nobody"),
    }


def test_a_limit_of_missing_is_that_of_empty_rows_for_a_sparse_feature_that_is_named():
    limits = ReportSettings(missing=NamedLimits(warn=0.1, by_name={"terms": Limits(warn=0.2, stop=0.3)}))
    sparse = [SimpleNamespace(name=name, empty_rows=4) for name in ("terms", "others")]
    over = over_limits(limits, ["terms", "others"], SimpleNamespace(rows=10, dense=[], sparse=sparse), [], [], {})
    (one,) = over
    assert (one.place, one.rows, one.of, one.stopped) == ("report.missing.features.terms", 4, 10, True)
    assert one.message == "terms is empty in 4 of 10 rows (40.00%); the limit to stop is 0.3"


def test_what_is_over_a_limit_has_one_form_in_the_log(caplog):
    """Of an input and of the report alike."""
    judge((Finding("missing", "products", "price", 4, 10, Limits(warn=0.2)),))
    limits = ReportSettings(missing=NamedLimits(by_name={"price": Limits(warn=0.2)}))
    dense = [SimpleNamespace(name="price", missing=4)]
    over_limits(limits, ["price"], SimpleNamespace(rows=10, dense=dense, sparse=[]), [], [], {})
    lines = [json.loads(JsonFormatter("a_job").format(record)) for record in caplog.records]
    places = ["checks.products.columns.price.missing", "report.missing.features.price"]
    assert [line.pop("place") for line in lines] == places
    assert all(line.pop("message").startswith(f"{place}: ") for line, place in zip(lines, places, strict=True))
    assert [line.pop("time") is not None for line in lines] == [True, True]
    assert lines[0] == lines[1]
    assert (lines[0]["event"], lines[0]["rows"], lines[0]["of"], lines[0]["outcome"]) == ("check", 4, 10, "warned")


def test_what_is_over_a_limit_to_stop_is_told_as_such_in_metrics():
    checks = [
        {"place": "report.drift.psi", "warned": True, "stopped": False},
        {"place": "report.drift.psi", "warned": False, "stopped": True},
        {"place": "report.drift.psi", "warned": False, "stopped": False},
        {"place": "checks.unknown_products", "warned": True, "stopped": False},
        {"place": "checks.products.rejected", "warned": False, "stopped": False},
    ]
    manifest = {"checks": checks, "inputs": {}, "tables": {}, "features": []}
    outcome = Outcome(manifest, Path("manifest.json"), Path("out"), wrote=True)
    gauges = {one.name: one.samples for one in metrics.of_run(Watch(), outcome, datetime.now(timezone.utc))}
    want = {"report.drift.psi": 2, "checks.unknown_products": 1, "checks.products.rejected": 0}
    assert gauges["buzzsaw_run_check_over_limit"] == want
