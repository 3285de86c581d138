"""Docstring examples run."""

import doctest
import importlib

import pytest

MODULES = ["block", "errors", "fit", "groups", "pipeline", "sklearn", "spec"]


@pytest.mark.parametrize("name", ["buzzsaw", *(f"buzzsaw.{module}" for module in MODULES)])
def test_examples(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert results.failed == 0
    assert results.attempted > 0
