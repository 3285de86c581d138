"""Run one transform over values that are written out, such as `clip([2500.0, None], upper=100)`."""

from __future__ import annotations

import argparse
import json

from buzzsaw.cli.output import Output
from buzzsaw.tryout import Step


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("call", metavar="CALL", help="a transform, its columns as lists, and its parameters")


def run(given: argparse.Namespace, output: Output) -> None:
    """Prints what the transform makes, one row a line."""
    values = Step.parse(given.call).values()
    output.result(values, "\n".join(json.dumps(value, ensure_ascii=False) for value in values))
