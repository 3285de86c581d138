"""YAML can say `.nan` and `.inf`: no number that a transform takes as a parameter may be one, in any notation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import buzzsaw as bz
import pytest
import yaml
from buzzsaw import _buzzsaw
from conftest import ROOT

CASES = ROOT / "tests" / "parity" / "cases"
BAD = {"nan": float("nan"), "inf": float("inf"), "minus inf": -float("inf")}


def with_number(schema: dict[str, Any], root: dict[str, Any], bad: float) -> Iterator[Any]:
    """Values of a schema with `bad` at one of its numbers."""
    if "$ref" in schema:
        yield from with_number(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root, bad)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from with_number(one, root, bad)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "number" in kinds:
        yield bad
    if "array" in kinds and isinstance(schema.get("items"), dict):
        count = schema.get("minItems", 2)
        for value in with_number(schema["items"], root, bad):
            yield from ([0.25] * at + [value] + [0.75] * (count - 1 - at) for at in range(count))
    if "object" in kinds:
        for name, part in schema.get("properties", {}).items():
            yield from ({name: value} for value in with_number(part, root, bad))
        if isinstance(schema.get("additionalProperties"), dict):
            yield from ({"a": value} for value in with_number(schema["additionalProperties"], root, bad))


@cache
def case_step(transform: str) -> tuple[str, dict[str, Any]]:
    """The first step of a transform in its case."""
    steps = yaml.safe_load((CASES / transform / "spec.yaml").read_text("utf-8"))["steps"]
    return next((name, step) for name, step in steps.items() if step["transform"] == transform)


def parameters(bad: float) -> Iterator[tuple[str, str, Any]]:
    """Transform, parameter, and a value that is not finite."""
    for row in _buzzsaw.transforms():
        schema = json.loads(row["schema"])
        for name, part in schema.get("properties", {}).items():
            yield from ((row["name"], name, value) for value in with_number(part, schema, bad))


def test_numbers_are_found():
    found = {(transform, name) for transform, name, _ in parameters(0.5)}
    assert {("bm25", "k1"), ("bm25f", "weights"), ("min_max", "range"), ("tfidf", "max_df")} <= found
    assert len(found) > 40


@pytest.mark.parametrize("bad", BAD)
def test_numbers_that_are_not_finite_are_refused(bad: str):
    accepted = []
    for transform, name, value in parameters(BAD[bad]):
        step, given = case_step(transform)
        spec = {"buzzsaw": 1, "name": "bad", "inputs": {}, "steps": {step: {**given, name: value}}, "features": [step]}
        for text in (yaml.safe_dump(spec), json.dumps(spec), json.dumps(spec).replace("Infinity", "1e999")):
            try:
                bz.Spec.parse(text)
            except bz.InvalidSpecError as error:
                [problem] = error.problems
                assert "line" in problem["message"]
            else:
                accepted.append(f"{transform}.{name}={value}")
    assert not accepted


def test_what_fills_missing_numbers_is_finite():
    spec = yaml.safe_load((CASES / "log1p" / "spec.yaml").read_text("utf-8"))
    for bad in BAD.values():
        next(iter(spec["steps"].values()))["missing"] = {"impute": bad}
        with pytest.raises(bz.InvalidSpecError, match="non-finite"):
            bz.Spec.parse(yaml.safe_dump(spec))
