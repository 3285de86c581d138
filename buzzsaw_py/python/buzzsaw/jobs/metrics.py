"""The metrics of a run in Prometheus' text format, for the textfile collector of its node exporter.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buzzsaw.jobs.runs import Outcome
    from buzzsaw.jobs.watch import Watch

_OVER = {"passed": 0, "warned": 1, "stopped": 2}


@dataclass(frozen=True)
class Gauge:
    """A metric with its samples: values by the value of its one label, or a single value."""

    name: str
    help: str
    samples: Mapping[str, float] | float
    #: The label that tells its samples apart.
    label: str = ""


def of_run(watch: Watch, outcome: Outcome | None, ended: datetime) -> list[Gauge]:
    """What both jobs tell of a run.

    Args:
        watch: What was seen of it.
        outcome: What it made, or found made; `None` when it failed.
        ended: When it ended.
    """
    gauges = [
        Gauge("buzzsaw_run_success", "1 when the run ended well, or was done before.", float(outcome is not None)),
        Gauge("buzzsaw_run_wrote", "1 when it wrote.", float(bool(outcome and outcome.wrote))),
        Gauge("buzzsaw_run_end_timestamp_seconds", "When it ended, by the clock.", ended.timestamp()),
    ]
    if watch.day is not None:
        midnight = datetime(watch.day.year, watch.day.month, watch.day.day, tzinfo=timezone.utc).timestamp()
        gauges.append(Gauge("buzzsaw_run_date_timestamp_seconds", "The midnight in UTC of its date.", midnight))
    took = "How long each of its stages took, also one that failed."
    gauges.append(Gauge("buzzsaw_run_stage_seconds", took, watch.stages.seconds, "stage"))
    made = _of_manifest(outcome.manifest) if outcome else _of_watch(watch)
    return [gauge for gauge in [*gauges, *made] if gauge.samples != {}]


def _of_manifest(manifest: Mapping[str, Any]) -> list[Gauge]:
    inputs, tables = manifest["inputs"], manifest["tables"]
    return [
        *_inputs({name: (table["rows"], table.get("rejected")) for name, table in inputs.items()}),
        Gauge("buzzsaw_run_check_over_limit", _OVER_HELP, _over(manifest), "check"),
        Gauge(
            "buzzsaw_run_table_rows",
            "Rows of the run's date in each table.",
            {name: table["rows"] for name, table in tables.items()},
            "table",
        ),
        Gauge("buzzsaw_run_table_version", _VERSION_HELP, {n: t["version"] for n, t in tables.items()}, "table"),
        Gauge("buzzsaw_run_features", "Features of the tables.", float(len(manifest["features"]))),
    ]


def _of_watch(watch: Watch) -> list[Gauge]:
    over = _worst((finding.place, float(_OVER[finding.outcome])) for finding in watch.findings)
    return [
        *_inputs(watch.inputs),
        Gauge("buzzsaw_run_check_over_limit", _OVER_HELP, over, "check"),
        Gauge("buzzsaw_run_table_version", _VERSION_HELP, watch.tables, "table"),
    ]


_OVER_HELP = "How each check ended: 0 within its limits, 1 over the one to warn, 2 over the one to stop."
_VERSION_HELP = "The Delta version of each table that the run committed."


def _over(manifest: Mapping[str, Any]) -> dict[str, float]:
    checks = manifest.get("checks", [])
    return _worst((check["place"], 2.0 if check.get("stopped") else float(check["warned"])) for check in checks)


def _worst(ended: Iterable[tuple[str, float]]) -> dict[str, float]:
    """By place how its checks ended: several features can be over one limit, and a spec's check be of both inputs."""
    worst: dict[str, float] = {}
    for place, value in ended:
        worst[place] = max(value, worst.get(place, 0.0))
    return worst


def _inputs(rows: Mapping[str, tuple[int, int | None]]) -> list[Gauge]:
    read = {name: float(of) for name, (of, _) in rows.items()}
    rejected = {name: (of, away) for name, (of, away) in rows.items() if away is not None}
    return [
        Gauge("buzzsaw_run_input_read_rows", "Rows that were read of each input.", read, "input"),
        Gauge(
            "buzzsaw_run_input_accepted_rows",
            "Those that passed the checks.",
            {name: float(of - away) for name, (of, away) in rejected.items()},
            "input",
        ),
        Gauge(
            "buzzsaw_run_input_rejected_rows",
            "Those that failed a check.",
            {name: float(away) for name, (_, away) in rejected.items()},
            "input",
        ),
    ]


def exposition(gauges: Iterable[Gauge], labels: Mapping[str, str]) -> bytes:
    """The text of a metrics file, in UTF-8; every sample has the `labels`."""
    lines = []
    for gauge in gauges:
        lines += [f"# HELP {gauge.name} {_escaped(gauge.help)}", f"# TYPE {gauge.name} gauge"]
        samples = gauge.samples if isinstance(gauge.samples, Mapping) else {"": gauge.samples}
        for value, sample in samples.items():
            named = {**labels, gauge.label: value} if gauge.label else labels
            told = ",".join(f'{name}="{_quoted(text)}"' for name, text in named.items())
            lines.append(f"{gauge.name}{{{told}}} {_number(sample)}")
    # A path can have bytes that are no text.
    return "".join(line + "\n" for line in lines).encode("utf-8", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', r"\"")


def _number(value: float) -> str:
    """As Go reads it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)
