"""Compute the features of a Parquet table."""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

import buzzsaw
from buzzsaw.arguments import did_you_mean
from buzzsaw.cli import files
from buzzsaw.cli.output import Output
from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.rows import FINGERPRINT, FINGERPRINT_SERVED


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("artifact", metavar="ARTIFACT", help="what `fit` wrote")
    parser.add_argument("input", metavar="INPUT", help="a Parquet file or a folder of them")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="the Parquet file to write")
    parser.add_argument(
        "--mode",
        choices=("serve", "train"),
        default="serve",
        help=f"train: out-of-fold steps see the fold of the qid, and `{FINGERPRINT_SERVED}` is of the row as served",
    )
    parser.add_argument("--groups", metavar="COL", help="the column of group ids, by default the input with its role")
    parser.add_argument("--keep", action="append", default=[], metavar="COL", help="an input column to copy (repeat)")


def run(given: argparse.Namespace, output: Output) -> None:
    """Streams the table: kept columns, features, then fingerprints; the file appears whole or not at all.

    In training, where folds change values, the row as served has a fingerprint too.
    """
    files.check_output(given.output, given.artifact, given.input)
    pipeline = files.artifact(given.artifact)
    table = files.table(given.input)
    kept = list(dict.fromkeys(given.keep))
    if absent := [_absent(name, table.schema.names) for name in kept if name not in table.schema.names]:
        raise MissingInputError(absent)
    as_served = given.mode == "train" and pipeline.has_folds
    prints = [FINGERPRINT, FINGERPRINT_SERVED] if as_served else [FINGERPRINT]
    clash = {*kept} & {*pipeline.feature_names, *prints}
    if clash:
        hint = "rename the column, or a feature with `name:` in the spec"
        raise InvalidValueError.of(f"`{min(clash)}` is also the name of an output", place="--keep", hint=hint)
    rows, total = 0, table.count_rows()
    with output.progress() as report, files.replaced(given.output) as part:
        writer: pq.ParquetWriter | None = None
        try:
            for batch, block in pipeline.transform_batches(table, groups=given.groups, mode=given.mode):
                fingerprints = [block.fingerprints]
                if as_served:
                    fingerprints.append(pipeline.transform(batch, groups=given.groups).fingerprints)
                written = _columns(batch.select(kept), block, dict(zip(prints, fingerprints, strict=True)))
                writer = writer or pq.ParquetWriter(part, written.schema)
                writer.write_batch(written)
                rows += batch.num_rows
                report("transform", rows, total)
        finally:
            if writer is not None:
                writer.close()
    document = {"output": given.output, "rows": rows, "features": pipeline.feature_names}
    output.result(document, f"wrote {rows} rows to {given.output}")


def _absent(name: str, there: list[str]) -> dict[str, str]:
    hint = did_you_mean(name, there, "it has " + ", ".join(there[:20]))
    message = f"the table has no column `{name}` to keep"
    return {"code": MissingInputError.CODE, "message": message, "place": "--keep", "hint": hint}


def _columns(
    kept: pa.RecordBatch, block: buzzsaw.FeatureBlock, fingerprints: dict[str, npt.NDArray[np.int64]]
) -> pa.RecordBatch:
    features = block.to_arrow()
    arrays = [*kept.columns, *features.columns, *map(pa.array, fingerprints.values())]
    fields = [*kept.schema, *features.schema, *(pa.field(name, pa.int64(), nullable=False) for name in fingerprints)]
    return pa.record_batch(arrays, schema=pa.schema(fields))
