"""What who runs the jobs reads of them in the log; of runs that end well and of runs that do not."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import logging
import os
import re
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from buzzsaw.jobs.failures import error_behind, full_disk, paragraph
from buzzsaw.jobs.logs import JSON, JsonFormatter, fields, to_stderr
from buzzsaw.nightly import main
from buzzsaw.nightly.report_limits import over_limits
from buzzsaw.nightly.report_settings import NamedLimits, ReportSettings
from operations import ALWAYS, DAY, FITTED, samples, told
from prometheus import parsed
from pyspark.errors import PySparkException
from shops import NOW, ROOT


def test_a_run_tells_its_stages_as_one_object_a_line(night):
    lines = night.told.lines
    assert night.told.out == ""
    assert all(list(line)[: len(ALWAYS)] == ALWAYS for line in lines)
    assert {(line["job"], line["run"]) for line in lines} == {("nightly_features", DAY)}
    times = [datetime.fromisoformat(line["time"]) for line in lines]
    assert times == sorted(times)
    assert {time.utcoffset().total_seconds() for time in times} == {0.0}
    assert abs((times[-1] - datetime.now(timezone.utc)).total_seconds()) < 3_600
    assert [line["stage"] for line in night.told.of("stage_begins")] == FITTED
    ends = night.told.of("stage_ends")
    assert [line["stage"] for line in ends] == FITTED
    assert [line["stage_number"] for line in ends] == list(range(1, len(FITTED) + 1))
    # How many there are depends on what the spec turns out to need: known once it is fitted.
    fit = FITTED.index("fit")
    assert [line.get("stage_count") for line in night.told.of("stage_begins")] == [None] * (fit + 1) + [len(FITTED)] * (
        len(FITTED) - fit - 1
    )
    # Between its two ends, every line is of the stage.
    current = None
    for line in lines:
        if line["event"] == "stage_begins":
            current = line["stage"]
        assert line["stage"] == current
        if line["event"] == "stage_ends":
            current = None


def test_a_run_tells_what_it_wrote_once(night):
    tables = night.manifest["tables"]
    commits = {line["table"]: line["version"] for line in night.told.of("commit")}
    assert commits == {name: table["version"] for name, table in tables.items()}
    (written,) = night.told.of("manifest")
    assert written["tables"] == {n: {"version": t["version"], "rows": t["rows"]} for n, t in tables.items()}
    (done,) = night.told.of("done")
    assert done["wrote"] is True
    assert json.loads(Path(done["manifest"]).read_text("utf-8")) == night.manifest
    assert done == night.told.lines[-1]
    without_progress = [
        (line["event"], line["stage"], line["message"]) for line in night.told.lines if line["event"] != "progress"
    ]
    assert len(set(without_progress)) == len(without_progress)


def test_a_column_of_both_inputs_is_told_and_is_that_of_the_judgments(night):
    """`title` is read and in both; `unread` is in both and not read; `product_id` is the key."""
    place = "judgments.title"
    warned = [check for check in night.manifest["checks"] if check["place"].startswith("judgments.")]
    assert [(check["place"], check["rows"], check["warned"]) for check in warned] == [(place, 59, True)]
    (line,) = (line for line in night.told.of("check") if line["place"] == place)
    assert (line["level"], line["outcome"], line["rows"], line["of"]) == ("warning", "warned", 59, 59)
    assert "training rows take that of the judgments" in line["message"]
    places = {check["place"] for check in night.manifest["checks"] if check["warned"]}
    assert {line["place"] for line in night.told.of("check")} == places
    assert samples(night.metrics, "buzzsaw_run_check_over_limit", "check")[place] == 1


def rows_of_docs(section: str) -> list[tuple[str, str, str]]:
    """The cells of the table of a section of docs/nightly.md."""
    page = (ROOT / "docs" / "nightly.md").read_text("utf-8")
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| (`.*?) \| (.*?) ?\| (.*?) \|$", text, re.MULTILINE)


def test_fields_and_metrics_are_those_of_the_page(night):
    named = [(re.findall(r"`(\w+)`", fields), re.findall(r"`(\w+)`", of)) for fields, of, _ in rows_of_docs("Logs")]
    always = [field for fields, of in named for field in fields if not of]
    assert sorted(always) == sorted(ALWAYS)
    documented: dict[str, set[str]] = {}
    for names, events in named:
        for event in events:
            documented.setdefault(event, set()).update(names)
    seen: dict[str, set[str]] = {}
    for line in night.told.lines:
        seen.setdefault(line["event"], set()).update(set(line) - set(ALWAYS))
    assert set(seen) == {"stage_begins", "progress", "stage_ends", "check", "commit", "manifest", "done"}
    assert seen == {event: documented[event] for event in seen}
    assert documented["failed"] == {"code", "problems", "traceback"}
    metrics = [name for names, *_ in rows_of_docs("Metrics") for name in re.findall(r"`(\w+)`", names)]
    whole = {f"buzzsaw_run_input{name}" if name.startswith("_") else name for name in metrics}
    assert whole == set(night.metrics)


def test_outcomes_of_checks_are_those_of_the_page(caplog):
    limits = ReportSettings(missing=NamedLimits(warn=0.2, stop=0.5))
    dense = [SimpleNamespace(name=name, missing=rows) for name, rows in (("price", 4), ("age", 6), ("title", 1))]
    over_limits(limits, ["price", "age", "title"], SimpleNamespace(rows=10, dense=dense, sparse=[]), [], [], {})
    lines = [json.loads(JsonFormatter("a_job").format(record)) for record in caplog.records]
    (words,) = (words for names, of, words in rows_of_docs("Logs") if of == "`check`")
    assert [line["outcome"] for line in lines] == re.findall(r"`(\w+)`", words) == ["warned", "stopped"]


def test_a_done_date_is_told_as_done_before(spark, night, tmp_path):
    words = [*night.words, "--now", NOW.isoformat(), "--output", night.folder / "out"]
    said = told(main, [*words, "--metrics", tmp_path / "m.prom"], spark)
    assert said.status == 0
    (line,) = said.lines
    assert (line["event"], line["run"], line["wrote"]) == ("done", DAY, False)
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    assert (samples(metrics, "buzzsaw_run_success"), samples(metrics, "buzzsaw_run_wrote")) == (1, 0)
    assert samples(metrics, "buzzsaw_run_table_rows", "table")["training"] == 59
    assert "buzzsaw_run_stage_seconds" not in metrics


def test_bad_input_is_one_object_with_every_problem_and_metrics_say_which_check(spark, night, tmp_path):
    checks = {"products": {"rejected": {"stop": 0}, "columns": {"price": {"min": 0}}}}
    checks["judgments"] = {"rejected": {"stop": 0.01}}
    config = night.folder / "strict.yaml"
    config.write_text(json.dumps({"spec": "spec.yaml", "checks": checks}), "utf-8")
    words = ["--config", config, *night.words[2:], "--now", NOW.isoformat(), "--output", tmp_path / "out"]
    said = told(main, [*words, "--metrics", tmp_path / "m.prom"], spark)
    assert said.status == 1
    (failed,) = said.of("failed")
    assert failed == said.lines[-1]
    assert (failed["level"], failed["run"], failed["stage"]) == ("error", DAY, "read and check inputs")
    assert failed["code"] == "BZ_INVALID_VALUE"
    places = [problem["place"] for problem in failed["problems"]]
    assert places == ["checks.products.rejected.stop", "checks.judgments.rejected.stop"]
    assert all(problem["hint"] for problem in failed["problems"])
    assert "traceback" not in failed
    assert said.of("stage_fails")[0]["stage"] == "read and check inputs"
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    assert (samples(metrics, "buzzsaw_run_success"), samples(metrics, "buzzsaw_run_wrote")) == (0, 0)
    over = samples(metrics, "buzzsaw_run_check_over_limit", "check")
    assert (over["checks.products.rejected"], over["judgments.title"]) == (2, 1)
    assert samples(metrics, "buzzsaw_run_input_rejected_rows", "input") == {"products": 1, "judgments": 1}
    assert list(samples(metrics, "buzzsaw_run_stage_seconds", "stage")) == FITTED[:2]
    assert "buzzsaw_run_table_version" not in metrics
    assert not (tmp_path / "out").exists()


def test_a_failure_before_any_run_is_one_object_and_leaves_metrics(spark, tmp_path):
    words = ["--log-format", "json", "--output", tmp_path / "out", "--metrics", tmp_path / "m.prom", "--products", "p"]
    said = told(main, words, spark)
    assert said.status == 1
    (failed,) = said.lines
    assert (failed["event"], failed["run"], failed["stage"]) == ("failed", None, None)
    assert {problem["place"] for problem in failed["problems"]} == {"judgments", "spec"}
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    key = frozenset({("buzzsaw_job", "nightly_features"), ("output", str(tmp_path / "out"))})
    assert metrics["buzzsaw_run_success"].samples == {key: 0}
    assert "buzzsaw_run_date_timestamp_seconds" not in metrics


def test_lines_of_a_backfill_are_of_their_dates(spark, night, tmp_path):
    artifact = night.folder / "out" / night.manifest["artifact"]["path"]
    config = night.folder / "pinned.yaml"
    checks = {name: {"rejected": {"warn": None, "stop": 0.1}} for name in ("products", "judgments")}
    config.write_text(json.dumps({"checks": checks}), "utf-8")
    words = ["--config", config, *night.words[2:], "--artifact", artifact, "--from", "2026-03-01", "--to", "2026-03-02"]
    said = told(main, [*words, "--output", tmp_path / "out", "--metrics", tmp_path / "m.prom"], spark)
    assert said.status == 0, said.lines[-1]
    pinned = [stage for stage in FITTED if stage != "fit"]
    begins = [(line["run"], line["stage"]) for line in said.of("stage_begins")]
    assert begins == [(day, stage) for day in ("2026-03-01", "2026-03-02") for stage in pinned]
    counts = [line.get("stage_count") for line in said.of("stage_begins")]
    # The spec is loaded first; with an artifact, all else is known then.
    assert counts == 2 * [None, *[len(pinned)] * (len(pinned) - 1)]
    assert [line["run"] for line in said.of("done")] == ["2026-03-01", "2026-03-02"]
    # Before the first run: both dates have all rows of the tables.
    assert [line["level"] for line in said.lines if line["run"] is None] == ["warning"]
    assert {line["run"] for line in said.lines} == {None, "2026-03-01", "2026-03-02"}
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    midnight = datetime(2026, 3, 2, tzinfo=timezone.utc).timestamp()
    assert samples(metrics, "buzzsaw_run_date_timestamp_seconds") == midnight


def test_text_is_for_people_and_told_once(spark, night, tmp_path, monkeypatch):
    words = [word for word in night.words if word not in ("--log-format", "json")]
    words += ["--now", NOW.isoformat(), "--output", tmp_path / "out", "--progress-seconds", "0.05"]
    # As in a process of its own: pytest's handlers are logging that is set up already.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    said = told(main, words, spark)
    assert said.status == 0
    assert logging.getLogger().handlers == []
    lines = said.err.splitlines()
    for stage in FITTED:
        assert sum(line.endswith(f" {stage}") for line in lines) == 1, stage
    assert any(line.endswith(f", stage 6 of {len(FITTED)}") and "s so far" in line for line in lines), said.err
    assert said.out.startswith(f"run {DAY} is done\n  rejected  ")
    assert said.out.count("  warning   ") == sum(check["warned"] for check in night.manifest["checks"]) == 2


HOSTILE = 'line one\nline "two"\r\\ \t\x00 \u2028\u2029\x85 \ud800 {"event": "done"}'


def test_no_value_breaks_a_line():
    err = io.StringIO()
    with contextlib.redirect_stderr(err), to_stderr("a_job", JSON, verbose=False):
        log = logging.getLogger("buzzsaw.jobs")
        log.warning("%s", HOSTILE, extra=fields("check", place=HOSTILE, rows=3, of=None))
        try:
            raise ValueError(HOSTILE)
        except ValueError as failure:
            log.error("failed", exc_info=failure, extra=fields("failed", problems=[{"place": Path("a\nb")}]))
        logging.getLogger("elsewhere").warning("of %s", HOSTILE)
        logging.getLogger("elsewhere").info("not told")
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(True)
            warnings.warn(HOSTILE, UserWarning, stacklevel=1)
    told = err.getvalue()
    # What any reader may take for the end of a line.
    assert told.splitlines() == told.split("\n")[:-1]
    check, failed, other, warned = map(json.loads, told.splitlines())
    assert check["message"] == check["place"] == HOSTILE
    assert (check["event"], check["rows"], check["run"], "of" in check) == ("check", 3, None, False)
    assert "ValueError: line one\n" in failed["traceback"]
    assert failed["problems"] == [{"place": "a\nb"}]
    assert (other["event"], other["logger"], other["message"]) == ("log", "elsewhere", f"of {HOSTILE}")
    assert (warned["event"], warned["logger"]) == ("log", "py.warnings")
    assert HOSTILE in warned["message"]
    record = logging.LogRecord("buzzsaw", logging.INFO, "", 0, "%d of %d", (1, 2), None)
    assert json.loads(JsonFormatter("a_job").format(record))["message"] == "1 of 2"


def test_a_full_disk_is_told_with_its_place(spark):
    def full(batches):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield from batches

    # Nobody knows which disk a worker's own code wrote to.
    with pytest.raises(PySparkException) as caught:
        spark.range(1).mapInArrow(full, "id long").collect()
    assert paragraph(caught.value).startswith("BZ_IO: no space is left on the device")
    spilling = (
        "Job aborted due to stage failure: Task 3 in stage 7.0 failed: java.io.IOException: No space left on device\n"
        "\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)\n"
        "\tat org.apache.spark.storage.DiskBlockObjectWriter.write(DiskBlockObjectWriter.scala:334)"
    )
    told = [full_disk(RuntimeError(spilling), "/data/nightly"), error_behind(RuntimeError(spilling))]
    assert [error.problems[0]["place"] for error in told] == ["spark.local.dir"] * 2
    own = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/artifact")
    assert error_behind(own).problems[0]["place"] == "/tmp/artifact"
    assert full_disk(ValueError("no space"), "a") is None
