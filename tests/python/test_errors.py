"""One error table in Rust, Python and Java; panics and errors as exceptions."""

import pickle
import re

import buzzsaw as bz
import pytest
from buzzsaw import _buzzsaw, errors
from conftest import ROOT

TABLE = _buzzsaw.error_table()


def test_python_has_the_rust_table() -> None:
    python = [(cls.__name__, cls.CODE, cls.__doc__) for cls in errors.BY_CODE.values()]
    assert python == [(f"{name}Error", code, f"`{code}`: {description}") for name, code, description in TABLE]
    assert {cls.__name__ for cls in errors.BY_CODE.values()} <= set(bz.__all__)


def test_rust_source_has_the_native_table() -> None:
    source = (ROOT / "buzzsaw_core" / "src" / "error.rs").read_text(encoding="utf-8")
    rows = re.findall(r'^ {4}/// (.*)\n {4}(\w+) = "(BZ_\w+)",$', source, re.MULTILINE)
    assert [(name, code, text) for text, name, code in rows] == TABLE


def test_java_has_the_rust_table() -> None:
    sources = (ROOT / "buzzsaw_jvm" / "core" / "src" / "main" / "java").rglob("*.java")
    generated = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert set(re.findall(r'"(BZ_[A-Z_]+)"', generated)) == {code for _, code, _ in TABLE}


def test_a_panic_is_an_internal_error_with_its_backtrace(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(bz.InternalError) as caught:
        _buzzsaw._panic_inside_guard("planted")
    assert caught.value.code == "BZ_INTERNAL"
    assert "planted" in caught.value.message
    assert "guard.rs" in (caught.value.backtrace or "")
    assert capfd.readouterr().err == ""


def test_one_exception_carries_every_problem() -> None:
    text = """
buzzsaw: 1
name: x
inputs:
  p: {type: int65, side: pair}
steps:
  s: {transform: nope, input: p}
features: [s, t]
"""
    with pytest.raises(bz.BuzzsawError) as caught:
        bz.Spec.parse(text)
    places = {problem["place"] for problem in caught.value.problems}
    assert {"inputs.p.type", "steps.s.transform", "features[1]"} <= places
    assert all(set(problem) == {"code", "message", "place", "hint"} for problem in caught.value.problems)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1


def test_errors_survive_pickling() -> None:
    with pytest.raises(bz.BuzzsawError) as caught:
        bz.Spec.parse("[]")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is type(caught.value)
    assert (copy.problems, str(copy), copy.code) == (caught.value.problems, str(caught.value), caught.value.code)


def test_a_generated_class_goes_with_its_error(tmp_path, monkeypatch, capsys) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import generate

    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    java, python = tmp_path / generate.JAVA / "io/buzzsaw", tmp_path / generate.PYTHON
    generated = (java / "IoException.java").read_text(encoding="utf-8")
    gone = [java / "GoneException.java", python / "gone.py"]
    gone[0].write_text(generated, encoding="utf-8")
    gone[1].write_text((python / "errors.py").read_text(encoding="utf-8"), encoding="utf-8")
    by_hand = java / "BuzzsawException.java"
    by_hand.write_text("// By hand: `make generate` leaves it.\n", encoding="utf-8")
    capsys.readouterr()
    assert generate.main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert all(path.name in told for path in gone)
    assert by_hand.name not in told
    assert generate.main([], tmp_path) == 0
    assert not any(path.exists() for path in gone)
    assert by_hand.exists()
    assert generate.main(["--check"], tmp_path) == 0


def test_generated_files_are_current(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import generate

    assert generate.main(["--check"]) == 0
