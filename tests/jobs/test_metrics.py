"""The metrics of a run, and the format that they are in."""

from __future__ import annotations

from datetime import datetime

import pytest
from buzzsaw.jobs.metrics import Gauge, exposition, of_run
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly import main
from buzzsaw.nightly.checking import Finding
from buzzsaw.nightly.checks import Limits
from operations import DAY, FITTED, samples, told
from prometheus import parsed
from shops import NOW


def test_metrics_are_those_of_the_manifest(night):
    metrics, manifest = night.metrics, night.manifest
    labels = {("buzzsaw_job", "nightly_features"), ("output", str(night.folder / "out"))}
    assert all(labels <= key for metric in metrics.values() for key in metric.samples)
    assert {metric.type for metric in metrics.values()} == {"gauge"}
    assert samples(metrics, "buzzsaw_run_success") == samples(metrics, "buzzsaw_run_wrote") == 1
    ended = samples(metrics, "buzzsaw_run_end_timestamp_seconds")
    assert 0 <= ended - datetime.fromisoformat(manifest["finished"]).timestamp() < 60
    midnight = datetime.fromisoformat(f"{DAY}T00:00:00+00:00").timestamp()
    assert samples(metrics, "buzzsaw_run_date_timestamp_seconds") == midnight
    stages = samples(metrics, "buzzsaw_run_stage_seconds", "stage")
    assert list(stages) == FITTED
    assert stages == pytest.approx({line["stage"]: line["seconds"] for line in night.told.of("stage_ends")}, abs=1e-3)
    for what, want in [
        ("read", {"products": 24, "judgments": 60}),
        ("rejected", {"products": 1, "judgments": 1}),
        ("accepted", {"products": 23, "judgments": 59}),
    ]:
        assert samples(metrics, f"buzzsaw_run_input_{what}_rows", "input") == want
    for what in ("rows", "version"):
        want = {name: table[what] for name, table in manifest["tables"].items()}
        assert samples(metrics, f"buzzsaw_run_table_{what}", "table") == want
    want = {check["place"]: check["warned"] for check in manifest["checks"]}
    assert samples(metrics, "buzzsaw_run_check_over_limit", "check") == want
    assert {0, 1} == set(want.values())
    assert samples(metrics, "buzzsaw_run_features") == len(manifest["features"]) == 6


def test_metrics_that_cannot_be_written_are_told_and_the_run_stands(spark, night, tmp_path):
    (tmp_path / "m.prom").mkdir()
    words = [*night.words, "--now", NOW.isoformat(), "--output", night.folder / "out", "--metrics", tmp_path / "m.prom"]
    said = told(main, words, spark)
    assert said.status == 0
    assert [line["event"] for line in said.lines] == ["done", "log"]
    assert said.lines[1]["level"] == "warning"
    assert f"BZ_IO: {tmp_path / 'm.prom'}" in said.lines[1]["message"]
    assert list(tmp_path.iterdir()) == [tmp_path / "m.prom"]


def test_of_checks_of_one_place_the_worst_is_told():
    """A check of the spec is judged in each input that has its column."""
    place, limits = "inputs.price.checks", Limits(warn=0.1, stop=0.2)
    shares = {"products": 12, "judgments": 6}
    findings = [Finding("missing", name, "price", rows, 40, limits, at=place) for name, rows in shares.items()]
    for ordered in (findings, findings[::-1]):
        told = {gauge.name: gauge.samples for gauge in of_run(Watch(findings=ordered), None, NOW)}
        assert told["buzzsaw_run_check_over_limit"] == {f"{place}.missing": 2}


def test_hostile_labels_come_back_as_they_were():
    text = 'a\\b"c\nd\\n{}=, é \u2028 '
    gauges = [
        Gauge("buzzsaw_a", f"Help with \\ and\n{text}", {text: 0.1, "": float("nan"), "b": float("-inf")}, "stage"),
        Gauge("buzzsaw_b", "Large.", 1_764_000_000.25),
        Gauge("buzzsaw_c", "Small.", 1e-9),
        Gauge("buzzsaw_d", "Whole.", 10**12),
    ]
    metrics = parsed(exposition(gauges, {"output": text}))
    assert metrics["buzzsaw_a"].help == f"Help with \\ and\n{text}"
    found = {dict(key)["stage"]: value for key, value in metrics["buzzsaw_a"].samples.items()}
    assert found.pop("") != 0
    assert found == {text: 0.1, "b": float("-inf")}
    assert metrics["buzzsaw_b"].samples == {frozenset({("output", text)}): 1_764_000_000.25}
    assert metrics["buzzsaw_c"].samples == {frozenset({("output", text)}): 1e-9}
    assert metrics["buzzsaw_d"].samples == {frozenset({("output", text)}): 1e12}
    # A path of bytes that are no UTF-8 is still a file of UTF-8.
    assert parsed(exposition(gauges[1:2], {"output": "/data/\udcff"}))


@pytest.mark.parametrize(
    "broken",
    [
        b"a 1",
        b'# HELP a x\n# TYPE a gauge\na{b="c\nd"} 1\n',
        b'# HELP a x\n# TYPE a gauge\na{b="c"d"} 1\n',
        b'# HELP a x\n# TYPE a gauge\na{b="\\c"} 1\n',
        b"# HELP a x\n# TYPE a gauge\na 1\na 1\n",
        b"# HELP a x\n# TYPE a gauge\na one\n",
    ],
)
def test_the_reader_of_metrics_takes_nothing_else(broken):
    with pytest.raises(AssertionError):
        parsed(broken)
