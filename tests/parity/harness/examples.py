"""The examples in the documentation of transforms, executed."""

from __future__ import annotations

import ast
import math
import re
from typing import Any

from buzzsaw import _buzzsaw
from buzzsaw.errors import BuzzsawError
from buzzsaw.tryout import Step

_EXAMPLE = re.compile(r"\*\*Example\.\*\* `(.+?)` gives\s+`(.+?)`")


def wrong(transform: str) -> list[str]:
    """What is wrong with the example of a transform."""
    row = max((row for row in _buzzsaw.transforms() if row["name"] == transform), key=lambda row: row["version"])
    found = _EXAMPLE.search(" ".join(row["documentation"].split()))
    if found is None:
        return [f"the documentation of {transform} has no **Example.** `{transform}(...)` gives `[...]`"]
    call, expected = found.groups()
    try:
        step = Step.parse(call)
        made = step.values()
    except BuzzsawError as error:
        return [f"the example {call} fails: {error}"]
    if step.transform != transform:
        return [f"the example of {transform} calls {step.transform}"]
    if not _alike(made, ast.literal_eval(expected)):
        return [f"the example {call} gives {made}, not {expected}"]
    return []


def _alike(made: Any, said: Any) -> bool:
    if isinstance(said, bool) or said is None or isinstance(said, str):
        return bool(made == said)
    if isinstance(said, (int, float)):
        return isinstance(made, (int, float)) and math.isclose(made, said, rel_tol=1e-4, abs_tol=1e-9)
    if isinstance(said, dict):
        return isinstance(made, dict) and made.keys() == said.keys() and all(_alike(made[k], said[k]) for k in said)
    return isinstance(made, list) and len(made) == len(said) and all(map(_alike, made, said))
