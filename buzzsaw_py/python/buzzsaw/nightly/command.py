"""The command line of the nightly job."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from buzzsaw.errors import InvalidValueError
from buzzsaw.jobs.operations import add_flags, operating
from buzzsaw.jobs.runs import Outcome, parse_now
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly.backfill import backfill, parse_date
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
    parser.add_argument(
        "--now", metavar="ISO8601", help="the time every row sees; its date is the run's (default: the clock)"
    )
    parser.add_argument(
        "--from", dest="first", metavar="DATE", help="backfill: the first date, with --to and --artifact"
    )
    parser.add_argument("--to", dest="last", metavar="DATE", help="backfill: the last date")
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
            nights = _nights(arguments, operations.watch)
            settings = NightlySettings.load(arguments.config, {name: getattr(arguments, name) for name in names})
            operations.output = settings.output
            session = session or _session()
            if arguments.runtime is not None:
                session.conf.set(RUNTIME, arguments.runtime)
            for outcome in nights(session, settings):
                operations.tell(outcome, _summary(outcome))
                if any(check["stopped"] for check in outcome.manifest["checks"]):
                    status = OVER_LIMIT
        except Exception as failure:
            operations.fail(failure)
            return 1
    return status


def _nights(
    arguments: argparse.Namespace, watch: Watch
) -> Callable[[SparkSession, NightlySettings], Iterable[Outcome]]:
    """What the flags ask for: one night, or several.

    Raises:
        InvalidValueError: for flags that contradict each other, and for times and dates that are none.
    """
    if arguments.first is None and arguments.last is None:
        now = parse_now(arguments.now)
        return lambda session, settings: [run(session, settings, now, any_time=arguments.now is None, watch=watch)]
    for flag, given in (("--from", arguments.first), ("--to", arguments.last)):
        if given is None:
            raise InvalidValueError.of("a backfill needs its first and its last date", place=flag, hint="give both")
    if arguments.now is not None:
        hint = "a date of a backfill sees its midnight in UTC"
        raise InvalidValueError.of("--now and --from exclude each other", place="--now", hint=hint)
    first, last = parse_date(arguments.first, "--from"), parse_date(arguments.last, "--to")
    return lambda session, settings: backfill(session, settings, first, last, watch)


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
