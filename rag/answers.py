"""What the outside sees: passages, citations and answers, as plain frozen data.

The contract, held everywhere: `file_text[citation.start:citation.end] == citation.quote`, where `file_text` is the
file's decoded text with nothing stripped or normalised (`rag.documents.read_text`), or, for types that are no
text as they lie on disk, the text that their reader makes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rag.messages import Reason, Say, say_in

Span = tuple[int, int]
"""(start, end) in a file's characters."""
Style = tuple[int, int, str]
"""(start, end, how they look): HIDDEN, bold, italic, code, or the address of a link."""
HIDDEN = "hidden"
"""Characters that are only a format's marks, and are not seen where the file is drawn."""


@dataclass(frozen=True)
class Passage:
    """A stretch of one file that retrieval found; `text` is the file's characters at start:end."""

    chunk_id: str
    source: str
    start: int
    end: int
    text: str
    score: float
    title: str = ""
    date: str = ""
    language: str = ""
    sentences: tuple[tuple[int, int], ...] = ()
    """(start, end) of its sentences, in the file's characters."""
    context: str = ""
    """Lines that stand in front of it when it is embedded and read: title, path and date, the headings, the header row or lead-in."""
    context_spans: tuple[tuple[int, int], ...] = ()
    """(start, end) of the headings, header row and lead-in in the context, in the file's characters."""
    unanswering: tuple[tuple[int, int], ...] = ()
    """(start, end) of its headings and questions, in the file's characters: a span in one is no answer."""
    dense: float = 0.0
    """Cosine similarity of question and passage."""
    lexical: float = 0.0
    """BM25 score, unbounded."""

    def characters(self, start: int, end: int) -> str:
        """The file's characters start:end, which must lie in the passage."""
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True)
class Citation:
    """A receipt: the characters `start`:`end` of the file `source` are `quote`."""

    number: int
    source: str
    """Path relative to the corpus root, with forward slashes."""
    start: int
    end: int
    quote: str
    title: str
    sha256: str
    """Of the file's bytes when the quote was taken."""
    score: float
    """The passage's retrieval score, 0..1."""
    page: int | None = None
    """1-based page, for PDF files."""
    place: tuple[tuple[str, str], ...] = ()
    """What the file itself calls the place: ("sheet", "Prices"), ("row", "14"); empty where it has no places."""
    date: str = ""
    """The document's own, YYYY-MM-DD; empty where it tells none."""
    indexed_at: str = ""
    """When the file was last indexed: UTC, ISO 8601."""

    def placed(self, say: Say) -> str:
        """The place in words, each with a comma before it."""
        return "".join(f", {say(f'place {kind}', value=value)}" for kind, value in self.place)


@dataclass(frozen=True)
class Item:
    """One of several things asked for: the characters `start`:`end` of the file of citation `number` are `text`."""

    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Stated:
    """One of the values that files give where they differ."""

    short: str
    """As the newest of its files writes it; it stands in the quote of citation `numbers[0]`."""
    numbers: tuple[int, ...]
    """The citations that give it, the newest first."""
    date: str
    """Of the newest of its files, YYYY-MM-DD; empty where none tells one."""
    confidence: float
    """The highest of its citations, each file read as if it were the only one."""


@dataclass(frozen=True)
class Listed:
    """A file that an answer about the folder itself names."""

    source: str
    title: str
    date: str = ""
    author: str = ""
    numbers: tuple[int, ...] = ()
    """The citations that show why it is named; none where the index alone knows."""
    perhaps: bool = False
    """Whether only the meaning of what it says tells that it belongs here."""


@dataclass(frozen=True)
class Statement:
    """One statement of a language model, without its markers: it stands with its citations, or is struck out."""

    text: str
    citations: tuple[Citation, ...]
    """The exact places that support it."""
    supported: bool
    why: Reason
    """How its support was found, or why it is struck out."""


@dataclass(frozen=True)
class UnknownWord:
    """A word of the question that no file contains."""

    word: str
    nearest: tuple[str, ...] = ()
    """The files' words that are spelt almost so, nearest first."""
    read_as: str = ""
    """The one of them that it was taken for; empty when it was taken as it stands."""


