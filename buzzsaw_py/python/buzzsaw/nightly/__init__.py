"""The nightly job: products and judgments to Delta tables of features, artifacts, a report and a manifest."""

from buzzsaw.jobs.runs import Outcome, parse_now
from buzzsaw.nightly.backfill import backfill
from buzzsaw.nightly.command import main
from buzzsaw.nightly.job import run
from buzzsaw.nightly.manifest import RunManifest, manifest_schema
from buzzsaw.nightly.reader import dates, read
from buzzsaw.nightly.settings import NightlySettings

__all__ = [
    "NightlySettings",
    "Outcome",
    "RunManifest",
    "backfill",
    "dates",
    "main",
    "manifest_schema",
    "parse_now",
    "read",
    "run",
]
