"""Oracles over many rows, in the wheel: all product text, generated Unicode and hostile bytes and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import run
from harness import examples
from harness.bulk import hostile_numbers, hostile_texts
from harness.cases import all_cases
from runners import WheelRunner

CASES = {case.name: case for case in all_cases()}
BULKY = [name for name, case in CASES.items() if hasattr(case.make, "bulk")]

pytestmark = pytest.mark.filterwarnings("default")


@pytest.mark.parametrize("name", BULKY)
def test_the_oracle_agrees_on_many_rows(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    wheel = WheelRunner()
    for rows in run.bulks(case):
        many = case.over(rows)
        task = many.prepare(tmp_path, "serve", explained=False)
        made = wheel.run(task)
        assert len(made.bits) >= 1_000, name
        found = many.disagreements(task, made)
        assert not found, f"{len(found)} values, such as {found[:3]}"


@pytest.mark.parametrize("name", CASES)
def test_the_documented_example_is_true(name: str) -> None:
    assert not examples.wrong(name)


def test_an_example_that_lies_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [{"name": "clip", "version": 1, "documentation": "**Example.** `clip([3.0], upper=1)` gives `[2.0]`."}]
    monkeypatch.setattr(examples._buzzsaw, "transforms", lambda: told)
    assert examples.wrong("clip") == ["the example clip([3.0], upper=1) gives [1.0], not [2.0]"]


def test_bulk_texts_are_hostile() -> None:
    texts = [text for text in hostile_texts() if text is not None]
    assert any(b"\xed\xa0\x80" in text for text in texts)
    assert any(b"\0" in text for text in texts)
    assert len(set(texts)) > 3_000
    assert any(number != number for number in hostile_numbers())  # noqa: PLR0124  NaN differs from itself
