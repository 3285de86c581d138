"""Docstring examples run, and pages say what is true."""

import doctest
import hashlib
import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import buzzsaw as bz
import pytest
from buzzsaw.jobs import runs
from buzzsaw.nightly import command
from conftest import ROOT

PACKAGE = ROOT / "buzzsaw_py" / "python"


def with_examples() -> list[str]:
    """The modules that have examples; those of `buzzsaw.spark` need a cluster, and tests/jobs runs their like."""
    found = (path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8"))
    names = (".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") for path in found)
    return [name for name in names if not name.startswith("buzzsaw.spark")]


@pytest.mark.parametrize("name", with_examples())
def test_examples(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0
    assert results.attempted > 0


@pytest.fixture
def artifact_page(shop: bz.Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page, in a folder with the artifact that it looks into."""
    shop.save(tmp_path / "shop_search.buzzsaw")
    monkeypatch.chdir(tmp_path)
    return (ROOT / "docs" / "artifact.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_samples_of_the_artifact_page_run(artifact_page, shop, capsys) -> None:
    (look,) = blocks(artifact_page, "python")
    exec(compile(look, "artifact.md", "exec"), {})
    assert capsys.readouterr().out.strip() == re.search(r"print\(.*\)  # (.*)", look)[1]
    (console,) = blocks(artifact_page, "console")
    for line in console.splitlines():
        subprocess.run(["bash", "-euc", line.removeprefix("$ ")], check=True, capture_output=True)
    assert Path("shop_search/spec.json").is_file()
    (hashing,) = blocks(artifact_page, "sh")
    script = f"set -euo pipefail; file=shop_search.buzzsaw\n{hashing}"
    done = subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True)
    assert "sha256:" + done.stdout.split()[0] == shop.content_hash


def test_the_artifact_page_lists_the_entries_and_the_manifest(artifact_page, shop) -> None:
    tables = [re.findall(r"^\| (`.*?) \|", part, re.MULTILINE) for part in artifact_page.split("\n\n")]
    cells = [[cell.strip("`") for cell in table] for table in tables if table]
    entries, fields = cells[0], cells[1]
    with zipfile.ZipFile("shop_search.buzzsaw") as archive:
        names, manifest = archive.namelist(), json.loads(archive.read("manifest.json"))
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    steps = json.loads(shop.spec.to_json())["steps"]
    state = [re.fullmatch(r"state/(\w+)\.\w+\.arrow", name) for name in names if name.startswith("state/")]
    assert state
    assert {match and match[1] for match in state} <= set(steps)
    assert {name for name in names if "/" not in name} | {"state/<step>.<table>.arrow"} == set(entries)
    assert list(manifest) == fields
    assert {entry["name"] for entry in manifest["entries"]} == set(names) - {"manifest.json"}
    for entry in manifest["entries"]:
        assert entry == {"name": entry["name"], "size": sizes[entry["name"]], "sha256": digests[entry["name"]]}


@pytest.mark.parametrize(
    "page", ["README.md", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docs/**/*.md")))]
)
def test_files_that_a_page_names_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    folders = "benches|buzzsaw_core|buzzsaw_jvm|buzzsaw_py|docs|jobs|schemas|tests|tools"
    named = set(re.findall(rf"(?<![\w/.])(?:{folders})/[\w./-]*\w", text))
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    missing += [link for link in linked if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


def test_the_page_has_the_settings_of_small_workers_that_the_bench_measures() -> None:
    look = "import json, cluster, standalone; print(json.dumps(cluster.SMALL_DAEMON | standalone.SMALL_WORKER))"
    # By itself: other tests have modules of the same names.
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("benches", "tests/jobs"))
    command, variables = [sys.executable, "-c", look], os.environ | {"PYTHONPATH": paths}
    measured = json.loads(subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout)
    page = (ROOT / "docs" / "deploy" / "standalone.md").read_text(encoding="utf-8")
    (block,) = blocks(page.split("## Workers of 1 GiB")[1], "sh")
    # Within quotes a line ends with a backslash and the next one is indented.
    words = shlex.split(re.sub(r"\\\n\s*", "", block), comments=True)
    assert dict(word.split("=", 1) for word in words if word != "--conf") == measured


def test_the_job_on_the_databricks_page_is_whole_and_has_flags_and_libraries_of_ours() -> None:
    page = (ROOT / "docs" / "deploy" / "databricks.md").read_text(encoding="utf-8")
    (mount,), (block,) = blocks(page, "sh"), blocks(page, "json")
    job, root = json.loads(block), "/Workspace/Shared/buzzsaw/"
    (task,) = job["tasks"]
    assert [task["job_cluster_key"]] == [cluster["job_cluster_key"] for cluster in job["job_clusters"]]
    script, words = task["spark_python_task"]["python_file"], task["spark_python_task"]["parameters"]
    there = [word.removeprefix(root) for word in (script, *words) if word.startswith(root)]
    assert there == ["jobs/nightly_features.py", "jobs/nightly_features.yaml"]
    given = command._parser().parse_args(words)
    assert runs.parse_now(given.now.replace("{{job.start_time.iso_date}}", "2026-11-22")).hour == 3
    # The init script mounts the output.
    assert re.search(rf"^mount .* {Path(given.output).parent}$", mount, re.MULTILINE)
    (extra,) = re.findall(r"^nightly = (\[.*\])$", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    packages = [library["pypi"]["package"] for library in task["libraries"] if "pypi" in library]
    assert ["buzzsaw[spark]", *packages] == json.loads(extra)
    (wheel,) = (library["whl"] for library in task["libraries"] if "whl" in library)
    assert Path(wheel).name.startswith(f"buzzsaw-{bz.__version__}-cp310-abi3-")
