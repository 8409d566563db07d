"""Questions × variants → rows: every question is asked, every quote compared with the file's own characters.

The user's index is not touched: evaluations keep their own in `places.eval_folder`, so that a second run embeds nothing again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.baselines import Opened, Variant
from eval.metrics import DEPTH, SENTENCE_TYPES, Row, answer_f1, exact_match, is_right, percentile, ranking
from eval.questions import SPAN, Evidence, Question, QuestionSet, load_questions
from rag.answers import Answer, Citation, Considered
from rag.config import Config
from rag.corpus.documents import read_text
from rag.errors import DocumentError, UsageError
from rag.places import bytes_below, eval_folder, index_folder

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, total)."""
AROUND = 160
"""Characters shown before and after a gold quote."""
MAX_PLACES = 5
"""Places of one gold quote that are kept for the report."""


@dataclass(frozen=True)
class Cost:
    """What a variant took on this machine; compare within one run only."""

    milliseconds_p50: float
    milliseconds_p95: float
    stages_p50: dict[str, float]
    stages_p95: dict[str, float]
    index_seconds: float | None
    """None where the index was there from an earlier run, or is not ours."""
    chunks: int | None
    index_bytes: int | None
    peak_mebibytes: float | None
    """Of the whole process up to the end of this variant; None where the system does not say."""

    @property
    def seconds_per_1000_chunks(self) -> float | None:
        return self.index_seconds / self.chunks * 1000 if self.index_seconds and self.chunks else None


@dataclass(frozen=True)
class Result:
    """One variant's outcome."""

    variant: Variant
    rows: tuple[Row, ...]
    cost: Cost


def load_for(path: Path, docs: Path | None, config: Config) -> QuestionSet:
    """The question file, with its documents; UsageError when both the file and the caller bring some."""
    if docs is not None and (path.is_dir() or path.suffix == ".json"):
        raise UsageError(f"{path} brings its own documents; leave --docs out.")
    return load_questions(path, Path(config.docs), eval_folder(config) / "documents")


def run(
    questions: QuestionSet, config: Config, variants: Sequence[Variant], on_progress: Progress = lambda *_: None
) -> list[Result]:
    """Every question asked of every variant, in the order given."""
    config = replace(config, docs=questions.docs, index_dir=eval_folder(config), catalog_url=None, chroma_url=None)
    return [_run_one(questions.questions, config, variant, on_progress) for variant in variants]


def _run_one(questions: Sequence[Question], config: Config, variant: Variant, on_progress: Progress) -> Result:
    def indexing(step: str, done: int, total: int) -> None:
        on_progress(f"{variant.name}: indexing, {step}", done, total)

    texts = Texts(Path(config.docs))
    answers: list[tuple[Answer, float]] = []
    with variant.open(config, indexing) as opened:
        opened.ask(questions[0].question, ())  # what is loaded on first use is no question's cost
        for done, question in enumerate(questions):
            on_progress(f"{variant.name}: asking", done, len(questions))
            answers.append(_ask(opened, question))
        on_progress(f"{variant.name}: asking", len(questions), len(questions))
        rows = make_rows(questions, [a for a, _ in answers], [ms for _, ms in answers], texts, variant.answers)
        return Result(variant, tuple(rows), _cost(opened, config, rows))


def _ask(opened: Opened, question: Question) -> tuple[Answer, float]:
    history: list[Answer] = []
    for earlier in question.history:
        history.append(opened.ask(earlier, tuple(history)))
    began = time.perf_counter()
    answer = opened.ask(question.question, tuple(history))
    return answer, (time.perf_counter() - began) * 1000


class Texts:
    """The files' texts as they are now, each read once; "" for one that cannot be read."""

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._held: dict[str, str] = {}

    def __getitem__(self, source: str) -> str:
        if source not in self._held:
            try:
                self._held[source] = read_text(self._docs / source)
            except DocumentError:
                self._held[source] = ""
        return self._held[source]


def make_rows(
    questions: Sequence[Question],
    answers: Sequence[Answer],
    milliseconds: Sequence[float],
    texts: Texts,
    gives_answers: bool = True,
) -> list[Row]:
    """The rows of one variant. Answers and times are in the questions' order."""
    passage_runs, passage_golds, file_runs, file_golds = {}, {}, {}, {}
    for question, answer in zip(questions, answers):
        found = answer.trace.considered[:DEPTH]
        if question.answerable:
            file_golds[question.id] = {e.source for e in question.evidence}
            file_runs[question.id] = list(dict.fromkeys(c.source for c in found))
            if question.answers:
                passage_golds[question.id] = {_gold_id(e) for e in question.evidence}
                passage_runs[question.id] = _evidence_run(question, found)
    passage_ranks, file_ranks = ranking(passage_runs, passage_golds), ranking(file_runs, file_golds)
    return [
        _row(
            question,
            answer,
            ms,
            texts,
            gives_answers,
            passage_ranks.get(question.id, {}),
            file_ranks.get(question.id, {}),
        )
        for question, answer, ms in zip(questions, answers, milliseconds)
    ]


