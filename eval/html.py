"""A `Report` → one self-contained page for a person: no script, nothing fetched, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval import plots
from eval.metrics import BY_NAME as FIGURE
from eval.metrics import FAILURES, FEW, FIGURES, Row, failure, reliability, risk_coverage
from eval.report import Measured, Report

TEMPLATES = Path(__file__).parent
SHARES = {f.name for f in FIGURES} - {"AURC", "Brier score", "calibration error"}
"""Figures that read best as a percentage."""
COMPARED = ("right", "AURC", "passage recall@1", "file recall@1", "F1", "passage recall@5")
"""What the table of variants shows, as far as it was measured."""
_GRAVITY = ("wrongly answered", "wrong span", "wrong file", "retrieved but not read", "not retrieved", "wrongly refused", "")
_KS = (1, 3, 5, 10)


def write_html(report: Report, path: Path) -> None:
    path.write_text(report_page(report), encoding="utf-8")


def report_page(report: Report) -> str:
    """The page's HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    page = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    page.filters["figure"] = show
    page.filters["change"] = show_change
    return page.get_template("report.html.j2").render(
        report=report,
        groups=_groups(report),
        compared=[name for name in COMPARED if name in report.ours.figures],
        what=lambda name: FIGURE[name].what,
        plots=[(title, Markup(svg)) for title, svg in _plots(report)],
        questions=worst_first(report.ours.rows),
        failures=FAILURES,
        few=FEW,
        surroundings=surroundings,
    )


def show(name: str, value: float) -> str:
    """A figure as text: a percentage, or a plain number for errors and areas."""
    return f"{value:.1%}" if name.partition(" / ")[0] in SHARES else f"{value:.3f}"


def show_change(name: str, value: float) -> str:
    return f"{value * 100:+.1f}" if name.partition(" / ")[0] in SHARES else f"{value:+.3f}"


def worst_first(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """Each row with its failure: the surest wrong answers first, then what was refused, then what is right, the least sure first."""

    def key(item: tuple[Row, str]) -> tuple[int, float, str]:
        row, failed = item
        return _GRAVITY.index(failed), -row.confidence if failed else row.confidence, row.id

    return sorted(((row, failure(row)) for row in rows), key=key)


def surroundings(row: Row, source: str, start: int, end: int) -> dict[str, Any] | None:
    """The gold quote's entry that a citation overlaps, if one does."""
    return next((g for g in row.evidence if g["source"] == source and g["start"] < end and start < g["end"]), None)


def _groups(report: Report) -> list[tuple[str, list[str]]]:
    groups = dict.fromkeys(figure.group for figure in FIGURES)
    named = [(g, [f.name for f in FIGURES if f.group == g and f.name in report.ours.figures]) for g in groups]
    return [(group, names) for group, names in named if names]


def _plots(report: Report) -> list[tuple[str, str]]:
    """(title, SVG) of each plot that the run has data for."""
    drawn = []
    level = "passage" if "passage recall@1" in report.ours.figures else "file"
    recalls = {v.name: {k: _recall(v, level, k) for k in _KS} for v in report.variants if f"{level} recall@1" in v.figures}
    if recalls:
        title = f"Is the {level} with the answer found?"
        drawn.append((title, plots.recall_plot(recalls, title)))
    pairs = {v.name: FIGURE["AURC"].contributions(v.rows) for v in report.variants if "AURC" in v.figures}
    if pairs:
        title = "The fewer questions it answers, the fewer are wrong?"
        drawn.append((title, plots.risk_plot({name: risk_coverage(found) for name, found in pairs.items()}, title)))
        title = "Does the confidence mean what it says?"
        drawn.append((title, plots.reliability_plot(reliability(pairs[report.ours.name]), title)))
    title = "What does a question cost?"
    drawn.append((title, plots.latency_plot({v.name: v.cost["stages_p50"] for v in report.variants}, title)))
    return drawn


def _recall(variant: Measured, level: str, k: int) -> tuple[float, float, float]:
    """With its interval; of too few questions the value alone."""
    value = variant.figures[f"{level} recall@{k}"]
    return (value.value, value.value, value.value) if value.few else (value.value, value.low, value.high)
