"""The JSON Schema of a run manifest, from the classes of buzzsaw.nightly.manifest."""

from __future__ import annotations

import json

from buzzsaw.nightly.manifest import manifest_schema


def text() -> str:
    """The text of schemas/run_manifest.schema.json."""
    return json.dumps(manifest_schema(), indent=2) + "\n"
