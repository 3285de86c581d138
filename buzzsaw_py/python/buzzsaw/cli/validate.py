"""Check a feature spec and say what it needs and makes."""

from __future__ import annotations

import argparse

from buzzsaw.cli.output import Output
from buzzsaw.spec import Spec


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("spec", metavar="SPEC", help="a YAML or JSON file")


def run(given: argparse.Namespace, output: Output) -> None:
    """Parses the spec; every problem is in the error."""
    spec = Spec.load(given.spec)
    document = {
        "name": spec.name,
        "inputs": [column._asdict() for column in spec.inputs],
        "features": spec.feature_names,
    }
    columns = ", ".join(f"{column.name} ({column.type})" for column in spec.inputs)
    output.result(document, f"{spec.name} is valid\ninputs:   {columns}\nfeatures: {', '.join(spec.feature_names)}")
