"""What the project asks for and says of it: extras, the lock, versions, and what `make` runs."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import tomllib
from conftest import ROOT

PYTHON = ROOT / "buzzsaw_py" / "python" / "buzzsaw"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def normal(requirement: str) -> str:
    """The name of a requirement, as indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def required(extra: str) -> set[str]:
    """The distributions that `buzzsaw[extra]` asks for."""
    names = {normal(requirement) for requirement in PROJECT["dependencies"]}
    for requirement in PROJECT["optional-dependencies"][extra]:
        own = re.fullmatch(r"buzzsaw\[(\w+)\]", requirement)
        names |= required(own[1]) if own else {normal(requirement)}
    return names


def imported(paths: Iterator[Path]) -> set[str]:
    """The modules, at the top, that files import."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("extra", "sources"),
    [
        ("sklearn", ["sklearn.py", "block.py"]),
        ("spark", ["spark/*.py"]),
        ("nightly", ["nightly/*.py", "labels/*.py", "jobs/*.py", "spark/*.py"]),
        ("cli", ["cli/*.py"]),
    ],
)
def test_an_extra_asks_for_what_its_modules_import(extra: str, sources: list[str]) -> None:
    distributions = packages_distributions()
    modules = imported(path for source in sources for path in PYTHON.glob(source)) - {"buzzsaw"}
    # Py4J is PySpark's own.
    needed = {normal(distributions[module][0]) for module in modules} - {"py4j"}
    assert needed
    assert needed <= required(extra)


def test_everything_that_is_locked_is_used_and_no_host_is_named() -> None:
    wanted = [
        normal(line)
        for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    folders = ("buzzsaw_py", "tests", "tools", "benches", "jobs")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    distributions = packages_distributions()
    used = {normal(name) for module in imported(iter(sources)) for name in distributions.get(module, [])}
    # Run as programs, not imported.
    assert set(wanted) - used == {"auditwheel", "cargo-zigbuild", "maturin", "mypy", "ruff", "ziglang"}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert set(wanted) <= {normal(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    assert "://" not in lock
    assert "index" not in lock


def test_the_readme_names_the_versions_that_are_needed() -> None:
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    locked = re.search(r"--python-version (\S+)", (ROOT / "requirements.in").read_text(encoding="utf-8"))[1]
    assert f"Rust {cargo['workspace']['package']['rust-version']} or newer" in README
    assert f"Python {PROJECT['requires-python'].removeprefix('>=')} or newer" in README
    assert f"Python {locked} (with `venv`)" in README
    packed = re.search(r"linux-x86_64", (ROOT / "buzzsaw_jvm/core/pom.xml").read_text(encoding="utf-8"))
    assert packed
    assert "Linux on x86-64" in README


def dry_run(*goal: str) -> str:
    done = subprocess.run(["make", "-n", "-B", *goal], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_soak_runs_every_fuzz_target() -> None:
    fuzz = tomllib.loads((ROOT / "buzzsaw_core/fuzz/Cargo.toml").read_text(encoding="utf-8"))
    (targets,) = re.findall(r"for target in ([\w ]+); do", dry_run("soak", "FUZZ_SECONDS=7"))
    assert sorted(targets.split()) == sorted(entry["name"] for entry in fuzz["bin"])
    assert "-max_total_time=7" in dry_run("soak", "FUZZ_SECONDS=7")
    assert "-max_total_time=600" in dry_run("soak")


def test_the_jvm_is_tested_with_planted_faults_and_soaked_for_a_minute() -> None:
    assert "--features planted-faults" in dry_run("test")
    assert re.search(r"verify -Dfaults.library=/\S+/build/faults/libbuzzsaw_jni.so", dry_run("test"))
    assert "-Dtest=ConcurrencyTest -Dconcurrency.seconds=60" in dry_run("soak")


def test_check_holds_the_stub_against_the_native_module() -> None:
    assert "-m mypy.stubtest buzzsaw._buzzsaw " in dry_run("check")


def test_the_continuous_integration_is_one_make_target() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_a_run_whose_time_is_over_leaves_those_of_spark_out_last_and_says_how_many_it_left_out() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/jobs"],
        cwd=ROOT,
        env=os.environ | {"TESTS_END": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    started = re.findall(r"^tests/jobs/(\w+)\.py::\S.* SKIPPED", done.stdout, re.MULTILINE)
    of_spark = [name.startswith("test_spark_") for name in started]
    assert 0 < sum(of_spark) < len(started)
    assert of_spark == sorted(of_spark, reverse=True)
    told = f"{len(started)} tests were not started: the time of this run was over (TESTS_END)"
    assert done.stdout.splitlines().count(told) == 1
