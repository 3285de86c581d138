"""The command line of the nightly job."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from buzzsaw.jobs.backfill import At, asked_for
from buzzsaw.jobs.backfill import add_flags as backfill_flags
from buzzsaw.jobs.operations import add_flags, operating
from buzzsaw.jobs.runs import Outcome
from buzzsaw.nightly.backfill import backfill
from buzzsaw.nightly.job import run
from buzzsaw.nightly.settings import NightlySettings
from buzzsaw.spark.transforming import RUNTIME
from buzzsaw.spark.versions import ANSI

#: The exit status of runs that are done, but whose report is over a limit to stop.
OVER_LIMIT = 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nightly_features",
        description="Makes the tables of a night: products and judgments in, features, artifacts and a report out.",
        epilog="Paths in the settings file are relative to it; flags go over it. Exit status: 0 done or done before, "
        "1 failed, 2 wrong usage, 3 done or done before, but the report is over a limit to stop.",
    )
    parser.add_argument("--config", type=Path, metavar="YAML", help="settings of the job")
    now = "the time every row sees; its date is the run's (default: the clock)"
    backfill_flags(parser, now, "backfill: the first date, with --to and --artifact")
    parser.add_argument("--products", metavar="PATH", help="table of products, Parquet or Delta")
    parser.add_argument("--judgments", metavar="PATH", help="table of judgments, Parquet or Delta")
    parser.add_argument("--labels", metavar="PATH", help="output of the label job, instead of judgments")
    parser.add_argument("--output", metavar="PATH", help="folder for the tables and the runs")
    parser.add_argument("--spec", metavar="YAML", help="the feature spec to fit")
    parser.add_argument("--artifact", metavar="PATH", help="a pinned artifact, instead of fitting")
    parser.add_argument("--runtime", choices=("python", "jvm"), help="where Spark computes features, to the same bits")
    add_flags(parser)
    return parser


def main(argv: Sequence[str] | None = None, session: SparkSession | None = None) -> int:
    """Runs the job and returns the exit status; `session` is used when given, else spark-submit's.

    A backfill ends with the worst status of its dates.
    """
    arguments = _parser().parse_args(argv)
    names = ("products", "judgments", "labels", "output", "spec", "artifact")
    status = 0
    with operating("nightly_features", arguments) as operations:
        try:
            asked = asked_for(arguments)
            settings = NightlySettings.load(arguments.config, {name: getattr(arguments, name) for name in names})
            operations.output = settings.output
            session = session or _session()
            if arguments.runtime is not None:
                session.conf.set(RUNTIME, arguments.runtime)
            outcomes: Iterable[Outcome]
            if isinstance(asked, At):
                outcomes = [run(session, settings, asked.now, any_time=asked.any_time, watch=operations.watch)]
            else:
                outcomes = backfill(session, settings, asked.first, asked.last, operations.watch)
            for outcome in outcomes:
                operations.tell(outcome, _summary(outcome))
                if any(check["stopped"] for check in outcome.manifest["checks"]):
                    status = OVER_LIMIT
        except Exception as failure:
            operations.fail(failure)
            return 1
    return status


def _session() -> SparkSession:
    return SparkSession.builder.appName("nightly_features").config(map=ANSI).getOrCreate()


def _summary(outcome: Outcome) -> str:
    manifest, output = outcome.manifest, outcome.output
    lines = [f"run {manifest['run']} " + ("is done" if outcome.wrote else "was done before; nothing was written")]
    lines += [
        f"  {name:<10}{output / table['path']}, version {table['version']}, {table['rows']} rows"
        for name, table in manifest["tables"].items()
    ]
    lines += [
        f"  artifact  {output / manifest['artifact']['path']}, {manifest['artifact']['content_hash']}",
        f"  report    {output / manifest['report']['path']}",
        f"  json      {output / manifest['report_json']['path']}",
        f"  manifest  {outcome.manifest_path}",
    ]
    lines += [f"  warning   {check['message']}" for check in manifest["checks"] if check["warned"]]
    lines += [f"  over      {check['message']}" for check in manifest["checks"] if check["stopped"]]
    return "\n".join(lines)
