"""The report of a label run: one HTML page that needs nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from buzzsaw.jobs import plots
from buzzsaw.jobs.pages import templates
from buzzsaw.jobs.stages import Stages
from buzzsaw.labels.manifest import LogRef, Removed
from buzzsaw.labels.propensity import Propensities, Swap
from buzzsaw.labels.settings import LabelSettings


def render(
    settings: LabelSettings,
    *,
    now: datetime,
    days: tuple[date, date, date],
    inputs: Mapping[str, LogRef],
    removed: Removed,
    ratings: Mapping[int, int],
    propensities: Propensities,
    swaps: Sequence[Swap],
    stages: Stages,
) -> str:
    """The page as HTML text; nothing in it is fetched from elsewhere.

    Args:
        settings: Those of the run.
        now: Its time.
        days: The first and the last day that are labelled, and the oldest that is read.
        inputs: What was read.
        removed: What the rules took away.
        ratings: Rows by rating.
        propensities: By position.
        swaps: What they were estimated from.
        stages: How long each took.
    """
    rules = {name.replace("_", " "): count for name, count in dataclasses.asdict(removed).items()}
    slowest = sorted(stages.seconds.items(), key=lambda stage: -stage[1])
    pairs = dict.fromkeys(propensities.positions, 0)
    for swap in swaps:
        for position in (swap.first, swap.second):
            pairs[position] += swap.pairs
    clipped = [p for p in propensities.values if p * settings.weight_clip < 1]
    return (
        templates("buzzsaw.labels")
        .get_template("report.html.jinja")
        .render(
            title=settings.title,
            now=now,
            days=days,
            inputs=inputs,
            rules=rules,
            rows=sum(ratings.values()),
            rating_plot=plots.bars([str(rating) for rating in ratings], list(ratings.values())),
            # In percent: bars show whole numbers.
            propensity_plot=plots.bars(
                [str(k) for k in propensities.positions], [100 * p for p in propensities.values]
            ),
            propensities=list(zip(propensities.positions, propensities.values, pairs.values(), strict=True)),
            source=propensities.source,
            rounds=propensities.rounds,
            clip=settings.weight_clip,
            clipped=len(clipped),
            stage_plot=plots.timeline([name for name, _ in slowest], [seconds for _, seconds in slowest]),
        )
    )
