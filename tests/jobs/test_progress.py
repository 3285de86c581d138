"""How far a stage is, while it runs: the lines, what they count, and the thread that writes them."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import Any

import pytest
from buzzsaw.jobs.progress import Tasks, counted, watched
from buzzsaw.jobs.stages import EVENT
from buzzsaw.nightly import main
from operations import DAY, FITTED, samples, told
from prometheus import parsed
from pyspark import StatusTracker
from shops import NOW


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


def test_a_session_without_a_status_tracker_has_no_counts(caplog):
    with counted(object()) as count:
        assert count() is count() is None
    (record,) = (one for one in caplog.records if one.levelno >= logging.INFO)
    assert record.levelname == "WARNING"
    assert "progress is without them: AttributeError: " in record.getMessage()


def test_that_counting_fails_is_told_once_a_run_and_ends_nothing(spark, caplog, monkeypatch):
    """Spark's tracker fails in the middle of the first of two stages, and for good."""
    caplog.set_level(logging.INFO, "buzzsaw.jobs")

    def fails(_):
        raise OSError("the status store is gone\n\tat a line of the JVM")

    with counted(spark) as count:
        with watched("first", "", 0.01, count):
            time.sleep(0.3)
            told_before = len(caplog.records)
            monkeypatch.setattr(StatusTracker, "getActiveJobsIds", fails)
            time.sleep(0.3)
        with watched("second", "", 0.01, count):
            assert spark.range(5).count() == 5
            time.sleep(0.3)
    assert 0 < told_before < len(caplog.records)
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    words = "Spark does not tell how many tasks are done; progress is without them: OSError: the status store is gone"
    assert warned == [words]
    # The lines of a stage go on, without counts.
    assert sum(record.getMessage().startswith("second: 0 s so far") for record in caplog.records) > 1
    assert "tasks" not in caplog.records[-1].getMessage()


def soon(holds):
    """Waits until it holds, ten seconds at most."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)


def test_the_thread_of_progress_ends_with_its_stage_whatever_happens(caplog):
    def broken() -> Tasks:
        raise OSError("the session is gone")

    # One of another test may not have ended yet.
    before = set(threading.enumerate())

    def started() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name == "buzzsaw-progress" and one not in before]

    caplog.set_level(logging.DEBUG, "buzzsaw.jobs")
    with pytest.raises(KeyboardInterrupt), watched("a stage", "", 0.01, broken):
        (thread,) = started()
        assert thread.daemon
        soon(lambda: len(caplog.records) > 1)
        raise KeyboardInterrupt
    thread.join(5)
    assert not thread.is_alive()
    # It went on after its first failure, and told of none where people look.
    assert len(caplog.records) > 1
    assert {record.levelno for record in caplog.records} == {logging.DEBUG}
    caplog.clear()
    with watched("a stage", "", 0.0, broken):
        assert not started()
    with watched("a stage", ", stage 2", 0.01, lambda: None, stage_number=2):
        soon(lambda: caplog.records)
    assert caplog.records
    assert all(record.getMessage() == "a stage: 0 s so far, stage 2" for record in caplog.records)


@pytest.mark.parametrize("seconds", ["-1", "inf", "nan", "often"])
def test_progress_takes_seconds(seconds, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--progress-seconds", seconds])
    assert ended.value.code == 2
    assert "is not a number of seconds" in capsys.readouterr().err
