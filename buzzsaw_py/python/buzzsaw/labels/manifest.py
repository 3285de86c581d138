"""The manifest of a label run: written last, once, and the only thing that readers trust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from buzzsaw.nightly.manifest import LABELS, Described, FileRef, schema_of

#: The job and the version of the manifest's own format.
FORM = LABELS
FORMAT = FORM.version


@dataclass(frozen=True)
class LogRef:
    """A table that the run read."""

    path: Annotated[str, Described("Where it was.")]
    format: Annotated[str, Described("How it is stored.", enum=["parquet", "delta"])]
    version: Annotated[int | None, Described("The Delta version that was read; null for Parquet.", minimum=0)]
    rows: Annotated[int, Described("Its rows of the days that were read.", minimum=0)]


@dataclass(frozen=True)
class LabelTableRef:
    """The part of the Delta table that the run wrote: the rows of its date."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    version: Annotated[int, Described("The Delta version to read; others are not of this run.", minimum=0)]
    rows: Annotated[int, Described("The rows of the run's date.", minimum=0)]
    columns: Annotated[list[str], Described("Its columns; others of the table are of other runs.")]


@dataclass(frozen=True)
class DayRange:
    """Days in UTC, both ends included."""

    first: Annotated[str, Described("The first day.", format="date")]
    last: Annotated[str, Described("The last day.", format="date")]


@dataclass(frozen=True)
class Removed:
    """What the rules took away, rule by rule, in this order."""

    impression_copies: Annotated[int, Described("Further rows of the same request and product.", minimum=0)]
    interaction_copies: Annotated[int, Described("Further rows of the same event id.", minimum=0)]
    double_interactions: Annotated[
        int, Described("Interactions too soon after another alike; `duplicate_seconds`.", minimum=0)
    ]
    robot_shopper_days: Annotated[int, Described("Shoppers that were robots on a day, over all days.", minimum=0)]
    robot_impressions: Annotated[int, Described("Impressions of robots.", minimum=0)]
    robot_interactions: Annotated[int, Described("Interactions of robots.", minimum=0)]
    ungraded_interactions: Annotated[int, Described("Interactions of a kind without a grade.", minimum=0)]
    unattributed_interactions: Annotated[
        int, Described("Interactions without an earlier impression within the attribution window.", minimum=0)
    ]
    sampled_out: Annotated[int, Described("Label rows of grade 0 that the sample left out.", minimum=0)]


@dataclass(frozen=True)
class PropensityRef:
    """The propensities behind the weights."""

    source: Annotated[str, Described("Where they are from.", enum=["estimated", "given"])]
    by_position: Annotated[dict[str, float], Described("By position, relative to the first.")]
    rounds: Annotated[int, Described("Rounds of the estimate; 0 when given.", minimum=0)]
    pairs: Annotated[
        int, Described("Queries and products that were shown at two positions, over all two positions.", minimum=0)
    ]


@dataclass(frozen=True)
class LabelManifest:
    """What the label run of one date made. Readers trust the table versions that manifests name, and nothing else."""

    format: Annotated[int, Described("The version of this format.", const=FORMAT)]
    job: Annotated[str, Described("The job.", const=FORM.job)]
    run: Annotated[
        str,
        Described("The run: the date of its --now in UTC, as 2026-11-22.", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    ]
    now: Annotated[str, Described("The time of the run, ISO 8601 in UTC; no later event counts.", format="date-time")]
    finished: Annotated[str, Described("When the run ended, by the clock.", format="date-time")]
    settings: Annotated[dict[str, Any], Described("The settings, flags included.")]
    settings_digest: Annotated[str, Described("Identity of the settings.", pattern="^sha256:[0-9a-f]{64}$")]
    inputs: Annotated[dict[str, LogRef], Described("The tables that were read, by name.")]
    labelled: Annotated[DayRange, Described("The days whose impressions have rows.")]
    read: Annotated[DayRange, Described("The days whose impressions were read, for features and propensities.")]
    removed: Annotated[Removed, Described("What the rules took away.")]
    ratings: Annotated[dict[str, int], Described("Rows of the table by rating.")]
    propensities: Annotated[PropensityRef, Described("The propensities behind the weights.")]
    features: Annotated[list[str], Described("The behaviour features.")]
    tables: Annotated[dict[str, LabelTableRef], Described("The tables that were written, by name.")]
    report: Annotated[FileRef, Described("The report for people.")]
    libraries: Annotated[dict[str, str], Described("Versions of what computed it.")]


def label_manifest_schema() -> dict[str, Any]:
    """The JSON Schema of a manifest, from the classes above."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated by tools/generate_manifest_schema.py. Do not edit.",
        "title": "Buzzsaw label manifest",
        **schema_of(LabelManifest),
    }
