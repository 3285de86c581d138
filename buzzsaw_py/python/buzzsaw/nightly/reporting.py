"""What a run does for its report: look at inputs, tables and earlier runs, judge, and write both files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from buzzsaw import Pipeline
from buzzsaw.jobs import storage
from buzzsaw.jobs.manifest import FileRef
from buzzsaw.jobs.stages import Stages
from buzzsaw.jobs.storage import Location
from buzzsaw.nightly import drift, feature_times, report, report_contents, samples
from buzzsaw.nightly.collisions import collisions
from buzzsaw.nightly.heavy_hitters import heavy_columns, heavy_inputs
from buzzsaw.nightly.history import History, feature_of
from buzzsaw.nightly.manifest import InputRef
from buzzsaw.nightly.rejected_samples import rejected_reasons
from buzzsaw.nightly.report_contents import (
    Collisions,
    Duration,
    FeatureWords,
    HeavyColumns,
    HeavyInput,
    RejectedReason,
    Report,
    Timings,
)
from buzzsaw.nightly.report_limits import over_limits
from buzzsaw.nightly.settings import NightlySettings
from buzzsaw.nightly.statistics import TableStatistics, measure

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class SeenInputs:
    """What was looked at in the joined inputs."""

    heavy: list[HeavyInput]
    collisions: list[Collisions]
    #: By feature and column the values that the column stands for.
    named: Mapping[str, Mapping[int, list[str]]]
    times: list[Duration]


@dataclass(frozen=True)
class SeenTables:
    """What was looked at in the written tables."""

    table: TableStatistics
    heavy: list[HeavyColumns]
    rejected: list[RejectedReason]


def look_at_inputs(pairs: DataFrame, pipeline: Pipeline, settings: NightlySettings) -> SeenInputs:
    """Heavy hitters of all rows; hash collisions and times of a sample."""
    asked = settings.report
    heavy = heavy_inputs(pairs, pipeline.inputs, asked.top)
    sample = samples.take(pairs, pipeline, asked.sample)
    found, named = collisions(pipeline, sample, asked.top)
    return SeenInputs(heavy, found, named, feature_times.feature_times(pipeline, sample))


def look_at_tables(
    training: DataFrame,
    rejected: DataFrame | None,
    pipeline: Pipeline,
    *,
    settings: NightlySettings,
    history: History,
    named: Mapping[str, Mapping[int, list[str]]],
) -> SeenTables:
    """Statistics of the training table, and the rejected rows if there are any."""
    # Not cached: each pass reads few of its columns, and of what is cached Spark would read all.
    table = measure(training, pipeline, settings.bins, history.edges())
    numbering = drift.numberings(pipeline)
    compared = drift.compared_columns(numbering, history)
    heavy = heavy_columns(training, numbering, settings.report.top, named, compared)
    return SeenTables(table, heavy, [] if rejected is None else rejected_reasons(rejected))


def assemble(
    settings: NightlySettings,
    *,
    day: date,
    now: datetime,
    pipeline: Pipeline,
    inputs: Mapping[str, InputRef],
    table_version: int,
    unknown_products: int,
    seen: SeenInputs,
    tables: SeenTables,
    history: History,
    libraries: Mapping[str, str],
    stages: Stages,
) -> Report:
    """The report, judged."""
    drifts = drift.drifts(tables.table, tables.heavy, history)
    return Report(
        format=report_contents.FORMAT,
        title=settings.title,
        run=day.isoformat(),
        now=now.isoformat(),
        spec=pipeline.spec.name,
        artifact=pipeline.content_hash,
        pinned=settings.artifact is not None,
        inputs=dict(inputs),
        table_version=table_version,
        unknown_products=unknown_products,
        over_limits=over_limits(
            settings.report, pipeline.spec.feature_names, tables.table, drifts, seen.collisions, history.references
        ),
        notes=list(report.notes(tables.table, unknown_products)),
        table=tables.table,
        features=feature_words(pipeline),
        heavy_inputs=seen.heavy,
        heavy_columns=tables.heavy,
        collisions=seen.collisions,
        drift=drifts,
        trends=drift.trends(day.isoformat(), tables.table, drifts, history),
        rejected=tables.rejected,
        libraries=dict(libraries),
        timings=Timings([Duration(name, seconds) for name, seconds in stages.seconds.items()], seen.times),
    )


def write(whole: Report, folder: Location, output: Location) -> tuple[FileRef, FileRef]:
    """Writes the page and the JSON, and says what a manifest names.

    Both are named by the version of the training table, and by the attempt where several have that version, as those
    of a date without rows do: a second attempt never changes a file that a manifest may already name.

    Raises:
        IoError: when one cannot be written.
    """
    page, as_json = report.render(whole), report_contents.to_json(whole)
    page_path = storage.put_fresh(folder, f"report-{whole.table_version}", ".html", page)
    # The name is this attempt's own: it has made the page of that name.
    json_path = page_path.with_suffix(".json")
    storage.put(json_path, as_json)
    named = [
        FileRef(storage.within(path, output), hashlib.sha256(content).hexdigest())
        for path, content in ((page_path, page.encode()), (json_path, as_json))
    ]
    return named[0], named[1]


def feature_words(pipeline: Pipeline) -> dict[str, FeatureWords]:
    """What the spec says of the feature behind each column; of `<feature>_missing` what it says of the feature."""
    entries = {entry["name"]: entry for entry in pipeline.spec.to_dict()["features"]}
    told = {}
    for column in pipeline.feature_names:
        name = feature_of(column, entries)
        entry = entries[name if name in entries else name.removesuffix("_missing")]
        told[column] = FeatureWords(entry.get("description") or "", entry.get("owner") or "")
    return told
