"""Learn the state of a spec and write the artifact."""

from __future__ import annotations

import argparse

import buzzsaw
from buzzsaw.cli import files
from buzzsaw.cli.output import Output
from buzzsaw.errors import InvalidValueError


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("spec", metavar="SPEC", help="a YAML or JSON file")
    parser.add_argument("--pairs", required=True, metavar="FILE", help="Parquet: one row a pair of query and document")
    parser.add_argument("--documents", metavar="FILE", help="Parquet: each document once")
    parser.add_argument("--groups", metavar="COL", help="the column of group ids, by default the input with its role")
    parser.add_argument(
        "--table",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a lookup table, Parquet with the columns key and vector; may be given several times",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="how many threads learn, by default one a CPU")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the artifact to write")


def run(given: argparse.Namespace, output: Output) -> None:
    """Fits and saves; the artifact appears whole or not at all."""
    tables = _tables(given.table)
    files.check_output(given.output, given.spec, given.pairs, given.documents, *tables.values())
    files.check_spec(given.spec)
    spec = buzzsaw.Spec.load(given.spec)
    pairs = files.table(given.pairs)
    documents = files.table(given.documents) if given.documents else None
    with output.progress() as report:

        def tell(at: buzzsaw.FitProgress) -> None:
            report(f"round {at.round}: {at.source}", at.rows, at.total)

        pipeline = buzzsaw.fit(
            spec, pairs, documents, groups=given.groups, tables=tables, threads=given.threads, progress=tell
        )
    pipeline.save(given.output)
    document = {
        "artifact": given.output,
        "content_hash": pipeline.content_hash,
        "features": pipeline.feature_names,
    }
    output.result(document, f"wrote {given.output}\n{pipeline.content_hash}")


def _tables(given: list[str]) -> dict[str, str]:
    """The paths of lookup tables by name.

    Raises:
        InvalidValueError: For what is not `NAME=FILE`, and for a name given twice.
    """
    tables: dict[str, str] = {}
    for text in given:
        name, _, path = text.partition("=")
        if not name or not path:
            raise InvalidValueError.of(f"`{text}` is not NAME=FILE", place="--table", hint="as glove=glove.parquet")
        if name in tables:
            raise InvalidValueError.of(f"`{name}` is given twice", place="--table", hint="give each name once")
        tables[name] = path
    return tables
