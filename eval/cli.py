"""`rag eval`: run the known questions, add one, check a file of them.

Exit codes: 0 all bounds held, 1 a figure is out of its bounds or worse than before, 2 wrong use, 4 index or model broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Column, Table
from rich.text import Text

import rag.inputs as inputs
from eval.gate import run_folders
from eval.html import COMPARED, show, show_change, worst_first, write_html
from eval.metrics import FAILURES, FIGURES
from eval.questions import QuestionSet
from eval.report import Report, build, load_bounds, load_earlier
from eval.run import load_for, run
from rag.config import SAMPLE, Config
from rag.errors import IndexBroken, ModelBroken, RagError, UsageError
from rag.places import INDEX_DIR
from rag.printable import all_printable
from rag.terminal import Console, progress_bar

HERE = Path(__file__).parent
SHIPPED, FLOORS = HERE / "questions.jsonl", HERE / "floors.toml"
_COLUMNS = 4
"""Figures of a variant that fit in a terminal."""
HELD, FAILED, WRONG_USE, BROKEN = 0, 1, 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    with all_printable():
        return _main(list(sys.argv[1:] if arguments is None else arguments))


def _main(arguments: Sequence[str]) -> int:
    try:
        inputs.arguments(arguments)
        if arguments[:1] in (["add"], ["check"]):
            from eval import authoring

            return authoring.main(arguments)
        return _evaluate(_parser().parse_args(arguments))
    except RagError as error:
        print(f"rag eval: {error}", file=sys.stderr)
        return BROKEN if isinstance(error, (IndexBroken, ModelBroken)) else WRONG_USE
    except KeyboardInterrupt:
        print("rag eval: stopped; vectors are kept, run the command again.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rag eval",
        description="Ask known questions, and measure answers, citations, refusals and confidence.",
        epilog="rag eval add QUESTION writes a new question; rag eval check FILE checks a file of them.",
    )
    parser.add_argument(
        "--questions", type=Path, default=SHIPPED, metavar="FILE",
        help="JSON Lines, CSV, SQuAD or CMRC JSON, or a BEIR folder (default: the shipped ones)",
    )  # fmt: skip
    parser.add_argument(
        "--docs", type=Path, metavar="DIR", help="the folder they are asked of (default: RAG_DOCS, or the sample)"
    )
    parser.add_argument("--index-dir", metavar="DIR", help=INDEX_DIR)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write report.json and report.html there")
    parser.add_argument("--against", type=Path, metavar="REPORT", help="an earlier report.json; fails where this run is worse")
    parser.add_argument("--variants", nargs="+", default=[], metavar="NAME", help="also measure these, or: all")
    parser.add_argument(
        "--floors", type=Path, metavar="FILE", help="bounds (default: the shipped ones for the shipped questions)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="ask only N of them, drawn by --seed; no bounds then")
    parser.add_argument("--seed", type=int, default=0, help="of the draw and of the intervals")
    parser.add_argument("--misses", action="store_true", help="list every question that went wrong")
    return parser


def _evaluate(options: argparse.Namespace) -> int:
    from eval.baselines import chosen

    variants = chosen(options.variants)
    shipped = options.questions == SHIPPED
    config = Config.from_environment(docs=options.docs or (SAMPLE if shipped else None), index_dir=options.index_dir)
    questions = load_for(options.questions, options.docs, config)
    bounds = load_bounds(options.floors or (FLOORS if shipped and options.limit is None else None))
    earlier = (options.against, *load_earlier(options.against)) if options.against else None
    if options.limit is not None:
        questions = _drawn(questions, options.limit, options.seed)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    with progress_bar("starting") as on_progress:
        results = run(questions, config, variants, on_progress)
        on_progress("working out the figures", 0, 1)
        report = build(results, questions, config, bounds, earlier, options.seed)
        folders = run_folders(config, on_progress, options.seed) if shipped and options.limit is None else None
    console = Console()
    for each in filter(None, (report, folders)):
        console.rule(Text(each.about["questions"]["name"]))
        _print(console, each)
        if options.misses or each.breaches:
            _print_misses(console, each)
    if options.out:
        text = json.dumps(report.to_dict(), ensure_ascii=False, indent=1)
        (options.out / "report.json").write_text(text, encoding="utf-8")
        write_html(report, options.out / "report.html")
        if folders:
            text = json.dumps(folders.to_dict(), ensure_ascii=False, indent=1)
            (options.out / "folders.json").write_text(text, encoding="utf-8")
            write_html(folders, options.out / "folders.html")
        console.print(f"\nwritten: {options.out / 'report.json'}, {options.out / 'report.html'}", style="dim", markup=False)
    return FAILED if report.breaches or (folders and folders.breaches) else HELD


def _drawn(questions: QuestionSet, limit: int, seed: int) -> QuestionSet:
    if limit < 1:
        raise UsageError(f"--limit is {limit}; it must be 1 or more.")
    count = min(limit, len(questions.questions))
    places = sorted(random.Random(seed).sample(range(len(questions.questions)), count))
    return replace(questions, questions=tuple(questions.questions[i] for i in places))


def _print(console: Console, report: Report) -> None:
    console.print(Text(report.verdict, style="bold"))
    table = Table(
        "figure", *_right("value", "95 % interval", "questions", "bound"), *(_right("change") if report.against else ())
    )
    for figure in FIGURES:
        if figure.name not in report.ours.figures:
            continue
        value = report.ours.figures[figure.name]
        cells = [
            figure.name,
            show(figure.name, value.value),
            "too few to tell" if value.few else _interval(show, figure.name, value.low, value.high),
            str(value.size),
        ]
        low, high = report.floors.get(figure.name), report.ceilings.get(figure.name)
        cells.append(
            f"≥ {show(figure.name, low)}" if low is not None else f"≤ {show(figure.name, high)}" if high is not None else ""
        )
        if report.against:
            change = report.against["differences"].get(figure.name)
            cells.append(show_change(figure.name, change.value) if change else "")
        table.add_row(*cells)
    console.print(table)
    if len(report.variants) > 1:
        _print_variants(console, report)
    parts = Table("part", "", *_right("right", "questions"), title="share right, by part")
    for kind, found in report.breakdown.items():
        for part, value in found.items():
            parts.add_row(kind, Text(part), f"{value.value:.0%}", str(value.size))
    console.print(parts)
    for each in report.next:
        console.print(f"next: {each}", markup=False)
    if left_out := report.about["questions"]["left_out"]:
        console.print(f"{left_out} of the file's questions left out: they have no text")
    cost = report.ours.cost
    console.print(f"milliseconds a question: p50 {cost['milliseconds_p50']:.0f}, p95 {cost['milliseconds_p95']:.0f}")
    for breach in report.breaches:
        console.print(Text.assemble(("fails: ", "bold red"), breach.reason, (f"  ({', '.join(breach.questions)})", "dim")))


def _print_variants(console: Console, report: Report) -> None:
    names = [name for name in COMPARED[:_COLUMNS] if name in report.ours.figures]
    table = Table("variant", *_right(*names, "ms p50"), title="below each: ours less it, with the 95 % interval")
    for variant in report.variants:
        cells = []
        for name in names:
            value, gap = variant.figures.get(name), variant.differences.get(name)
            shown = show(name, value.value) if value else "–"
            cells.append(
                f"{shown}\n{show_change(name, gap.value)}\n{_interval(show_change, name, gap.low, gap.high)}" if gap else shown
            )
        table.add_row(variant.name, *cells, f"{variant.cost['milliseconds_p50']:.0f}")
    console.print(table)


def _right(*names: str) -> list[Column]:
    return [Column(name, justify="right") for name in names]


def _interval(written: Callable[[str, float], str], name: str, low: float, high: float) -> str:
    return f"[{written(name, low)}, {written(name, high)}]"


def _print_misses(console: Console, report: Report) -> None:
    for row, failed in worst_first(report.ours.rows):
        if not failed:
            continue
        console.print(f"\n{row.id}: {failed} ({row.confidence:.0%})", style="bold", markup=False)
        console.print(f"  asked     {row.question}", markup=False)
        console.print(f"  expected  {' | '.join(row.expected) or '(a refusal)'}", markup=False)
        source = f"  {row.citations[0]['source']}" if row.citations else ""
        console.print(f"  given     {(row.short or row.text or row.reason)[:200]!r}{source}", markup=False)
        console.print(f"  because   {FAILURES[failed]}", markup=False)
