"""Compare the features that two artifacts make of the same rows.

  buzzsaw diff old.buzzsaw new.buzzsaw --data pairs.parquet

With --exit-code the command exits with 3 where anything differs, so that a script can stop a release.
"""

from __future__ import annotations

import argparse

from buzzsaw.cli import files
from buzzsaw.cli.output import Output
from buzzsaw.diff import Change, Difference, compare


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("before", metavar="A", help="the artifact in use")
    parser.add_argument("after", metavar="B", help="the artifact that may take its place")
    parser.add_argument("--data", required=True, metavar="INPUT", help="a Parquet file or a folder of them")
    parser.add_argument("--groups", metavar="COL", help="the column of group ids, by default the input with its role")
    parser.add_argument(
        "--mode", choices=("serve", "train"), default="serve", help="train: out-of-fold steps see the fold of the qid"
    )
    parser.add_argument("--exit-code", action="store_true", help="exit with 3 where anything differs")


def run(given: argparse.Namespace, output: Output) -> int:
    """Prints a line a feature that differs."""
    before, after = files.artifact(given.before), files.artifact(given.after)
    found = compare(before, after, files.table(given.data), groups=given.groups, mode=given.mode)
    document = {"before": before.content_hash, "after": after.content_hash, **found.to_dict()}
    output.result(document, _shown(found))
    return 3 if given.exit_code and found else 0


def _shown(found: Difference) -> str:
    lines = [f"{found.rows:,} rows, {found.changed_rows:,} of them differ in {len(found.changes)} features"]
    for what, names in (("added", found.added), ("removed", found.removed), ("retyped", found.retyped)):
        if names:
            lines.append(f"{what}: {', '.join(names)}")
    width = max((len(change.name) for change in found.changes), default=0)
    for change in found.changes:
        parts = [f"{change.rows:,} rows", f"by up to {change.largest:.6g}", f"{change.mean:.6g} in the mean"]
        parts += [f"{change.appeared:,} no longer missing"] if change.appeared else []
        parts += [f"{change.vanished:,} now missing"] if change.vanished else []
        parts += [_order(change, found.groups)] if change.groups else []
        parts.append(f"first in row {change.first_row}")
        lines.append(f"{change.name:{width}}  {', '.join(parts)}")
    if found.same:
        lines.append(f"the same bits: {len(found.same)} features")
    return "\n".join(lines)


def _order(change: Change, groups: int) -> str:
    """In how many groups the order is another, and in which one most."""
    most = change.reordered[0]
    places = f"{most.places:,} place{'' if most.places == 1 else 's'}"
    where = f"most in `{most.group}` (row {most.moved_row} by {places})"
    return f"another order in {change.groups:,} of {groups:,} groups, {where}"
