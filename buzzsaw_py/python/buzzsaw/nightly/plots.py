"""Plots of the report, as SVG text to put into the page."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _MUTED, _BAR, _GRID = "#1f2933", "#7b8794", "#3b6ea8", "#e4e7eb"

_STYLE: dict[Any, Any] = {
    # Text stays text: smaller files, and the page's own font.
    "svg.fonttype": "none",
    # Element ids are hashed; without a fixed salt every report would differ.
    "svg.hashsalt": "buzzsaw",
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _MUTED,
    "xtick.color": _MUTED,
    "ytick.color": _MUTED,
}


def histogram(edges: Sequence[float], counts: Sequence[int]) -> str:
    """Bars between `edges`; the axis of counts starts at zero."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(3.1, 1.25)
        widths = [high - low for low, high in itertools.pairwise(edges)]
        axes.bar(edges[:-1], counts, width=widths, align="edge", color=_BAR, linewidth=0)
        axes.set_xlim(edges[0], edges[-1])
        axes.locator_params(axis="x", nbins=5)
        axes.locator_params(axis="y", nbins=3)
        return _svg(figure)


def bars(names: Sequence[str], values: Sequence[float], *, width: float = 3.6, height: float = 1.6) -> str:
    """One bar a name, with its value above."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(width, height)
        drawn = axes.bar(range(len(names)), values, color=_BAR, width=0.72, linewidth=0)
        axes.set_xticks(range(len(names)), names)
        axes.bar_label(drawn, labels=[f"{value:,.0f}" for value in values], padding=2, color=_INK, fontsize=7.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.margins(y=0.18)
        return _svg(figure)


def timeline(names: Sequence[str], seconds: Sequence[float]) -> str:
    """One horizontal bar a stage, the slowest on top."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(11.0, 0.3 + 0.26 * len(names))
        drawn = axes.barh(range(len(names)), seconds, color=_BAR, height=0.66, linewidth=0)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", labelcolor=_INK)
        axes.invert_yaxis()
        axes.bar_label(drawn, labels=[f"{value:.1f} s" for value in seconds], padding=3, color=_INK, fontsize=7.5)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.margins(x=0.12)
        return _svg(figure)


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0)
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    return figure, axes


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    # Inside HTML an SVG has no prologue, and its size is the page's affair.
    head, rest = text[text.index("<svg") :].split(">", 1)
    return re.sub(r' (width|height)="[^"]*"', "", head) + ">" + rest