@dataclass(frozen=True)
class ClosePassage:
    """A sentence that came close to answering, what was found in it, and what of the question it lacks."""

    source: str
    start: int
    end: int
    found: str
    confidence: float
    lacks: tuple[str, ...]
    """Names and figures of the question that neither its passage nor the file's title and date contain."""
    not_about: tuple[str, ...] = ()
    """Countries, years and editions of the question where the sentence tells of others."""

    def is_near(self, threshold: float) -> bool:
        """Whether what was found is to be spoken of: it is at least half as probable as what is shown."""
        return self.confidence >= threshold / 2


@dataclass(frozen=True)
class UnreadFile:
    """A file of the folder that is not searched."""

    source: str
    state: str
    """`failed` or `skipped`."""
    why: Reason


@dataclass(frozen=True)
class Gaps:
    """What the documents lack for a question; all but `unknown` is filled in for refusals only."""

    unknown: tuple[UnknownWord, ...] = ()
    closest: tuple[ClosePassage, ...] = ()
    unread: tuple[UnreadFile, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One step of answering and how long it took."""

    name: str
    milliseconds: float


@dataclass(frozen=True)
class Considered:
    """A passage that was searched or read on the way to the answer, and what was found in it."""

    source: str
    start: int
    end: int
    score: float
    dense: float
    lexical: float
    read: bool = False
    span: str = ""
    """The reader's best span in it, if it was read."""
    margin: float | None = None
    """The reader's score of that span less its score of 'no answer here', in logits."""


@dataclass(frozen=True)
class Trace:
    """How an answer came about."""

    question: str
    """What was searched for: the question with slips of the pen mended, or the follow-up completed from the history."""
    stages: tuple[Stage, ...] = ()
    considered: tuple[Considered, ...] = ()
    contributions: dict[str, float] = field(default_factory=dict)
    """What each sign added to the log-odds of the best candidate's confidence, with the "intercept"."""
    searched: int = 0
    """Passages that the searched files hold."""
    sources: tuple[str, ...] = ()
    """The files that were asked; all where it is empty."""
    threshold: float = 0.0
    """The confidence below which an answer is held back."""


@dataclass(frozen=True)
class Answer:
    """An answer with its receipts, or an honest refusal (`answered` is False and `reasons` say why)."""

    question: str
    answered: bool
    text: str
    """What a person reads, with [n] markers that name `citations`."""
    short: str = ""
    """The shortest exact span that answers; empty when there is none."""
    confidence: float = 0.0
    """Calibrated probability, 0..1, that the answer is right; for a refusal, that of the answer held back. 1 of kind "folder", which is known
    and not estimated: it has no band."""
    reasons: tuple[Reason, ...] = ()
    """Of a refusal."""
    citations: tuple[Citation, ...] = ()
    items: tuple[Item, ...] = ()
    """Where several things are asked for: each of them, in order, with its place."""
    gaps: Gaps = Gaps()
    engine: str = "reader"
    """What wrote the text: the reader, or a language model's name."""
    statements: tuple[Statement, ...] = ()
    """All that a language model wrote, in order, also where the reader's answer is given instead."""
    notice: Reason | None = None
    """Why the model's text is not given, or what the reader finds instead of it."""
    computed: Reason | None = None
    """How `short` was worked out from the cited cells of a table; None where it stands in the first quote."""
    trace: Trace = field(default_factory=lambda: Trace(""))
    band: str = ""
    """Of an answer, the word for its confidence: "strong", "fair" or "weak"."""
    band_right: float = 0.0
    """The share of right answers among those of its band, on documents that the confidence was not fitted on."""
    language: str = "en"
    """The question's, in which its words are said: "en" or "zh"."""
    kind: str = "text"
    """What it is drawn from: "text", the files' words; "folder", what the index knows of the files; "none", no question was asked."""
    read_as: str = ""
    """The question that a follow-up was taken for; empty where it was asked as it stands."""
    readings: tuple[Stated, ...] = ()
    """The values that files give where they differ, the newest first; empty where they do not."""
    verdict: str = ""
    """Of a question that asks whether: "yes" or "no"; empty where the quote leaves it open."""
    files: tuple[Listed, ...] = ()
    """Those that an answer about the folder names, in order."""
    parts: tuple[Answer, ...] = ()
    """Of a question that asks several: the answer to each, in order; `citations` and their numbers are those of all."""
    warning: Reason | None = None
    """Why it may no longer be so."""
    left_out: Reason | None = None
    """The vector servers that could not be asked; None where all were. Of a refusal its last reason tells it too."""

    @property
    def as_of(self) -> tuple[str, str] | None:
        """The dates of the oldest and the newest of its documents, as far as they tell one; None where none does."""
        dates = sorted(citation.date for citation in self.citations if citation.date)
        return (dates[0], dates[-1]) if dates else None

    @property
    def differing(self) -> str:
        """That its files differ, and how, in the question's language; "" where they do not."""
        if not self.readings:
            return ""
        files = {citation.source for citation in self.citations}
        values = [f"{each.short} ({each.date})" if each.date else each.short for each in self.readings]
        return say_in(self.language)("files differ", count=len(files), values=values)

    @property
    def aged(self) -> str:
        """The dates of its documents for a person, in the question's language; "" where none tells one."""
        if not self.as_of:
            return ""
        (oldest, newest), say = self.as_of, say_in(self.language)
        return say("as of", date=newest) if oldest == newest else say("as of span", oldest=oldest, newest=newest)

    @property
    def reason(self) -> str:
        """Why the documents do not answer, in the question's language."""
        return " ".join(reason.told(self.language) for reason in self.reasons)

    @property
    def sure(self) -> str:
        """The confidence of an answer for a person, in the question's language; "" where it has no band, as a refusal."""
        say = say_in(self.language)
        return say("sure", confidence=self.confidence, band=say(self.band)) if self.band else ""

    @property
    def worth(self) -> str:
        """What answers of such a confidence were found to be worth, in the question's language; "" where it has no band."""
        say = say_in(self.language)
        return say("worth", band=say(self.band), right=self.band_right) if self.band else ""

    @property
    def hedge(self) -> str:
        """What stands before an answer that is not sure enough for large type, in the question's language; "" before one that is."""
        return "" if self.band in ("", "strong") else say_in(self.language)(f"hedge {self.band}")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; each Reason with its words in the question's language, and `reason` too."""
        return {**_plain(self, self.language), "reason": self.reason}


def _plain(value: Any, language: str) -> Any:
    """Dataclasses as dictionaries, all the way down."""
    if isinstance(value, Reason):
        return value.to_dict(language)
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name), language) for each in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(each, language) for each in value]
    return value


