"""An `Answer` → HTML: the answer with its chips, the refusal, the evidence beside it. Nothing is worked out here but whether each
quote is the file's characters at this moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Answer, Citation, ClosePassage, Considered, File, Span
from rag.errors import RagError
from rag.messages import Say, say_in
from rag.pipeline import Rag
from rag.transcripts import to_text
from rag.web.desk import Work
from rag.web.marks import Document, Node, marked, merged, quoted
from rag.web.rendering import render

_SHOWN_STATES = {"quote verbatim": "verbatim", "quote moved": "edited", "quote changed": "edited", "quote unreadable": "deleted"}
_MAX_OTHERS = 3
"""Passages that were not cited and are shown beside those that were."""


@dataclass(frozen=True)
class Cited:
    """A cited file, as it is now."""

    citation: Citation
    state: str
    """`verbatim`, `edited` or `deleted` since it was quoted."""
    where: str
    """The quote's place, in words."""
    quote: tuple[Node, ...]
    """As its file draws it; empty where the file no longer holds it."""
    document: Document | None
    """None where the file is gone."""

    @property
    def copied(self) -> str:
        """The quote with its place, to be put into another text."""
        citation = self.citation
        return f"“{citation.quote}” — {citation.title or citation.source}, {self.where}, sha256 {citation.sha256}"


@dataclass(frozen=True)
class Found:
    """A passage that was not cited."""

    source: str
    about: str
    """Why it is shown, and where it stands."""
    words: str = ""
    """What was found, on one line."""
    quote: tuple[Node, ...] = ()
    document: Document | None = None
    """None where the file cannot be read."""
    failed: str = ""
    """Why it cannot."""


def answer_html(
    answer: Answer,
    rag: Rag,
    say: Say,
    *,
    correcting: bool = False,
    judged: bool = True,
    verdict: str = "",
    noted: bool = False,
    note: str = "",
) -> str:
    """The answer or its items, or the refusal with what the documents lack; first how a misspelt word was read.

    What belongs to the answer is in its question's language, the rest is said by `say`. `correcting` asks what would have been right; where it can be
    `judged`, `verdict` is what was said of it, "right" or "wrong". `noted` is whether the notebook keeps it.
    """
    return render(
        "answer.html.j2",
        answer=answer,
        unread=[file for file in answer.gaps.unread if file.state == "failed"],
        copied=to_text(answer),
        correcting=correcting,
        judged=judged,
        noted=noted,
        verdict=verdict,
        note=note,
        own=say_in(answer.language),
        say=say,
    )


def writing_html(waiting: Sequence[Work], say: Say) -> str:
    """The question that is being answered, with what a language model has written so far, and those that wait behind it."""
    return render("writing.html.j2", waiting=waiting, say=say)


def evidence_html(answer: Answer, rag: Rag, place: str, say: Say) -> str:
    """The cards: each cited file with its quote, then what else was found; of a refusal, the closest passages."""
    return render("evidence.html.j2", **evidence_of(answer, rag, place, say), scope="", say=say)


def evidence_of(answer: Answer, rag: Rag, place: str, say: Say) -> dict[str, list[Cited] | list[Found]]:
    """What the cards show, by the names that `evidence.html.j2` gives them."""
    files = Files(rag, place, say)
    cards: list[Cited] = []
    others: list[Found] = []
    closest: list[Found] = []
    if answer.answered:
        strong = {number: reading.short for reading in answer.readings for number in reading.numbers}
        strong |= {item.number: item.text for part in answer.parts for item in answer.items}
        cards = [files.cited(citation, strong.get(citation.number, answer.short)) for citation in answer.citations]
        sources = {citation.source for citation in answer.citations}
        considered = [p for p in answer.trace.considered if p.source not in sources]
        others = [files.other(passage) for passage in considered[:_MAX_OTHERS]]
    else:
        closest = [files.close(passage, answer.trace.threshold) for passage in answer.gaps.closest]
    return {"cards": cards, "others": others, "closest": closest}


class Files:
    """What is shown of the files of one place, as they are now."""

    def __init__(self, rag: Rag, place: str, say: Say) -> None:
        self._rag = rag
        self._place = place
        self._say = say

    def cited(self, citation: Citation, short: str) -> Cited:
        where = f"{citation.source}{citation.placed(self._say)}, {self._where(citation.start, citation.end)}"
        checked, file = self._rag.checked(citation)
        state = _SHOWN_STATES[checked]
        if file is None:
            return Cited(citation, state, where, (), None)
        if state != "verbatim":
            return Cited(citation, state, where, (), marked(file, [(0, len(file.text))], None, "", self._place))
        return Cited(citation, state, where, *self._drawn(file, (citation.start, citation.end), short))

    def close(self, passage: ClosePassage, threshold: float) -> Found:
        say = self._say
        near = passage.is_near(threshold)
        why = [say("probability", value=f"{passage.confidence:.0%}")] if near else []
        why += [say("does not mention", words=", ".join(passage.lacks))] if passage.lacks else []
        why += [say("is not about", words=", ".join(passage.not_about))] if passage.not_about else []
        return self._found(passage.source, (passage.start, passage.end), passage.found if near else "", why)

    def other(self, passage: Considered) -> Found:
        why = [f"{self._say('score')} {passage.score:.2f}"]
        return self._found(passage.source, (passage.start, passage.end), passage.span, why)

    def _found(self, source: str, span: Span, strong: str, why: Sequence[str]) -> Found:
        about = " · ".join([*why, self._where(*span)])
        try:
            file = self._rag.file(source)
        except RagError as error:
            return Found(source, about, failed=error.told(self._say))
        words = " ".join((strong or file.text[slice(*span)]).split())
        return Found(source, about, words, *self._drawn(file, span, strong))

    def _where(self, start: int, end: int) -> str:
        return f"{self._say('characters')} {start}–{end}"

    def _drawn(self, file: File, span: Span, strong: str) -> tuple[tuple[Node, ...], Document]:
        """The quote alone, and in its document."""
        cover = merged(self._rag.outline(file.source))
        return quoted(file, span, strong), marked(file, cover, span, strong, self._place)
