"""The JSON Schema of a nightly report, from the classes of buzzsaw.nightly.report_contents."""

from __future__ import annotations

import json

from buzzsaw.nightly.report_contents import report_schema


def text() -> str:
    """The text of schemas/nightly_report.schema.json."""
    return json.dumps(report_schema(), indent=2) + "\n"
