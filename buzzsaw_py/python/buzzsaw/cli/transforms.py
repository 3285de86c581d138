"""List the transforms, or show the documentation of one."""

from __future__ import annotations

import argparse
import json

import buzzsaw
from buzzsaw.arguments import did_you_mean
from buzzsaw.cli.output import Output
from buzzsaw.errors import UnknownTransformError
from buzzsaw.reference import section


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="the transform to show")


def run(given: argparse.Namespace, output: Output) -> None:
    """Prints names and summaries, or one transform's documentation and parameters."""
    known = buzzsaw.transforms()
    if given.name is None:
        listed = [{key: row[key] for key in ("name", "version", "summary")} for row in known]
        output.result(listed, "\n".join(f"{row['name']}: {row['summary']}" for row in known))
        return
    row = max((row for row in known if row["name"] == given.name), key=lambda row: row["version"], default=None)
    if row is None:
        hint = did_you_mean(given.name, [row["name"] for row in known], "`buzzsaw transforms` lists them")
        raise UnknownTransformError.of(f"there is no transform `{given.name}`", place="NAME", hint=hint)
    document = dict(row, schema=json.loads(row["schema"]))
    output.result(document, section(row).rstrip())