@dataclass(frozen=True)
class FileAnswer:
    """What one file by itself answers."""

    source: str
    title: str
    date: str
    """The document's own, YYYY-MM-DD; empty where it tells none."""
    answer: Answer


class Part(NamedTuple):
    """Characters `start`:`end` of a file, drawn as one paragraph, heading, list item or row of a table, up to the next part."""

    start: int
    end: int
    kind: str
    """As its reader calls it; `header` is a table's header row, `numbered` an item that brings its own number or bullet."""
    level: int = 0
    group: int = 0
    """Which table or list of the file it belongs to."""
    cells: tuple[Span, ...] = ()
    """Of a row, one after the other."""
    head: Span = (0, 0)
    """Of a row, its table's header row; empty where it has none."""
    styles: tuple[Style, ...] = ()


@dataclass(frozen=True)
class File:
    """A file as it is at this moment."""

    source: str
    text: str
    flows: bool
    """Whether a line's end within a paragraph is no more than a space."""
    parts: Callable[[int, int], Sequence[Part]]
    """The parts that the characters first:last lie in."""
    sha256: str = ""
    paged: bool = False
    """Whether its pages can be drawn."""


@dataclass(frozen=True)
class Box:
    """A stretch of a line on a page, as shares of the page's width and height from its left and its top."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Sheet:
    """A page of a file."""

    width: float
    height: float
    quote: tuple[Box, ...] = ()
    """Where the quote stands."""
    found: tuple[tuple[int, Box], ...] = ()
    """Where what was searched for stands, each with the number of the place, from 0."""


@dataclass(frozen=True)
class Sheets:
    """The pages of a file, as it is at this moment."""

    sha256: str
    pages: tuple[Sheet, ...]
    lost: bool
    """Whether it cannot be told where the quote stands."""
    found: int
    """How many places hold what was searched for."""
