"""What a report says, as the JSON file holds it; the page is drawn from the same."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Annotated, Any

from buzzsaw.jobs.manifest import Described, schema_of
from buzzsaw.nightly.manifest import CheckRef, InputRef
from buzzsaw.nightly.statistics import TableStatistics

#: The version of the format of the JSON file.
FORMAT = 2


@dataclass(frozen=True)
class FeatureWords:
    """What the spec says of a feature, for people."""

    description: Annotated[str, Described("What it is; empty when the spec says nothing.")]
    owner: Annotated[str, Described("Who owns it; empty when the spec says nothing.")]


@dataclass(frozen=True)
class HeavyValue:
    """A value of an input."""

    value: Annotated[str, Described("The value as text, cut after 200 characters.")]
    rows: Annotated[int, Described("Rows of the training table that have it.", minimum=0)]


@dataclass(frozen=True)
class HeavyInput:
    """The most frequent values of an input over the rows of the training table, exactly."""

    input: Annotated[str, Described("The input of the spec.")]
    side: Annotated[str, Described("What it depends on.", enum=["query", "document", "pair"])]
    missing: Annotated[int, Described("Rows without a value.", minimum=0)]
    distinct: Annotated[int, Described("How many values there are.", minimum=0)]
    values: Annotated[list[HeavyValue], Described("By rows, descending; among equals by value, ascending.")]


@dataclass(frozen=True)
class HeavyColumn:
    """A column of a sparse feature."""

    column: Annotated[int, Described("Its number.", minimum=0)]
    rows: Annotated[int, Described("Rows of the training table with an entry in it.", minimum=0)]
    values: Annotated[
        list[str],
        Described("Of a hashing step: values of the sample that have this column, the most frequent ones."),
    ]


@dataclass(frozen=True)
class HeavyColumns:
    """The most frequent columns of a sparse feature over the rows of the training table, exactly."""

    feature: Annotated[str, Described("The feature.")]
    numbering: Annotated[
        str, Described("What the numbers of its columns mean: they do the same where this text is the same.")
    ]
    used: Annotated[int, Described("Columns with an entry in any row.", minimum=0)]
    columns: Annotated[list[HeavyColumn], Described("By rows, descending; among equals by number, ascending.")]
    reference_counts: Annotated[
        list[int],
        Described(
            "Rows with an entry in each of the frequent columns of the run that this one is compared with, then "
            "entries in all other columns; empty when columns are not compared."
        ),
    ]


@dataclass(frozen=True)
class CollidingValue:
    """A value that shares its column."""

    parts: Annotated[
        list[str], Described("The value as text: one part, the terms of an n-gram, or the parts of a cross.")
    ]
    rows: Annotated[int, Described("Rows of the sample that have it.", minimum=1)]


@dataclass(frozen=True)
class SharedColumn:
    """A column that several values of the sample have."""

    column: Annotated[int, Described("Its number.", minimum=0)]
    distinct: Annotated[int, Described("How many values have it.", minimum=2)]
    confused: Annotated[
        int, Described("Rows of its values but for the most frequent one: those taken for another value.", minimum=1)
    ]
    values: Annotated[list[CollidingValue], Described("Its most frequent values.")]


@dataclass(frozen=True)
class Collisions:
    """Which values share the columns of a hashing step, in a sample of the rows."""

    step: Annotated[str, Described("The step of the spec.")]
    transform: Annotated[str, Described("Its transform.")]
    columns: Annotated[int, Described("How many columns, or buckets, it has.", minimum=1)]
    rows: Annotated[int, Described("Rows of the sample that were looked at.", minimum=0)]
    cut_rows: Annotated[int, Described("Those of which the first 100 tokens alone were looked at.", minimum=0)]
    values: Annotated[int, Described("Distinct values in these rows.", minimum=0)]
    sharing: Annotated[int, Described("Those whose column another value has, too.", minimum=0)]
    expected_sharing: Annotated[
        float, Described("What an ideal hash has on average: n(1 - (1 - 1/columns)^(n - 1)) for n values.", minimum=0)
    ]
    shared_columns: Annotated[int, Described("Columns that several values have.", minimum=0)]
    occurrences: Annotated[int, Described("Rows of all values, added up.", minimum=0)]
    confused: Annotated[
        int, Described("Rows of values that are not the most frequent one of their column, added up.", minimum=0)
    ]
    worst: Annotated[list[SharedColumn], Described("By confused rows, descending; among equals by number, ascending.")]


@dataclass(frozen=True)
class Drift:
    """How far a feature, or the label, is from an earlier run, by counts of rows over the same bins."""

    name: Annotated[str, Described("The feature, or `label`.")]
    kind: Annotated[
        str,
        Described(
            "What is counted: a dense feature's values, a sparse one's entries a row, its entries by column, or the "
            "label's values.",
            enum=["dense", "sparse", "columns", "label"],
        ),
    ]
    reference: Annotated[str, Described("The run compared with: the latest earlier one that has it.")]
    bins: Annotated[list[str], Described("The bins in words.")]
    expected: Annotated[list[int], Described("Rows of the reference by bin; of `columns` entries.")]
    actual: Annotated[list[int], Described("Rows of this run by bin; of `columns` entries.")]
    psi: Annotated[float, Described("The population stability index in nats, with 0.5 added to each count.", minimum=0)]
    unchanged_psi: Annotated[
        float, Described("What it is on average for two samples of one distribution as large as these.", minimum=0)
    ]
    jensen_shannon: Annotated[float, Described("The Jensen-Shannon divergence in bits.", minimum=0, maximum=1)]


@dataclass(frozen=True)
class TrendPoint:
    """One run of a trend line."""

    run: Annotated[str, Described("The run.")]
    mean: Annotated[
        float | None, Described("The mean of finite values; of a sparse feature of its entries a row; null for none.")
    ]
    missing: Annotated[
        float | None, Described("The share of missing values; of a sparse feature of empty rows; null without rows.")
    ]
    psi: Annotated[float | None, Described("The PSI against that run's own reference; null without one.")]


@dataclass(frozen=True)
class Trend:
    """A feature, or the label, over the last runs."""

    name: Annotated[str, Described("The feature, or `label`.")]
    points: Annotated[list[TrendPoint], Described("Runs that have it by date; the last is this one.")]


@dataclass(frozen=True)
class RejectedRow:
    """A row that failed a check."""

    query: Annotated[str | None, Described("Its query; null for a product.")]
    product_id: Annotated[str | None, Described("Its product.")]
    row: Annotated[str, Described("The whole row as JSON, cut after 1,000 characters.")]


@dataclass(frozen=True)
class RejectedReason:
    """Why rows of an input were rejected."""

    input: Annotated[str, Described("The input.")]
    reason: Annotated[str, Described("The check that failed.")]
    rows: Annotated[int, Described("Rows that failed it, whatever else they failed.", minimum=1)]
    samples: Annotated[list[RejectedRow], Described("The first ones by product, query and row.")]


@dataclass(frozen=True)
class Duration:
    """How long something took."""

    name: Annotated[str, Described("A stage of the run, or a feature.")]
    seconds: Annotated[float, Described("Seconds; of a feature for each row.", minimum=0)]


@dataclass(frozen=True)
class Timings:
    """What took how long. Nothing else in the report depends on the clock."""

    stages: Annotated[list[Duration], Described("The stages before the report was written, in their order.")]
    features: Annotated[
        list[Duration],
        Described(
            "Each feature alone, on the sample, in the driver on one thread: the least of three tries. A step that "
            "several features share counts in each."
        ),
    ]


@dataclass(frozen=True)
class Report:
    """The report of a nightly run. But for `timings` it depends on the run's inputs and on earlier runs alone."""

    format: Annotated[int, Described("The version of this format.", const=FORMAT)]
    title: Annotated[str, Described("The title of the page.")]
    run: Annotated[str, Described("The run: its date.", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    now: Annotated[str, Described("The time that every row saw.", format="date-time")]
    spec: Annotated[str, Described("The name of the feature spec.")]
    artifact: Annotated[str, Described("The content hash of the pipeline.", pattern="^sha256:[0-9a-f]{64}$")]
    pinned: Annotated[bool, Described("Whether the pipeline was given, not fitted by this run.")]
    inputs: Annotated[dict[str, InputRef], Described("The tables that were read, by name.")]
    table_version: Annotated[int, Described("The Delta version of the training table.", minimum=0)]
    unknown_products: Annotated[int, Described("Rows whose product is in no accepted product.", minimum=0)]
    over_limits: Annotated[list[CheckRef], Described("What of this report is over a limit.")]
    notes: Annotated[list[str], Described("What else a person should look at first.")]
    table: Annotated[TableStatistics, Described("The training table.")]
    features: Annotated[dict[str, FeatureWords], Described("The features by name.")]
    heavy_inputs: Annotated[
        list[HeavyInput], Described("Frequent values of the inputs that are texts, whole numbers or bools.")
    ]
    heavy_columns: Annotated[list[HeavyColumns], Described("Frequent columns of the sparse features.")]
    collisions: Annotated[list[Collisions], Described("The steps that hash values to columns.")]
    drift: Annotated[list[Drift], Described("Against earlier runs; without one nothing.")]
    trends: Annotated[list[Trend], Described("Over the last runs.")]
    rejected: Annotated[list[RejectedReason], Described("By input and by rows, descending.")]
    libraries: Annotated[dict[str, str], Described("Versions of what computed it.")]
    timings: Annotated[Timings, Described("What took how long.")]


def to_json(report: Report) -> bytes:
    """The JSON file."""
    text = json.dumps(dataclasses.asdict(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode()


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the file, from the classes above."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated by tools/generate_report_schema.py. Do not edit.",
        "title": "Buzzsaw nightly report",
        **schema_of(Report),
    }
