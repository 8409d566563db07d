"""`python -m eval`: ask the known questions, print the figures, fail below the floors.

Exit codes: 0 all floors held, 1 a figure is below its floor, 2 wrong use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from eval.metrics import Figures, Row, figures
from eval.questions import load_questions
from eval.run import run
from rag.config import Config
from rag.errors import RagError

HERE = Path(__file__).parent
# Releases of onnxruntime round int8 differently, which moves a few answers: the floors leave room for it.
FLOORS = {"accuracy (en)": 0.80, "accuracy (zh)": 0.90, "exact quotes": 1.0, "unanswerable refused": 0.60}
CEILINGS = {"answerable refused": 0.07}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m eval", description="Ask the known questions and check the answers.")
    parser.add_argument("--questions", type=Path, default=HERE / "questions.jsonl", metavar="FILE")
    parser.add_argument("--docs", type=Path, default=HERE.parent / "seeds", metavar="DIR")
    parser.add_argument("--misses", action="store_true", help="list every question that went wrong")
    options = parser.parse_args(arguments)
    console = Console()
    try:
        questions = load_questions(options.questions, options.docs)
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Asking", total=len(questions))
            rows = run(questions, Config(docs=options.docs), lambda done, total: bar.update(task, completed=done))
    except RagError as error:
        print(f"eval: {error}", file=sys.stderr)
        return 2
    found = _named(figures(rows))
    below = _print_table(console, found)
    _print_cost(console, rows)
    if options.misses or below:
        _print_misses(console, rows)
    return 1 if below else 0


def _named(values: Figures) -> dict[str, tuple[float, int]]:
    return {
        **{f"accuracy ({language})": share for language, share in values.accuracy.items()},
        "exact quotes": values.exact_quotes,
        "unanswerable refused": values.refused_unanswerable,
        "answerable refused": values.refused_answerable,
        "calibration error": values.calibration_error,
    }


def _print_table(console: Console, found: dict[str, tuple[float, int]]) -> list[str]:
    table = Table("figure", "value", "over", "bound", "")
    below = []
    for name, (value, size) in found.items():
        held = (value >= FLOORS.get(name, 0.0) and value <= CEILINGS.get(name, 1.0)) or not size
        bound = f"≥ {FLOORS[name]:.0%}" if name in FLOORS else f"≤ {CEILINGS[name]:.0%}" if name in CEILINGS else ""
        table.add_row(name, f"{value:.1%}", str(size), bound, "" if not bound else "[green]ok" if held else "[red]below")
        if not held:
            below.append(name)
    console.print(table)
    return below


def _print_cost(console: Console, rows: Sequence[Row]) -> None:
    times = sorted(row.milliseconds for row in rows)
    if times:
        p50, p95 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
        console.print(f"milliseconds a question: p50 {p50:.0f}, p95 {p95:.0f}")


def _print_misses(console: Console, rows: Sequence[Row]) -> None:
    for row in rows:
        answer, question = row.answer, row.question
        if question.answerable and not (row.right and row.right_file):
            what = "refused" if not answer.answered else "wrong file" if row.right else "wrong answer"
        elif not question.answerable and answer.answered:
            what = "answered, though the documents do not"
        else:
            continue
        given = answer.short or answer.text
        source = answer.citations[0].source if answer.citations else ""
        console.print(f"\n{question.id}: {what} ({answer.confidence:.0%})", style="bold", markup=False)
        console.print(f"  asked     {question.question}\n  expected  {' | '.join(question.answers) or '(refusal)'}", markup=False)
        console.print(f"  given     {given[:200]!r} {source}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
