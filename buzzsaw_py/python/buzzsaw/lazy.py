"""Submodules with dependencies of their own, imported when they are first used: `buzzsaw.spark`, `buzzsaw.sklearn`."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

_SUBMODULES = ("sklearn", "spark")


def submodule(name: str) -> ModuleType:
    """The module's `__getattr__`: imports `buzzsaw.<name>` when it is one of the optional submodules."""
    if name in _SUBMODULES:
        return import_module(f"buzzsaw.{name}")
    raise AttributeError(f"module 'buzzsaw' has no attribute {name!r}")
