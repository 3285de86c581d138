"""The label job: impressions and interactions to a Delta table of graded, weighted labels with behaviour features."""

from buzzsaw.labels.backfill import backfill
from buzzsaw.labels.command import main
from buzzsaw.labels.job import run
from buzzsaw.labels.manifest import LabelManifest, label_manifest_schema
from buzzsaw.labels.reader import read
from buzzsaw.labels.settings import LabelSettings

__all__ = ["LabelManifest", "LabelSettings", "backfill", "label_manifest_schema", "main", "read", "run"]
