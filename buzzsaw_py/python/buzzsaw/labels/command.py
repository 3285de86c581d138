"""The command line of the label job."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from buzzsaw.jobs.backfill import At, asked_for
from buzzsaw.jobs.backfill import add_flags as backfill_flags
from buzzsaw.jobs.metrics import Gauge
from buzzsaw.jobs.operations import add_flags, operating
from buzzsaw.jobs.runs import Outcome
from buzzsaw.labels.backfill import backfill
from buzzsaw.labels.job import run
from buzzsaw.labels.manifest import LABELS
from buzzsaw.labels.settings import LabelSettings
from buzzsaw.spark.versions import ANSI


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build_labels",
        description="Makes graded, weighted labels and behaviour features out of impressions and interactions.",
        epilog="Paths in the settings file are relative to it; flags go over it. Exit status: 0 done or done before, "
        "1 failed, 2 wrong usage.",
    )
    parser.add_argument("--config", type=Path, metavar="YAML", help="settings of the job")
    now = "no later event counts; its date names the run (default: the clock)"
    backfill_flags(parser, now, "backfill: the first date, with --to")
    parser.add_argument("--impressions", metavar="PATH", help="table of impressions, Parquet or Delta")
    parser.add_argument("--interactions", metavar="PATH", help="table of interactions, Parquet or Delta")
    parser.add_argument("--output", metavar="PATH", help="folder for the table of labels and the runs")
    add_flags(parser)
    return parser


def main(argv: Sequence[str] | None = None, session: SparkSession | None = None) -> int:
    """Runs the job and returns the exit status; `session` is used when given, else spark-submit's."""
    arguments = _parser().parse_args(argv)
    names = ("impressions", "interactions", "output")
    with operating("build_labels", arguments, _metrics) as operations:
        try:
            asked = asked_for(arguments)
            settings = LabelSettings.load(arguments.config, {name: getattr(arguments, name) for name in names})
            operations.output = settings.output
            session = session or SparkSession.builder.appName("build_labels").config(map=ANSI).getOrCreate()
            outcomes: Iterable[Outcome]
            if isinstance(asked, At):
                outcomes = [run(session, settings, asked.now, any_time=asked.any_time, watch=operations.watch)]
            else:
                outcomes = backfill(session, settings, asked.first, asked.last, operations.watch)
            for outcome in outcomes:
                operations.tell(outcome, _summary(outcome))
        except Exception as failure:
            operations.fail(failure)
            return 1
    return 0


def _metrics(outcome: Outcome) -> list[Gauge]:
    """What this job tells besides what both do."""
    manifest = outcome.manifest
    propensities = manifest["propensities"]["by_position"]
    return [
        Gauge("buzzsaw_run_removed", "What each rule took away.", manifest["removed"], "rule"),
        Gauge("buzzsaw_run_rating_rows", "Rows of the table by rating.", manifest["ratings"], "rating"),
        Gauge("buzzsaw_run_propensity", "The propensity of each position.", propensities, "position"),
    ]


def _summary(outcome: Outcome) -> str:
    manifest, output = outcome.manifest, outcome.output
    table = manifest["tables"][LABELS]
    removed = ", ".join(f"{count} {rule.replace('_', ' ')}" for rule, count in manifest["removed"].items() if count)
    lines = [
        f"run {manifest['run']} " + ("is done" if outcome.wrote else "was done before; nothing was written"),
        f"  table     {output / table['path']}, version {table['version']}, {table['rows']} rows "
        f"of {manifest['labelled']['first']} to {manifest['labelled']['last']}",
        f"  removed   {removed or 'nothing'}",
        f"  report    {output / manifest['report']['path']}",
        f"  manifest  {outcome.manifest_path}",
    ]
    return "\n".join(lines)
