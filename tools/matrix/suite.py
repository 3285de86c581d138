"""The tests that run in an environment, and what they came to."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .cells import Cell

ROOT = Path(__file__).resolve().parents[2]

#: Tests of `tests/python` that are not for this, and why.
LEFT_OUT = {
    "test_dist.py": "reads the wheel and the jar, whatever runs it",
    "test_errors.py::test_a_generated_class_goes_with_its_error": "of a generator, which needs Ruff",
    "test_errors.py::test_generated_files_are_current": "of a generator, which needs Ruff",
    "test_jvm_examples.py": "of the jar",
    "test_lucene.py": "of the jar",
    "test_lucene_scores.py": "of the jar",
    "test_matrix.py": "of this tool",
    "test_mutants.py": "of a tool of this tree",
    "test_packaging.py": "of this tree's own files and its lock",
    "test_readme.py": "of the jar as well, and of what `make` builds",
}

#: Tests of `tests/jobs` that run on each Python: a fit and a transform equal to local ones, and the nightly job.
EACH = ("test_spark_fit.py", "test_spark_transform.py", "test_spark_versions.py", "test_nightly.py")
#: Those that run once for each PySpark: what they are about depends on Spark, and not on the Python.
ONCE = (
    "test_build_labels.py",
    "test_dated_tables.py",
    "test_label_inputs.py",
    "test_label_runs.py",
    "test_label_windows.py",
    "test_logs.py",
    "test_marketplace.py",
    "test_metrics.py",
    "test_nightly_checks.py",
    "test_nightly_columns.py",
    "test_nightly_dates.py",
    "test_nightly_drift.py",
    "test_nightly_no_rows.py",
    "test_nightly_report.py",
    "test_nightly_runs.py",
    "test_progress.py",
    "test_retention.py",
)
#: The Python that they run on.
ONCE_ON = "3.11"
#: The others of `tests/jobs`, and why they are not for this.
JOBS_LEFT_OUT = {
    "test_faults.py": "starts drivers with the jars of the newest Delta",
    "test_hdfs.py": "its daemons are of the newest Spark's Hadoop",
    "test_label_operations.py": "logs and metrics are those of the nightly job",
    "test_label_passes.py": "looks into plans of the newest Spark",
    "test_label_statistics.py": "sums, which the report's tests ask for as well",
    "test_nightly_attempts.py": "of files beside the tables",
    "test_nightly_collisions.py": "of Python alone",
    "test_spark_connect.py": "needs a server, which PySpark 3.5 has not",
    "test_spark_jvm.py": "of the operator, which is for the newest Spark",
    "test_spark_jvm_examples.py": "of the operator",
    "test_spark_jvm_limits.py": "of the operator",
    "test_spark_jvm_plans.py": "of the operator",
    "test_spark_jvm_sessions.py": "of the operator",
    "test_spark_jvm_types.py": "of the operator",
    "test_spark_submit.py": "the commands of the pages, with the jars of the newest Delta",
}


@dataclass(frozen=True)
class Outcome:
    """What one run of tests came to."""

    passed: int
    skipped: int
    failed: int
    #: Whether the command ended as it does when tests ran and all of them passed.
    ended_well: bool

    @property
    def ok(self) -> bool:
        """Whether something was tested and nothing failed."""
        return self.ended_well and self.passed > 0 and not self.failed


def run(cell: Cell, python: Path, logs: Path, jar: Path, part: str) -> Outcome:
    """Runs a part of the tests, `python` or `spark`, with its output in `logs`.

    Args:
        cell: The combination.
        python: The interpreter of its environment.
        logs: A folder.
        jar: The jar for Spark, which sessions of its own Spark load.
        part: Which tests.
    """
    if part == "python":
        chosen = [ROOT / "tests" / "python"]
    else:
        names = EACH + (ONCE if cell.python == ONCE_ON else ())
        chosen = [ROOT / "tests" / "jobs" / name for name in names]
    report = logs / f"{part}.xml"
    report.unlink(missing_ok=True)
    # Warnings are errors in `make test`; here other versions of libraries warn of one another.
    options = ["-q", "-p", "no:cacheprovider", "-o", "filterwarnings=", f"--junitxml={report}"]
    for name in LEFT_OUT:
        # A file that is left out is not even imported: it may need what is not here.
        options.append(f"--{'deselect' if '::' in name else 'ignore'}=tests/python/{name}")
    with (logs / f"{part}.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [python, "-m", "pytest", *options, *chosen],
            cwd=ROOT,
            env=_environment(python, jar),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return _read([report], done.returncode)


def run_java(java: Path, logs: Path) -> Outcome:
    """Runs the jar's own tests on another Java, which is that of the JVMs they start, too, with the output in `logs`.

    Args:
        java: Its command. What compiles the tests stays the Java of this machine.
        logs: A folder.
    """
    reports = ROOT / "buzzsaw_jvm" / "core" / "target" / "surefire-reports"
    shutil.rmtree(reports, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-f", str(ROOT / "buzzsaw_jvm" / "pom.xml"), "-pl", "core", "test"]
    with (logs / "jar.log").open("w", encoding="utf-8") as log:
        done = subprocess.run([*command, f"-Djvm={java}"], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)
    return _read(sorted(reports.glob("TEST-*.xml")), done.returncode)


def _environment(python: Path, jar: Path) -> dict[str, str]:
    """This process's variables, without those that would bring another Python's packages or another Spark."""
    foreign = ("PYTHON", "PYSPARK_", "SPARK_", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    path = f"{python.parent}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "BUZZSAW_SPARK_JAR": str(jar)}


def _read(reports: Sequence[Path], status: int) -> Outcome:
    counts = dict.fromkeys(("tests", "skipped", "failures", "errors"), 0)
    for report in reports:
        if report.exists():
            for suite in ET.parse(report).getroot().iter("testsuite"):
                for name in counts:
                    counts[name] += int(suite.get(name, 0))
    failed = counts["failures"] + counts["errors"]
    return Outcome(counts["tests"] - counts["skipped"] - failed, counts["skipped"], failed, ended_well=status == 0)
