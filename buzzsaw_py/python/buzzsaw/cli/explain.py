"""Show how the features of one row came about."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

import pyarrow as pa

from buzzsaw.cli import files
from buzzsaw.cli.output import Output
from buzzsaw.errors import InvalidValueError
from buzzsaw.groups import group_column, whole_groups
from buzzsaw.source import Source


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("artifact", metavar="ARTIFACT", help="what `fit` wrote")
    parser.add_argument("input", metavar="INPUT", help="a Parquet file or a folder of them")
    parser.add_argument("--row", type=int, required=True, metavar="N", help="which row, from 0")
    parser.add_argument(
        "--mode", choices=("serve", "train"), default="serve", help="train: out-of-fold steps see the fold of the qid"
    )
    parser.add_argument("--groups", metavar="COL", help="the column of group ids, by default the input with its role")


def run(given: argparse.Namespace, output: Output) -> None:
    """Reads as far as the row's group and explains the row; `--json` prints the canonical JSON."""
    pipeline = files.artifact(given.artifact)
    source = Source.of(files.table(given.input), pipeline.spec.inputs)
    column = group_column(given.groups, source, pipeline.spec.inputs, needed=pipeline.needs_groups)
    needed = [row.name for row in pipeline.inputs_for(given.mode)] + ([column] if column else [])
    batch, row = _find(whole_groups(source.batches(needed), column), given.row)
    text = pipeline.explain_json(batch, row, groups=column, mode=given.mode)
    # Only the batch was read, so the library numbered the row from its start. The key is in front of everything that
    # holds text of the table.
    text = text.replace(f'"row":{row},', f'"row":{given.row},', 1)
    output.result_json(text, json.dumps(json.loads(text), indent=2, ensure_ascii=False))


def _find(batches: Iterable[tuple[pa.RecordBatch, object]], row: int) -> tuple[pa.RecordBatch, int]:
    before = 0
    for batch, _ in batches:
        if 0 <= row - before < batch.num_rows:
            return batch, row - before
        before += batch.num_rows
    raise InvalidValueError.of(f"there is no row {row}; the table has {before} rows", place="--row")
