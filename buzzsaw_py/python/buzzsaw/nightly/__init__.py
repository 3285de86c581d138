"""The nightly job: products and judgments to a Delta training table, an artifact, a report and a manifest."""

from buzzsaw.nightly.command import main
from buzzsaw.nightly.job import Outcome, run
from buzzsaw.nightly.manifest import RunManifest, manifest_schema
from buzzsaw.nightly.settings import NightlySettings, parse_now

__all__ = ["NightlySettings", "Outcome", "RunManifest", "main", "manifest_schema", "parse_now", "run"]
