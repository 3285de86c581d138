"""What who runs the jobs sees of them: logs, progress, metrics; of runs that end well and of runs that do not."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import sys
import threading
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.labels import main as label_main
from buzzsaw.nightly import main
from buzzsaw.nightly.logs import JSON, JsonFormatter, fields, to_stderr
from buzzsaw.nightly.metrics import Gauge, exposition
from buzzsaw.nightly.progress import Tasks, counted, watched
from buzzsaw.nightly.stages import EVENT
from nights import SPEC, judgments, products, write_tables
from prometheus import Metric, parsed
from shops import NOW, ROOT

DAY = NOW.date().isoformat()
ALWAYS = ["time", "level", "job", "run", "stage", "event", "message"]
FITTED = [
    "load spec",
    "read and check inputs",
    "join",
    "write rejected rows",
    "fit",
    "look at inputs",
    "write training table",
    "write documents table",
    "write artifacts",
    "measure tables",
    "write report",
    "write manifest",
]


class Told(NamedTuple):
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Stderr as objects, one a line."""
        assert self.err.endswith("\n")
        return [json.loads(line) for line in self.err[:-1].split("\n")]

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of an event."""
        return [line for line in self.lines if line["event"] == event]


def told(command, words, spark) -> Told:
    """Runs a command here."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = command([str(word) for word in words], spark)
    return Told(status, out.getvalue(), err.getvalue())


class Night(NamedTuple):
    """A run with rejected rows and a column of both inputs."""

    words: list[Any]
    folder: Path
    told: Told
    manifest: dict[str, Any]
    metrics: dict[str, Metric]


@pytest.fixture(scope="module")
def night(spark, tmp_path_factory) -> Night:
    folder = tmp_path_factory.mktemp("operations")
    documents, pairs = products(), judgments()
    documents[4]["price"] = -1.0
    pairs[7]["query"] = None
    at = write_tables(folder, documents, pairs)
    judged = pq.read_table(at[1])
    ours = pa.array([f"{i} of ours" for i in range(judged.num_rows)])
    pq.write_table(judged.append_column("title", ours).append_column("unread", ours), at[1])
    pq.write_table(pq.read_table(at[0]).append_column("unread", pa.array(["x"] * len(documents))), at[0])
    (folder / "spec.yaml").write_text(SPEC, "utf-8")
    checks = {"products": {"rejected": {"stop": 0.1}, "columns": {"price": {"min": 0}}}}
    checks["judgments"] = {"rejected": {"stop": 0.1}}
    (folder / "settings.yaml").write_text(json.dumps({"spec": "spec.yaml", "checks": checks}), "utf-8")
    words = ["--config", folder / "settings.yaml", "--products", at[0], "--judgments", at[1], "--log-format", "json"]
    run = [*words, "--now", NOW.isoformat(), "--output", folder / "out", "--metrics", folder / "metrics" / "a.prom"]
    said = told(main, [*run, "--progress-seconds", "0.05"], spark)
    assert said.status == 0, said.lines[-1]
    manifest = json.loads((folder / "out" / "runs" / DAY / "manifest.json").read_text("utf-8"))
    return Night(words, folder, said, manifest, parsed((folder / "metrics" / "a.prom").read_bytes()))


def samples(metrics: dict[str, Metric], name: str, label: str | None = None) -> Any:
    """The values of a metric by the value of its label, or its one value."""
    found = {dict(key).get(label): value for key, value in metrics[name].samples.items()}
    assert len(found) == len(metrics[name].samples)
    return found if label else found[None]


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


def test_progress_counts_the_tasks_of_stages(night):
    progress = night.told.of("progress")
    assert {"fit", "write training table"} <= {line["stage"] for line in progress}
    counts = [(line["tasks_done"], line["tasks_total"]) for line in progress]
    assert all(0 <= done <= total for done, total in counts)
    assert any(total for _, total in counts)
    for line in progress:
        (end,) = (one for one in night.told.of("stage_ends") if one["stage"] == line["stage"])
        assert 0 < line["seconds"] <= end["seconds"]
    tasks = next(line for line in progress if line["tasks_total"])
    assert f"{tasks['tasks_done']} of {tasks['tasks_total']} tasks" in tasks["message"]


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


