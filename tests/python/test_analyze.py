"""`buzzsaw analyze`, and lists of an analyzer that are kept in files."""

import json
import subprocess
import sys
from pathlib import Path

import buzzsaw as bz
import pytest

SPEC = """
buzzsaw: 1
name: s
inputs:
  t: {type: string, side: document}
steps:
  x: {transform: tokenize, input: t, analyzer: {synonyms: {file: lists/synonyms.txt}, stop_words: {file: stop.txt}}}
  y: {transform: hashed_terms, input: x}
features: [y]
"""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "buzzsaw", "analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "synonyms.txt").write_text("# screens\n\ntv, television\n", encoding="utf-8")
    (tmp_path / "stop.txt").write_text("the\n", encoding="utf-8")
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path / "spec.yaml"


def test_a_named_analyzer() -> None:
    done = run("english", "--text", "The running shoes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        'fold        "the running shoes"',
        "tokenizer   [the] [running] [shoes]",
        "stop_words  [running] [shoes]",
        "stemmer     [run] [shoe]",
    ]
    assert "(no tokens)" in run("standard", "--text", "").stdout


def test_a_step_of_a_spec(spec: Path) -> None:
    for step in ([], ["x"]):
        done = run(spec, *step, "--text", "the TV", "--json")
        assert done.returncode == 0, done.stderr
        stages = {stage["name"]: stage["tokens"] for stage in json.loads(done.stdout)["stages"]}
        assert stages == {
            "fold": ["the tv"],
            "tokenizer": ["the", "tv"],
            "synonyms": ["the", "tv", "television"],
            "stop_words": ["tv", "television"],
        }


def test_bad_arguments(spec: Path) -> None:
    done = run("englsh", "--text", "x")
    assert done.returncode == 2
    assert "did you mean `english`?" in " ".join(done.stderr.split())
    assert run("english", "x", "--text", "x").returncode == 2
    done = run(spec, "z", "--text", "x")
    assert done.returncode == 2
    assert "steps with an analyzer: x" in " ".join(done.stderr.split())


def test_files_are_put_inline(spec: Path) -> None:
    loaded = bz.Spec.load(spec)
    text = SPEC.replace("{file: lists/synonyms.txt}", '["tv, television"]').replace("{file: stop.txt}", "[the]")
    assert loaded == bz.Spec.parse(text)
    assert "file" not in loaded.to_json()


def test_files_that_are_no_lists(spec: Path) -> None:
    synonyms = spec.parent / "lists" / "synonyms.txt"
    with pytest.raises(bz.InvalidSpecError) as unread:
        bz.Spec.parse(SPEC)
    assert unread.value.problems[0]["place"].startswith("steps.x.analyzer")
    assert "Spec.load" in str(unread.value)
    for content, said in ((b"\xff", "not UTF-8 at byte 0"), (b"# none\n\n", "no line")):
        synonyms.write_bytes(content)
        with pytest.raises(bz.InvalidSpecError, match=said) as refused:
            bz.Spec.load(spec)
        assert refused.value.problems[0]["place"] == "steps.x.analyzer.synonyms.file"
    synonyms.unlink()
    with pytest.raises(bz.IoError) as absent:
        bz.Spec.load(spec)
    assert absent.value.problems[0]["place"] == "steps.x.analyzer.synonyms.file"
