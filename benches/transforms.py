"""Every transform of the registry: nanoseconds a row on one core, the slowest first; the peer is its case's oracle.

A transform runs over the rows of its parity case made of product text and numbers (`bulk`), or of the case's own rows,
repeated. Each feature of the case is timed alone with the steps it needs, and the slowest one is shown, so that no
option of a transform is slow unseen. The outputs are held against the oracle's first.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import buzzsaw as bz
import pyarrow as pa
import yaml
from harness import ROOT, seconds

# The cases and their texts are those of the parity harness, which has a module `harness` of its own.
del sys.modules["harness"]
sys.path.insert(0, str(ROOT / "tests" / "parity"))

import run as parity  # noqa: E402
from harness.cases import Case, all_cases  # noqa: E402
from harness.tables import GROUPS, array  # noqa: E402
from runners import WheelRunner  # noqa: E402

#: Rows of a timed call, at least.
ROWS = 20_000
RUNS = 5


def rows_of(case: Case) -> Case:
    """The case over many rows of everyday text where it knows how, else over its own."""
    bulks = parity.bulks(case)
    return case.over(bulks[0]) if bulks else case


def check(case: Case) -> float:
    """Compares with the oracle; returns the oracle's seconds a row."""
    with tempfile.TemporaryDirectory(prefix="buzzsaw-bench-") as folder:
        task = case.prepare(Path(folder), "serve", explained=False)
        wrong = case.disagreements(task, WheelRunner().run(task))
    if wrong:
        raise SystemExit(f"transforms ({case.name}): {wrong[0]}")
    spent = seconds(lambda: case.oracle.expected(case.rows, "serve"))
    return spent / len(next(iter(case.rows.values())))


def timed(case: Case) -> tuple[str, list[float]]:
    """The slowest feature and its nanoseconds a row, one figure a run."""
    document = yaml.safe_load((case.folder / "spec.yaml").read_text("utf-8"))
    declared = {column.name: column.type for column in case.spec.inputs}
    columns = {name: array(values, declared[name]) for name, values in case.rows.items()}
    count = len(next(iter(columns.values())))
    groups = case.groups() or list(range(count))
    learnt = pa.table({**columns, GROUPS: pa.array(groups)})
    copies = -(-ROWS // count)
    size = max(groups) + 1
    repeated = pa.concat_tables([learnt] * copies).drop_columns([GROUPS])
    ids = pa.array([group + copy * size for copy in range(copies) for group in groups])
    batch = repeated.append_column(GROUPS, ids).combine_chunks().to_batches()[0]
    worst: tuple[str, list[float]] = ("", [0.0])
    for feature in document["features"]:
        spec = bz.Spec.parse(json.dumps({**document, "features": [feature]}))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bz.FitWarning)
            pipeline = bz.fit(spec, learnt, groups=GROUPS, **case.tables())
        named = GROUPS if pipeline.needs_groups else None

        def work(pipeline: bz.Pipeline = pipeline, named: str | None = named) -> Any:
            return pipeline.transform(batch, groups=named)

        work()
        spent = [seconds(work) / batch.num_rows * 1e9 for _ in range(RUNS)]
        if statistics.median(spent) > statistics.median(worst[1]):
            worst = (feature if isinstance(feature, str) else feature["step"], spent)
    return worst


def main() -> None:
    """One line a transform, the slowest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these transforms")
    only = parser.parse_args().names
    lines = []
    for case in all_cases():
        if only and case.name not in only:
            continue
        many = rows_of(case)
        theirs = check(many) * 1e9
        feature, ours = timed(many)
        middle = statistics.median(ours)
        lines.append(
            {
                "bench": "transforms",
                "case": f"{case.name}, feature {feature}",
                "peer": "oracle of the case, all features",
                "ours": round(middle, 1),
                "theirs": round(theirs, 1),
                "unit": "ns/row",
                "ratio": round(theirs / middle, 2),
                "low": round(theirs / max(ours), 2),
                "high": round(theirs / min(ours), 2),
                "equal": True,
            }
        )
        print(f"{case.name}: {middle:,.0f} ns a row", file=sys.stderr, flush=True)
    for line in sorted(lines, key=lambda line: -line["ours"]):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
