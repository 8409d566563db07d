"""The eight folders of `eval/folders`, each asked its own questions of an index of its own, as one report.

They were written before any answer was seen, so that they say how the product does on folders of the kinds people keep; what is chosen
is chosen elsewhere. Their bounds are in `eval/folders/floors.toml`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.baselines import chosen
from eval.questions import QuestionSet, load_questions
from eval.report import PARTS, Report, breakdown, build, load_bounds
from eval.run import Result, run
from rag.config import Config
from rag.places import eval_folder
from rag.reports import Progress

FOLDERS = Path(__file__).parent / "folders"
BOUNDS = FOLDERS / "floors.toml"


def run_folders(config: Config, on_progress: Progress, seed: int = 0) -> Report:
    """Ours alone. Raises UsageError where a folder's questions do not fit its files."""
    sets = load_folders(config)
    results = [run(questions, config, chosen([]), on_progress)[0] for questions in sets]
    rows = tuple(row for result in results for row in result.rows)
    digest = hashlib.sha256("".join(questions.sha256 for questions in sets).encode()).hexdigest()
    everything = tuple(question for questions in sets for question in questions.questions)
    joined = QuestionSet("eight made folders", FOLDERS, everything, digest)
    slowest = max((result.cost for result in results), key=lambda cost: cost.milliseconds_p50)
    report = build([Result(results[0].variant, rows, slowest)], joined, config, load_bounds(BOUNDS), None, seed)
    folder_of = {question.id: questions.name for questions in sets for question in questions.questions}
    keys = {"folder": lambda row: [folder_of[row.id]], "language": PARTS["language"], "type": PARTS["type"]}
    return replace(report, breakdown=breakdown(rows, seed, keys))


def load_folders(config: Config) -> Sequence[QuestionSet]:
    """In name order, each by its folder's name."""
    found = []
    for folder in sorted(path for path in FOLDERS.iterdir() if path.is_dir()):
        questions = load_questions(folder / "questions.jsonl", folder / "docs", eval_folder(config) / "documents")
        found.append(replace(questions, name=folder.name))
    return found
