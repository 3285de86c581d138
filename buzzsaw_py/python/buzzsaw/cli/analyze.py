"""Show the tokens of a text after each part of an analyzer."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from buzzsaw import _buzzsaw
from buzzsaw.cli.output import Output
from buzzsaw.errors import InvalidValueError
from buzzsaw.spec import Spec


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("analyzer", metavar="ANALYZER_OR_SPEC", help="the name of an analyzer, or a spec file")
    parser.add_argument("step", metavar="STEP", nargs="?", help="the step of the spec; needed where several tokenize")
    parser.add_argument("--text", required=True, help="the text to analyze")


def run(given: argparse.Namespace, output: Output) -> None:
    """Prints a line a part."""
    analyzer = _analyzer(given.analyzer, given.step)
    stages = _buzzsaw.analyze(json.dumps(analyzer), given.text)
    document = {"analyzer": analyzer, "stages": [{"name": name, "tokens": tokens} for name, tokens in stages]}
    width = max(len(name) for name, _ in stages)
    lines = [f"{name:{width}}  {_shown(name, tokens)}" for name, tokens in stages]
    output.result(document, "\n".join(lines))


def _shown(name: str, tokens: list[str]) -> str:
    if name == "fold":
        return json.dumps(tokens[0], ensure_ascii=False)
    return " ".join(f"[{token}]" for token in tokens) or "(no tokens)"


def _analyzer(name: str, step: str | None) -> Any:
    if Path(name).suffix not in (".yaml", ".yml", ".json") and not Path(name).is_file():
        if step is not None:
            message = f"`{name}` is no spec file, so it has no step `{step}`"
            raise InvalidValueError.of(message, place="STEP", hint="leave it out, or give a spec file")
        return name
    steps: dict[str, Any] = Spec.load(name).to_dict().get("steps", {})
    found = {key: value["analyzer"] for key, value in steps.items() if "analyzer" in value}
    known = ", ".join(found) or "none"
    if step is None and len(found) == 1:
        step = next(iter(found))
    if step is None or step not in found:
        message = "which step?" if step is None else f"no step `{step}` has an analyzer"
        raise InvalidValueError.of(message, place="STEP", hint=f"steps with an analyzer: {known}")
    return found[step]
