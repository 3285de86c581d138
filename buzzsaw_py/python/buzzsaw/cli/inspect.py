"""Show what an artifact holds."""

from __future__ import annotations

import argparse
import json
from os import fspath

from buzzsaw import _buzzsaw
from buzzsaw.cli import files
from buzzsaw.cli.output import Output


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("artifact", metavar="ARTIFACT", help="what `fit` wrote")


def run(given: argparse.Namespace, output: Output) -> None:
    """Prints the manifest, the inputs and the features."""
    pipeline = files.artifact(given.artifact)
    manifest = json.loads(_buzzsaw.Pipeline.manifest(fspath(given.artifact)))
    sparse = pipeline.sparse_columns
    document = {
        "manifest": manifest,
        "spec": pipeline.spec.to_dict(),
        "inputs": [column._asdict() for column in pipeline.inputs],
        "features": pipeline.feature_names,
        "sparse_columns": sparse,
        "needs_groups": pipeline.needs_groups,
        "has_folds": pipeline.has_folds,
    }
    transforms = ", ".join(f"{name} v{version}" for name, version in manifest["transforms"].items())
    lines = [
        f"{pipeline.spec.name}: {manifest['content_hash']}",
        f"written by {manifest['library_version']}, format {manifest['format_version']}, "
        f"Unicode {manifest['unicode_version']}, Snowball {manifest['snowball_version']}",
        f"transforms: {transforms}",
        f"groups: {'needed' if pipeline.needs_groups else 'not needed'}; "
        f"folds: {'in training' if pipeline.has_folds else 'none'}",
        "inputs:",
        *(f"  {column.name}: {column.type}, {column.side}" for column in pipeline.inputs),
        "features:",
        *(f"  {name}" + (f": {sparse[name]} columns" if name in sparse else "") for name in pipeline.feature_names),
        "entries:",
        *(f"  {entry['name']}: {entry['size']} bytes" for entry in manifest["entries"]),
    ]
    output.result(document, "\n".join(lines))
