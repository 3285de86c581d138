"""Show the tokens of a text after each part of an analyzer.

Analyzers by name are standard, english, sklearn, spark and lucene. A step of a spec has one of its own.

  buzzsaw analyze english "The running shoes"
  buzzsaw analyze spec.yaml title_terms --text "The running shoes"
"""

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
    parser.add_argument(
        "step",
        metavar="STEP_OR_TEXT",
        nargs="?",
        help="of a spec its step, needed where several tokenize; of an analyzer the text",
    )
    parser.add_argument("--text", help="the text to analyze")


def run(given: argparse.Namespace, output: Output) -> None:
    """Prints a line a part."""
    analyzer, text = _chosen(given.analyzer, given.step, given.text)
    stages = _buzzsaw.analyze(json.dumps(analyzer), text)
    document = {"analyzer": analyzer, "stages": [{"name": name, "tokens": tokens} for name, tokens in stages]}
    width = max(len(name) for name, _ in stages)
    lines = [f"{name:{width}}  {_shown(name, tokens)}" for name, tokens in stages]
    output.result(document, "\n".join(lines))


def _shown(name: str, tokens: list[str]) -> str:
    if name == "fold":
        return json.dumps(tokens[0], ensure_ascii=False)
    return " ".join(f"[{token}]" for token in tokens) or "(no tokens)"


def _chosen(name: str, step: str | None, text: str | None) -> tuple[Any, str]:
    """The analyzer and the text."""
    is_spec = Path(name).suffix in (".yaml", ".yml", ".json") or Path(name).is_file()
    if is_spec:
        if text is None:
            raise InvalidValueError.of("there is no text", place="--text", hint='give it as --text "..."')
        return _of_step(name, step), text
    if step is not None and text is not None:
        message = f"`{name}` is no spec file, so it has no step `{step}`"
        raise InvalidValueError.of(message, place="STEP_OR_TEXT", hint="give the text once, or a spec file")
    if (text := text if text is not None else step) is None:
        raise InvalidValueError.of("there is no text", place="STEP_OR_TEXT", hint="give it after the analyzer")
    return name, text


def _of_step(name: str, step: str | None) -> Any:
    steps: dict[str, Any] = Spec.load(name).to_dict().get("steps", {})
    found = {key: value["analyzer"] for key, value in steps.items() if "analyzer" in value}
    known = ", ".join(found) or "none"
    if step is None and len(found) == 1:
        step = next(iter(found))
    if step is None or step not in found:
        message = "which step?" if step is None else f"no step `{step}` has an analyzer"
        raise InvalidValueError.of(message, place="STEP_OR_TEXT", hint=f"steps with an analyzer: {known}")
    return found[step]
