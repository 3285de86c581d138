"""The JSON Schemas of the jobs' manifests, from the classes of buzzsaw.nightly.manifest and buzzsaw.labels.manifest."""

from __future__ import annotations

import json
from typing import Any

from buzzsaw.labels.manifest import label_manifest_schema
from buzzsaw.nightly.manifest import manifest_schema


def run_manifest() -> str:
    """The text of schemas/run_manifest.schema.json."""
    return _text(manifest_schema())


def label_manifest() -> str:
    """The text of schemas/label_manifest.schema.json."""
    return _text(label_manifest_schema())


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2) + "\n"
