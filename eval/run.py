"""Questions → rows: each is asked of a temporary index, and each quote is compared with the file's own characters."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.metrics import Row, matches
from eval.questions import Question
from rag.answers import Answer
from rag.config import Config
from rag.documents import read_text
from rag.pipeline import Rag


def run(questions: Sequence[Question], config: Config, on_progress: Callable[[int, int], None]) -> list[Row]:
    """Ask every question of a fresh index of `config.docs`; the user's own index is not touched."""
    with tempfile.TemporaryDirectory() as index, Rag(replace(config, index_dir=index, chroma_url=None)) as rag:
        rag.sync()
        rows = []
        for done, question in enumerate(questions):
            on_progress(done, len(questions))
            rows.append(ask(rag, question))
        on_progress(len(questions), len(questions))
        return rows


def ask(rag: Rag, question: Question) -> Row:
    history: list[Answer] = []
    for earlier in question.history:
        history.append(rag.answer(earlier, history))
    began = time.perf_counter()
    answer = rag.answer(question.question, history)
    milliseconds = (time.perf_counter() - began) * 1000
    docs = Path(rag.config.docs)
    exact = all(read_text(docs / c.source)[c.start : c.end] == c.quote for c in answer.citations)
    sources = {evidence.source for evidence in question.evidence}
    right_file = bool(answer.citations) and answer.citations[0].source in sources
    return Row(question, answer, matches(question, answer), right_file, exact, milliseconds)
