"""`make matrix`: its tables agree with the project, and it cannot pass where nothing was tested."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from matrix import __main__ as command  # noqa: E402
from matrix import cells, suite  # noqa: E402

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
POM = (ROOT / "tools" / "delta_jars" / "pom.xml").read_text("utf-8")


def pins(spark: str) -> dict[str, list[Requirement]]:
    """The constraints of a PySpark, by package."""
    text = cells.Cell("3.11", spark).constraints.read_text("utf-8")
    found: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(requirement.name, []).append(requirement)
    return found


def pinned(spark: str, package: str, python: str) -> str:
    """The version of a package on a Python."""
    (version,) = [
        str(one.specifier).removeprefix("==")
        for one in pins(spark)[package]
        if one.marker is None or one.marker.evaluate({"python_version": python})
    ]
    return version


@pytest.mark.parametrize("python", cells.PYTHONS)
@pytest.mark.parametrize("spark", cells.SPARKS)
def test_each_package_has_one_version_that_the_extras_allow(spark: str, python: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + [one for extra in project["optional-dependencies"].values() for one in extra]
    wanted = {one.name: one.specifier for one in map(Requirement, asked)}
    assert pinned(spark, "pyspark", python).startswith(f"{spark}.")
    for package in pins(spark):
        version = pinned(spark, package, python)
        assert package not in wanted or wanted[package].contains(version), package


def test_the_newest_are_the_versions_that_make_test_runs() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE))
    newest = cells.SPARKS[-1]
    assert {package: pinned(newest, package, "3.11") for package in pins(newest)}.items() <= locked.items()


@pytest.mark.parametrize("spark", cells.SPARKS)
def test_deltas_jars_are_those_of_delta_spark(spark: str) -> None:
    (profile,) = re.findall(rf"<id>spark-{spark}</id>(.*?)</profile>", POM, re.DOTALL)
    assert f"<delta.version>{pinned(spark, 'delta-spark', '3.11')}</delta.version>" in profile


def test_the_tables_name_what_there_is() -> None:
    for name in suite.LEFT_OUT:
        file, _, test = name.partition("::")
        text = (ROOT / "tests" / "python" / file).read_text("utf-8")
        assert f"def {test}(" in text or not test
    # Each file of the jobs is chosen or left out, a new one as well.
    named = [*suite.EACH, *suite.ONCE, *suite.JOBS_LEFT_OUT]
    assert sorted(named) == sorted(path.name for path in (ROOT / "tests" / "jobs").glob("test_*.py"))
    every = {(cell.python, cell.spark) for cell in cells.cells()}
    assert cells.IMPOSSIBLE.keys() < every
    for spark in cells.SPARKS:
        assert (suite.ONCE_ON, spark) in every - cells.IMPOSSIBLE.keys()


def test_the_oldest_java_is_the_one_that_the_jar_is_compiled_for() -> None:
    text = (ROOT / "buzzsaw_jvm" / "pom.xml").read_text("utf-8")
    assert f"<maven.compiler.release>{next(iter(cells.JAVAS))}</maven.compiler.release>" in text
    for java, release in cells.JAVAS.items():
        assert release.split(".")[0] == java


def test_an_interpreter_is_of_its_version_or_none() -> None:
    assert cells.interpreter("2.6") is None
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert cells.interpreter(version) is not None


PASSES = "def test_one():\n    pass\n"
SKIPS = "import pytest\n@pytest.mark.skip\ndef test_two():\n    pass\n"
FAILS = "def test_three():\n    assert 1 == 2\n"


@pytest.mark.parametrize(
    ("text", "counts", "ok"),
    [
        (PASSES + SKIPS, (1, 1, 0), True),
        (PASSES + FAILS, (1, 0, 1), False),
        (PASSES + "import nothing_of_this_name\n", (0, 0, 1), False),
        (SKIPS, (0, 1, 0), False),
        ("", (0, 0, 0), False),
    ],
    ids=["passes", "fails", "not imported", "all skipped", "no tests"],
)
def test_only_tests_that_ran_and_passed_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, counts: tuple[int, int, int], ok: bool
) -> None:
    folder = tmp_path / "tests" / "python"
    folder.mkdir(parents=True)
    (folder / "test_it.py").write_text(text, "utf-8")
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    found = suite.run(cells.Cell("3.11", "4.2"), Path(sys.executable), tmp_path, tmp_path / "no.jar", "python")
    assert (found.passed, found.skipped, found.failed) == counts
    assert found.ok is ok


REPORT = '<testsuite tests="{}" skipped="{}" failures="{}" errors="{}"/>'


@pytest.mark.parametrize(
    ("exit_code", "reports", "counts", "ok"),
    [
        (0, [(5, 1, 0, 0), (2, 0, 0, 0)], (6, 1, 0), True),
        (1, [(5, 0, 1, 0), (2, 0, 0, 1)], (5, 0, 2), False),
        # A JVM that died has no report.
        (1, [(5, 0, 0, 0)], (5, 0, 0), False),
        (0, [], (0, 0, 0), False),
    ],
    ids=["passes", "fails", "dies", "no tests"],
)
def test_only_tests_of_the_jar_that_ran_and_passed_count(  # noqa: PLR0917
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exit_code: int,
    reports: list[tuple[int, ...]],
    counts: tuple[int, int, int],
    ok: bool,
) -> None:
    folder = tmp_path / "buzzsaw_jvm" / "core" / "target" / "surefire-reports"
    folder.mkdir(parents=True)
    (folder / "TEST-of.an.earlier.run.xml").write_text(REPORT.format(9, 0, 0, 0), "utf-8")
    lines = [f"echo '{REPORT.format(*one)}' > {folder}/TEST-{i}.xml" for i, one in enumerate(reports)]
    maven = tmp_path / "mvn"
    maven.write_text("\n".join(["#!/bin/sh", f"mkdir -p {folder}", *lines, f"exit {exit_code}"]), "utf-8")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    found = suite.run_java(tmp_path / "java", tmp_path)
    assert (found.passed, found.skipped, found.failed) == counts
    assert found.ok is ok


def test_what_is_skipped_is_named_and_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "buzzsaw-0.whl").touch()
    monkeypatch.setattr(command, "interpreter", lambda _: None)
    monkeypatch.setitem(cells.IMPOSSIBLE, ("3.13", "3.5"), "for a reason")
    asked = ["matrix", "--dist", str(tmp_path), "--jar", "no.jar", "3.12-4.2", "3.13-3.5"]
    monkeypatch.setattr(sys, "argv", asked)
    assert command.main() == 1
    told = capsys.readouterr().out
    assert re.search(r"^3\.12 +4\.2 +skipped +CPython 3\.12 is not installed$", told, re.MULTILINE)
    assert re.search(r"^3\.13 +3\.5 +left out +for a reason$", told, re.MULTILINE)
    monkeypatch.setattr(sys, "argv", [*asked, "3.12-9.9"])
    assert command.main() == 2
    assert "3.12-9.9" in capsys.readouterr().out
