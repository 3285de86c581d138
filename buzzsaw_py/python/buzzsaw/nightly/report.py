"""The report of a run: one HTML page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from buzzsaw import Pipeline
from buzzsaw.nightly import plots
from buzzsaw.nightly.manifest import InputRef
from buzzsaw.nightly.stages import Stages
from buzzsaw.nightly.statistics import TableStatistics

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A histogram of sizes has at most so many bars.
_SIZE_BARS = 24


def templates(package: str) -> Environment:
    """The page templates of a package; text in them is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    title: str,
    *,
    run: str,
    now: datetime,
    pipeline: Pipeline,
    pinned: bool,
    measured: TableStatistics,
    inputs: Mapping[str, InputRef],
    table_version: int,
    unknown_products: int,
    stages: Stages,
    libraries: Mapping[str, str],
) -> str:
    """The page as HTML text; nothing in it is fetched from elsewhere."""
    environment = templates("buzzsaw.nightly")
    environment.filters.update(number=_number, share=_share)
    slowest = sorted(stages.seconds.items(), key=lambda stage: -stage[1])
    return environment.get_template("report.html.jinja").render(
        title=title,
        run=run,
        now=now,
        pipeline=pipeline,
        pinned=pinned,
        table=measured,
        inputs=inputs,
        table_version=table_version,
        unknown_products=unknown_products,
        libraries=libraries,
        notes=list(_notes(measured, unknown_products)),
        label_plot=plots.bars(list(measured.labels), list(measured.labels.values())),
        fold_plot=plots.bars([str(f) for f in measured.folds], [rows for rows, _ in measured.folds.values()]),
        size_plot=_sizes(measured.group_sizes),
        stage_plot=plots.timeline([name for name, _ in slowest], [seconds for _, seconds in slowest]),
        seconds=sum(stages.seconds.values()),
        dense_plots={d.name: plots.histogram(d.edges, d.counts) for d in measured.dense if d.edges},
        sparse_plots={s.name: _sizes(s.row_sizes) for s in measured.sparse},
        meta={feature: _meta(pipeline, feature) for feature in pipeline.feature_names},
    )


def _meta(pipeline: Pipeline, feature: str) -> Mapping[str, str]:
    for entry in json.loads(pipeline.spec.to_json())["features"]:
        if isinstance(entry, dict) and feature in (entry.get("name"), entry.get("step")):
            return {"description": entry.get("description") or "", "owner": entry.get("owner") or ""}
    return {"description": "", "owner": ""}


def _notes(table: TableStatistics, unknown_products: int) -> Iterable[str]:
    """What a person should look at first."""
    if unknown_products:
        yield f"{unknown_products:,} judgments are of products that the table of products does not have."
    for feature in table.dense:
        if table.rows and feature.missing / table.rows > 0.5:
            yield f"{feature.name} is missing in {_share(feature.missing / table.rows)} of the rows."
        if feature.infinite:
            yield f"{feature.name} is infinite in {feature.infinite:,} rows."
        if feature.least is not None and feature.least == feature.most:
            yield f"{feature.name} has one value only, {_number(feature.least)}."
    for part in table.sparse:
        if table.rows and part.empty_rows / table.rows > 0.5:
            yield f"{part.name} is empty in {_share(part.empty_rows / table.rows)} of the rows."


def _sizes(sizes: Mapping[int, int]) -> str:
    """A histogram of whole numbers, several to a bar when they spread."""
    low, high = min(sizes, default=0), max(sizes, default=0)
    step = max(1, -(-(high - low + 1) // _SIZE_BARS))
    edges = [low - 0.5 + step * k for k in range((high - low) // step + 2)]
    counts = [0] * (len(edges) - 1)
    for size, rows in sizes.items():
        counts[(size - low) // step] += rows
    return plots.histogram(edges, counts)


def _number(value: float | None) -> str:
    if value is None:
        return "n/a"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:,.4g}"


def _share(value: float) -> str:
    if 0 < value < 0.001:
        return f"{value:.3%}" if value >= 0.00001 else "<0.001%"
    return f"{value:.1%}"
