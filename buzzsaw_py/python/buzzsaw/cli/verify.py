"""Check an artifact in full: every checksum, and its golden rows recomputed on this machine."""

from __future__ import annotations

import argparse
from os import fspath

from buzzsaw import _buzzsaw
from buzzsaw.cli import files
from buzzsaw.cli.output import Output


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("artifact", metavar="ARTIFACT", help="what `fit` wrote")


def run(given: argparse.Namespace, output: Output) -> None:
    """Fails with the first entry or row that differs."""
    files.check_artifact(given.artifact)
    report = _buzzsaw.Pipeline.verify(fspath(given.artifact))
    text = f"{given.artifact} is whole: {report['entries']} entries, {report['golden_rows']} golden rows agree"
    output.result(report, f"{text}\n{report['content_hash']}")