def rows_of_docs(section: str) -> list[tuple[str, str]]:
    """The first two cells of the table of a section of docs/nightly.md."""
    page = (ROOT / "docs" / "nightly.md").read_text("utf-8")
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| (`.*?) \| (.*?) \|", text, re.MULTILINE)


def test_fields_and_metrics_are_those_of_the_page(night):
    named = [(re.findall(r"`(\w+)`", fields), re.findall(r"`(\w+)`", of)) for fields, of in rows_of_docs("Logs")]
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
    metrics = [name for names, _ in rows_of_docs("Metrics") for name in re.findall(r"`(\w+)`", names)]
    whole = {f"buzzsaw_run_input{name}" if name.startswith("_") else name for name in metrics}
    assert whole == set(night.metrics)


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


#: The stage whose Spark jobs are killed. An audit hook stays for good, so there is one for all tests.
_killed: list[Any] = []


def _kill(event: str, arguments: tuple[object, ...]) -> None:
    if event == EVENT and _killed and arguments[0] == f"{_killed[0]}: begins":
        _, session = _killed
        ended = threading.Event()
        _killed.append(ended)

        def kill() -> None:
            while not ended.wait(0.01):
                session.sparkContext.cancelAllJobs()

        threading.Thread(target=kill, daemon=True).start()


sys.addaudithook(_kill)


def test_a_stage_that_is_killed_is_named_and_its_progress_ends(spark, night, tmp_path):
    words = [*night.words, "--now", NOW.isoformat(), "--output", tmp_path / "out", "--metrics", tmp_path / "m.prom"]
    _killed[:] = ["write training table", spark]
    try:
        said = told(main, [*words, "--verbose", "--progress-seconds", "0.02"], spark)
    finally:
        if len(_killed) == 3:
            _killed[2].set()
        _killed.clear()
    assert said.status == 1
    failed = said.lines[-1]
    assert (failed["event"], failed["run"], failed["stage"]) == ("failed", DAY, "write training table")
    assert (failed["code"], failed["problems"]) == ("", [])
    assert "cancelled" in failed["message"]
    assert "Traceback (most recent call last)" in failed["traceback"]
    assert "\n" in failed["traceback"]
    assert said.lines[-2]["event"] == "stage_fails"
    assert said.lines[-2]["seconds"] > 0
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    assert samples(metrics, "buzzsaw_run_success") == 0
    assert list(samples(metrics, "buzzsaw_run_stage_seconds", "stage")) == FITTED[:7]
    assert samples(metrics, "buzzsaw_run_table_version", "table") == {"rejected": 0}
    assert not list(tmp_path.rglob("manifest.json"))
    time.sleep(0.1)
    assert "buzzsaw-progress" not in {thread.name for thread in threading.enumerate()}


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
    checks = {name: {"rejected": {"stop": 0.1}} for name in ("products", "judgments")}
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
    assert {line["run"] for line in said.lines} == {"2026-03-01", "2026-03-02"}
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


def test_metrics_that_cannot_be_written_are_told_and_the_run_stands(spark, night, tmp_path):
    (tmp_path / "m.prom").mkdir()
    words = [*night.words, "--now", NOW.isoformat(), "--output", night.folder / "out", "--metrics", tmp_path / "m.prom"]
    said = told(main, words, spark)
    assert said.status == 0
    assert [line["event"] for line in said.lines] == ["done", "log"]
    assert said.lines[1]["level"] == "warning"
    assert f"BZ_IO: {tmp_path / 'm.prom'}" in said.lines[1]["message"]
    assert list(tmp_path.iterdir()) == [tmp_path / "m.prom"]


HOSTILE = 'line one\nline "two"\r\\ \t\x00 \u2028\u2029\x85 \ud800 {"event": "done"}'


def test_no_value_breaks_a_line():
    err = io.StringIO()
    with contextlib.redirect_stderr(err), to_stderr("a_job", JSON, verbose=False):
        log = logging.getLogger("buzzsaw.nightly")
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


def test_tasks_of_others_are_not_counted(spark):
    """Beside a job of 7 slow tasks of another thread, one of 5 runs here."""
    context = spark.sparkContext
    seen: list[Tasks | None] = []
    begun, over = threading.Event(), threading.Event()

    def other() -> None:
        begun.set()
        context.parallelize(range(7), 7).map(lambda _: time.sleep(0.4)).count()

    def look() -> None:
        while not over.wait(0.02):
            seen.append(count())

    context.addJobTag("of the owner")
    elsewhere = threading.Thread(target=other)
    elsewhere.start()
    begun.wait()
    try:
        with counted(spark) as count:
            looking = threading.Thread(target=look)
            looking.start()
            context.parallelize(range(5), 5).map(lambda _: time.sleep(0.2)).count()
            over.set()
            looking.join()
        elsewhere.join()
        assert set(context.getJobTags()) == {"of the owner"}
    finally:
        context.clearJobTags()
    totals = {tasks.total for tasks in seen}
    assert totals <= {0, 5}
    assert 5 in totals
    assert any(0 < tasks.done < 5 for tasks in seen)


def test_a_session_without_a_status_tracker_has_no_counts():
    with counted(object()) as count:
        assert count() is None


def test_the_thread_of_progress_ends_with_its_stage_whatever_happens(caplog):
    def broken() -> Tasks:
        raise OSError("the session is gone")

    caplog.set_level(logging.DEBUG, "buzzsaw.nightly")
    with pytest.raises(KeyboardInterrupt), watched("a stage", "", 0.01, broken):
        (thread,) = (one for one in threading.enumerate() if one.name == "buzzsaw-progress")
        assert thread.daemon
        time.sleep(0.1)
        raise KeyboardInterrupt
    thread.join(5)
    assert not thread.is_alive()
    # It went on after its first failure, and told of none where people look.
    assert len(caplog.records) > 1
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}
    caplog.clear()
    with watched("a stage", "", 0.0, broken):
        assert "buzzsaw-progress" not in {one.name for one in threading.enumerate()}
    with watched("a stage", ", stage 2", 0.01, lambda: None, stage_number=2):
        time.sleep(0.1)
    assert caplog.records
    assert all(record.getMessage() == "a stage: 0 s so far, stage 2" for record in caplog.records)


@pytest.mark.parametrize("seconds", ["-1", "inf", "nan", "often"])
def test_progress_takes_seconds(seconds, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--progress-seconds", seconds])
    assert ended.value.code == 2
    assert "is not a number of seconds" in capsys.readouterr().err


class Labels(NamedTuple):
    """A label run."""

    words: list[Any]
    folder: Path
    told: Told
    manifest: dict[str, Any]


@pytest.fixture(scope="module")
def labels(spark, tmp_path_factory) -> Labels:
    folder = tmp_path_factory.mktemp("label operations")
    market = marketplace.Marketplace(
        seed=11, products=400, sellers=20, queries=12, requests=240, days=6, start=date(2026, 10, 1)
    )
    log = marketplace.write(market, folder)
    settings = {"label_days": 2, "windows": [1], "propensities": [1.0] * 10, "robot_impressions": 60}
    (folder / "settings.yaml").write_text(json.dumps(settings), "utf-8")
    words = ["--config", folder / "settings.yaml", "--output", folder / "out", "--log-format", "json"]
    words += ["--impressions", log["impressions"], "--interactions", log["interactions"]]
    at = ["--now", "2026-10-07T01:00:00Z", "--metrics", folder / "m.prom", "--progress-seconds", "0.05"]
    said = told(label_main, [*words, *at], spark)
    assert said.status == 0, said.lines[-1]
    manifest = json.loads((folder / "out" / "runs" / "2026-10-07" / "manifest.json").read_text("utf-8"))
    return Labels(words, folder, said, manifest)


def test_the_label_job_tells_the_same(spark, labels):
    begins = labels.told.of("stage_begins")
    assert len(begins) == 5
    numbers = [(line["stage_number"], line["stage_count"]) for line in begins]
    assert numbers == [(i, 5) for i in range(1, 6)]
    assert {(line["job"], line["run"]) for line in labels.told.lines} == {("build_labels", "2026-10-07")}
    assert labels.told.of("progress")
    (commit,) = labels.told.of("commit")
    (written,) = labels.told.of("manifest")
    table = labels.manifest["tables"]["labels"]
    assert (commit["table"], commit["version"]) == ("labels", table["version"])
    assert written["tables"] == {"labels": {"version": table["version"], "rows": table["rows"]}}
    assert labels.told.lines[-1]["event"] == "done"
    assert labels.told.out == ""
    (kept,) = spark.sql(f"DESCRIBE DETAIL delta.`{labels.folder / 'out' / 'labels'}`").select("properties").collect()
    assert set(kept["properties"].values()) == {"interval 400 days"}
    assert len(kept["properties"]) == 2


def test_the_label_job_without_a_time_takes_that_of_its_date(spark, labels):
    """Runs of the clock on a date that is done are that one; a time that is given must be the same."""
    today = datetime.now(timezone.utc).date()
    # The clock may pass midnight before the run asks it.
    for day in (today, today + timedelta(days=1)):
        copy = labels.manifest | {"run": day.isoformat(), "now": f"{day}T00:00:01+00:00"}
        folder = labels.folder / "out" / "runs" / day.isoformat()
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps(copy), "utf-8")
    said = told(label_main, labels.words, spark)
    assert (said.status, said.lines[-1]["event"], said.lines[-1]["wrote"]) == (0, "done", False)
    said = told(label_main, [*labels.words, "--now", f"{today}T00:00:02+00:00"], spark)
    assert (said.status, said.lines[-1]["code"]) == (1, "BZ_INVALID_VALUE")
    assert "another --now" in said.lines[-1]["message"]


def test_the_label_job_has_metrics_of_its_own(labels):
    metrics, manifest = parsed((labels.folder / "m.prom").read_bytes()), labels.manifest
    assert samples(metrics, "buzzsaw_run_success") == 1
    removed = samples(metrics, "buzzsaw_run_removed", "rule")
    assert removed == manifest["removed"]
    assert sum(removed.values()) > 0
    assert samples(metrics, "buzzsaw_run_rating_rows", "rating") == manifest["ratings"]
    assert samples(metrics, "buzzsaw_run_propensity", "position") == dict.fromkeys(map(str, range(1, 11)), 1.0)
    read = samples(metrics, "buzzsaw_run_input_read_rows", "input")
    assert read == {name: table["rows"] for name, table in manifest["inputs"].items()}
    assert samples(metrics, "buzzsaw_run_table_rows", "table") == {"labels": sum(manifest["ratings"].values())}
    assert "buzzsaw_run_input_rejected_rows" not in metrics


def test_the_label_manifest_fits_its_schema_file(labels):
    schema = json.loads((ROOT / "schemas" / "label_manifest.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(labels.manifest, schema)
    for broken in ({"run": "yesterday"}, {"removed": {}}, {"more": 1}, {"job": "nightly_features"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(labels.manifest | broken, schema)


def test_a_failing_label_run_is_one_object(spark, labels, tmp_path):
    at = ["--now", "2027-10-07T01:00:00Z", "--metrics", tmp_path / "m.prom"]
    said = told(label_main, [*labels.words, *at], spark)
    assert said.status == 1
    failed = said.lines[-1]
    assert (failed["event"], failed["code"], failed["run"]) == ("failed", "BZ_INVALID_VALUE", "2027-10-07")
    assert failed["stage"] == "propensities"
    assert failed["problems"][0]["place"] == "impressions"
    metrics = parsed((tmp_path / "m.prom").read_bytes())
    assert samples(metrics, "buzzsaw_run_success") == 0
    assert samples(metrics, "buzzsaw_run_input_read_rows", "input") == {"impressions": 0, "interactions": 0}
