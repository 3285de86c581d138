"""Plots of reports, as SVG text to put into the page."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _MUTED, _BAR, _PALE, _GRID = "#1f2933", "#7b8794", "#3b6ea8", "#c3cfdc", "#e4e7eb"

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


def compared(expected: Sequence[int], actual: Sequence[int]) -> str:
    """Shares of two distributions over the same bins side by side, the expected ones paler; axes have no numbers."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(3.1, 0.7, layout=None)
        figure.subplots_adjust(left=0, right=1, bottom=0.03, top=1)
        for shift, counts, colour in ((0.0, expected, _PALE), (0.42, actual, _BAR)):
            whole = sum(counts) or 1
            shares = [count / whole for count in counts]
            axes.bar([k + shift for k in range(len(counts))], shares, width=0.42, align="edge", color=colour)
        axes.set_xlim(-0.1, len(expected))
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        return _svg(figure)


def trends(runs: Sequence[str], lines: Mapping[str, Sequence[float | None]]) -> str:
    """A small line for each name over the runs, with its last value; a run without a value is a gap."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(3.3, 0.95))
        figure.patch.set_alpha(0)
        figure.subplots_adjust(left=0.03, right=0.98, bottom=0.2, top=0.8, wspace=0.12)
        for i, (name, values) in enumerate(lines.items()):
            axes = figure.add_subplot(1, len(lines), i + 1)
            axes.patch.set_alpha(0)
            axes.spines[["top", "right", "left"]].set_visible(False)
            drawn = [float("nan") if value is None else value for value in values]
            axes.plot(range(len(runs)), drawn, color=_BAR, linewidth=1.1, marker="o", markersize=2)
            last = "n/a" if values[-1] is None else f"{values[-1]:.3g}"
            axes.set_title(f"{name} {last}", fontsize=7.5, color=_INK, loc="left", pad=2)
            axes.set_xticks([0, len(runs) - 1], [runs[0][5:], runs[-1][5:]] if i == 0 else ["", ""])
            axes.tick_params(length=0, labelsize=6.5)
            axes.set_yticks([])
            axes.set_xlim(-0.4, len(runs) - 0.6)
            axes.margins(y=0.2)
        return _svg(figure)


def timeline(names: Sequence[str], seconds: Sequence[float], *, labels: Sequence[str] | None = None) -> str:
    """One horizontal bar a name, the slowest on top, with its seconds or what `labels` says of it."""
    if not names:
        return ""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(11.0, 0.3 + 0.26 * len(names))
        drawn = axes.barh(range(len(names)), seconds, color=_BAR, height=0.66, linewidth=0)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", labelcolor=_INK)
        axes.invert_yaxis()
        words = labels or [f"{value:.1f} s" for value in seconds]
        axes.bar_label(drawn, labels=words, padding=3, color=_INK, fontsize=7.5)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.margins(x=0.12)
        return _svg(figure)


def _axes(width: float, height: float, *, layout: Literal["constrained"] | None = "constrained") -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout=layout)
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
