"""Plots as SVG text that takes the page's own colour and font. The only module that uses matplotlib."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eval.metrics import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#010203"
"""Stands for the page's text colour, and is replaced by it."""
COLOURS = ("#3b82c4", "#d97b29", "#4c9a5b", "#b0569b", "#8a7a2e", "#7d8794")
"""Told apart on light and dark ground, in the order of the variants."""
_SIZE = (5.4, 3.4)


def figure(draw: Callable[[Axes], None], title: str) -> str:
    """One plot as an `<svg>` element with `title` as its name; `draw` fills its axes."""
    import matplotlib
    from matplotlib.figure import Figure

    settings: dict[str, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": "report", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
        "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "grid.color": INK, "grid.alpha": 0.15, "axes.grid": True, "legend.frameon": False,
    }  # fmt: skip
    with matplotlib.rc_context(settings):
        drawn = Figure(figsize=_SIZE, layout="constrained")
        draw(drawn.subplots())
        out = io.StringIO()
        drawn.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"font-family: [^;\"]*|font: (\d[\w.]*) [^;\"]*", lambda m: f"font-size: {m[1]}" if m[1] else "", svg)
    svg = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    # ids repeat from plot to plot in one page
    mark = re.sub(r"\W+", "-", title.lower())
    svg = re.sub(r'\bid="', f'id="{mark}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\1{mark}-", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{title}"', 1)


def recall_plot(recalls: Mapping[str, Mapping[int, tuple[float, float, float]]], title: str) -> str:
    """Recall at k of each variant, with its interval: variant → k → (value, low, high)."""

    def draw(axes: Axes) -> None:
        for colour, (name, points) in zip(COLOURS, recalls.items()):
            ks = sorted(points)
            places = [str(k) for k in ks]
            axes.plot(places, [points[k][0] for k in ks], marker="o", color=colour, label=name)
            axes.fill_between(places, [points[k][1] for k in ks], [points[k][2] for k in ks], color=colour, alpha=0.12, lw=0)
        axes.set_xlabel("passages looked at (k)")
        axes.set_ylabel("recall@k")
        axes.set_ylim(top=1.01)
        axes.legend()

    return figure(draw, title)


def risk_plot(curves: Mapping[str, tuple[Floats, Floats]], title: str) -> str:
    """Share of wrong answers against the share of questions answered, the surest first: variant → (coverage, risk)."""

    def draw(axes: Axes) -> None:
        for colour, (name, (coverage, risk)) in zip(COLOURS, curves.items()):
            axes.plot(coverage, risk, color=colour, label=name)
        axes.set_xlabel("share of the questions answered, the surest first")
        axes.set_ylabel("share of the answers wrong")
        axes.set_ylim(bottom=0)
        axes.legend()

    return figure(draw, title)


def reliability_plot(bins: Sequence[tuple[float, float, int]], title: str) -> str:
    """Share right against stated confidence; a point's area is the number of questions in its bin."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, ls="--", lw=1, alpha=0.6)
        most = max((size for _, _, size in bins), default=1)
        sizes = [30 + 300 * size / most for _, _, size in bins]
        axes.scatter([b[0] for b in bins], [b[1] for b in bins], s=sizes, color=COLOURS[0], alpha=0.8, zorder=3)
        for stated, right, size in bins:
            axes.annotate(str(size), (stated, right), ha="center", va="center", fontsize=7, color="white", zorder=4)
        axes.set_xlim(-0.05, 1.05)
        axes.set_ylim(-0.05, 1.08)
        axes.set_xlabel("stated confidence")
        axes.set_ylabel("share right")

    return figure(draw, title)


def latency_plot(stages: Mapping[str, Mapping[str, float]], title: str) -> str:
    """Median milliseconds of each variant, by stage: variant → stage → milliseconds."""

    def draw(axes: Axes) -> None:
        names = list(stages)[::-1]
        parts = list(dict.fromkeys(part for found in stages.values() for part in found))
        left = [0.0] * len(names)
        for colour, part in zip(COLOURS, parts):
            widths = [stages[name].get(part, 0.0) for name in names]
            axes.barh(names, widths, left=left, height=0.6, color=colour, label=part)
            left = [a + b for a, b in zip(left, widths)]
        axes.set_ylim(-0.8, max(len(names) - 0.2, 1.6))
        axes.set_xlabel("milliseconds a question (median)")
        axes.grid(axis="y", visible=False)
        axes.get_figure().legend(loc="outside upper right", ncols=len(parts))  # type: ignore[union-attr]

    return figure(draw, title)


def growth_plot(lines: Mapping[str, Mapping[int, float]], unit: str, title: str) -> str:
    """Cost against the number of chunks, both on a logarithmic scale: what → chunks → cost."""

    def draw(axes: Axes) -> None:
        for colour, (name, points) in zip(COLOURS, lines.items()):
            axes.plot(list(points), list(points.values()), marker="o", color=colour, label=name)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("chunks in the index")
        axes.set_ylabel(unit)
        axes.legend()

    return figure(draw, title)
