"""The report of a run as a page: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from buzzsaw.jobs import plots
from buzzsaw.jobs.pages import templates
from buzzsaw.nightly.report_contents import Report, Trend
from buzzsaw.nightly.statistics import OTHER, TableStatistics

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A histogram of sizes has at most so many bars.
_SIZE_BARS = 24

#: The labels have at most so many.
_LABEL_BARS = 12


def render(report: Report) -> str:
    """The page as HTML text; nothing in it is fetched from elsewhere, and it says what the report says."""
    environment = templates("buzzsaw.nightly")
    environment.filters.update(number=_number, share=_share, duration=_duration)
    table, stages = report.table, report.timings.stages
    slowest = sorted(stages, key=lambda stage: -stage.seconds)
    features = sorted(report.timings.features, key=lambda feature: -feature.seconds)
    trends = {trend.name: trend for trend in report.trends}
    return environment.get_template("report.html.jinja").render(
        report=report,
        table=table,
        now=datetime.fromisoformat(report.now),
        label_plot=render_labels(table.labels),
        fold_plot=plots.bars([str(f) for f in table.folds], [rows for rows, _ in table.folds.values()]),
        size_plot=_sizes(table.group_sizes),
        stage_plot=plots.timeline([one.name for one in slowest], [one.seconds for one in slowest]),
        feature_plot=plots.timeline(
            [one.name for one in features],
            [one.seconds for one in features],
            labels=[_duration(one.seconds) for one in features],
        ),
        seconds=sum(one.seconds for one in stages),
        dense_plots={d.name: plots.histogram(d.edges, d.counts) for d in table.dense if d.edges},
        sparse_plots={s.name: _sizes(s.row_sizes) for s in table.sparse},
        drift={one.name: one for one in report.drift if one.kind != "columns"},
        drifted=sorted(report.drift, key=lambda one: -one.psi),
        drift_plots={(one.name, one.kind): plots.compared(one.expected, one.actual) for one in report.drift},
        trend_plots={name: _trend(trend) for name, trend in trends.items() if len(trend.points) > 1},
    )


def notes(table: TableStatistics, unknown_products: int) -> Iterable[str]:
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


def _trend(trend: Trend) -> str:
    runs = [point.run for point in trend.points]
    lines = {
        "mean": [point.mean for point in trend.points],
        "missing": [point.missing for point in trend.points],
        "PSI": [point.psi for point in trend.points],
    }
    return plots.trends(runs, lines)


def render_labels(labels: Mapping[str, int]) -> str:
    """Bars of the labels; of more than fit, those of the most frequent ones, and one of the rest."""
    shown = dict(labels)
    if len(shown) > _LABEL_BARS:
        single = sorted((name for name in labels if name != OTHER), key=lambda name: -labels[name])[: _LABEL_BARS - 1]
        shown = {name: rows for name, rows in labels.items() if name in single}
        shown[OTHER] = sum(labels.values()) - sum(shown.values())
    return plots.bars(list(shown), list(shown.values()))


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


def _duration(seconds: float) -> str:
    """Time a row."""
    nanoseconds = seconds * 1e9
    return f"{nanoseconds:,.0f} ns" if nanoseconds < 10_000 else f"{nanoseconds / 1000:,.1f} µs"