def _gold_id(evidence: Evidence) -> str:
    return f"gold {evidence.source} {evidence.quote}"


def _holds(passage: Considered, evidence: Evidence) -> bool:
    return passage.source == evidence.source and any(passage.start <= s and e <= passage.end for s, e in evidence.spans)


def _evidence_run(question: Question, found: Sequence[Considered]) -> list[str]:
    """The ranking in terms of gold quotes: a passage stands for those that it is the first to hold, else for itself.

    So recall is the share of the gold quotes that were found, however the files were cut.
    """
    run: list[str] = []
    for rank, passage in enumerate(found):
        new = [g for e in question.evidence if _holds(passage, e) and (g := _gold_id(e)) not in run]
        run += new or [f"passage {rank}"]
    return run


def _row(
    question: Question,
    answer: Answer,
    milliseconds: float,
    texts: Texts,
    gives_answers: bool,
    passage_ranks: Mapping[str, float],
    file_ranks: Mapping[str, float],
) -> Row:
    short, text = _said(answer, texts)
    golds, language = question.answers, question.language
    judged = gives_answers and bool(golds) and question.type not in SENTENCE_TYPES
    given = answer.short if answer.answered else ""
    found = answer.trace.considered[:DEPTH]
    gold = [any(_holds(c, e) for e in question.evidence) for c in found]
    gold_ranks = [rank for rank, holds in enumerate(gold, start=1) if holds]
    return Row(
        id=question.id,
        question=question.question,
        type=question.type,
        language=language,
        answerable=question.answerable,
        expected=golds,
        evidence=tuple(_shown(e, s, texts) for e in question.evidence for s in (e.spans or ((0, 0),))[:MAX_PLACES]),
        answered=answer.answered,
        short=answer.short,
        text=answer.text,
        reason=answer.reason,
        confidence=answer.confidence,
        right=is_right(question.type, language, golds, short, text, question.type == SPAN, answer.verdict),
        exact_match=exact_match(given, golds, language) if judged else None,
        f1=answer_f1(given, golds, language) if judged else None,
        citations=tuple(_cited(c, texts) for c in answer.citations),
        passage_ranks=dict(passage_ranks),
        file_ranks=dict(file_ranks),
        found_at=gold_ranks[0] if gold_ranks else None,
        read=any(c.read and holds for c, holds in zip(found, gold)),
        milliseconds=milliseconds,
        stages={stage.name: stage.milliseconds for stage in answer.trace.stages},
        passages=tuple(_passage(c, holds, texts) for c, holds in zip(found, gold)),
    )


def _said(answer: Answer, texts: Texts) -> tuple[str, str]:
    """The short answer and the text it stands in, given or held back."""
    if answer.answered or not answer.gaps.closest:
        return answer.short, answer.text if answer.answered else ""
    closest = answer.gaps.closest[0]
    return closest.found, texts[closest.source][closest.start : closest.end]


def _cited(citation: Citation, texts: Texts) -> dict[str, object]:
    exact = texts[citation.source][citation.start : citation.end] == citation.quote
    return {"source": citation.source, "start": citation.start, "end": citation.end, "quote": citation.quote, "exact": exact}


def _shown(evidence: Evidence, span: tuple[int, int], texts: Texts) -> dict[str, object]:
    start, end = span
    text = texts[evidence.source] if evidence.quote else ""
    return {
        "source": evidence.source,
        "start": start,
        "end": end,
        "quote": evidence.quote,
        "before": text[max(0, start - AROUND) : start],
        "after": text[end : end + AROUND],
    }


def _passage(passage: Considered, gold: bool, texts: Texts) -> dict[str, object]:
    return {
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
        "opening": texts[passage.source][passage.start : passage.start + 80] if passage.start >= 0 else "",
        "score": round(passage.score, 4),
        "dense": round(passage.dense, 4),
        "lexical": round(passage.lexical, 4),
        "span": passage.span,
        "margin": None if passage.margin is None else round(passage.margin, 3),
        "gold": gold,
    }


def _cost(opened: Opened, config: Config, rows: Sequence[Row]) -> Cost:
    times = [row.milliseconds for row in rows]
    names = dict.fromkeys(name for row in rows for name in row.stages)
    stages = {name: [row.stages[name] for row in rows if name in row.stages] for name in names}
    report = opened.report
    fresh = report is not None and report.embedded == report.chunks and report.chunks > 0
    return Cost(
        milliseconds_p50=percentile(times, 0.5),
        milliseconds_p95=percentile(times, 0.95),
        stages_p50={name: percentile(found, 0.5) for name, found in stages.items()},
        stages_p95={name: percentile(found, 0.95) for name, found in stages.items()},
        index_seconds=report.seconds if report and fresh else None,
        chunks=report.chunks if report else None,
        index_bytes=bytes_below(index_folder(config)) if report else None,
        peak_mebibytes=peak_mebibytes(),
    )


def peak_mebibytes() -> float | None:
    """The most memory that this process has held; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
