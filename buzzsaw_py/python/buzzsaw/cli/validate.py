"""Check a feature spec and say what it needs and makes."""

from __future__ import annotations

import argparse

from buzzsaw.cli import files
from buzzsaw.cli.output import Output
from buzzsaw.errors import NotFittedError
from buzzsaw.pipeline import Pipeline
from buzzsaw.spec import Input, Spec


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("spec", metavar="SPEC", help="a YAML or JSON file")


def run(given: argparse.Namespace, output: Output) -> None:
    """Parses the spec; every problem is in the error."""
    files.check_spec(given.spec)
    spec = Spec.load(given.spec)
    document = {
        "name": spec.name,
        "inputs": [column._asdict() for column in spec.inputs],
        "fitted": _fitted(spec),
        "features": spec.feature_names,
    }
    columns = ", ".join(f"{column.name} ({', '.join(_about(column))})" for column in spec.inputs)
    lines = [
        f"{spec.name} is valid",
        f"inputs:   {columns}",
        f"fitted:   {', '.join(_fitted(spec)) or 'no step'}",
        f"features: {', '.join(spec.feature_names)}",
    ]
    output.result(document, "\n".join(lines))


def _about(column: Input) -> list[str]:
    return [column.type, column.side, *([f"the {column.role}"] if column.role else [])]


def _fitted(spec: Spec) -> list[str]:
    """The steps that must learn something first."""
    try:
        Pipeline.compile(spec)
    except NotFittedError as error:
        return [problem["place"].removeprefix("steps.") for problem in error.problems]
    return []
