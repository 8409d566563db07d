"""Whatever stands in files, names, questions and models' texts is drawn as characters, by every template, in every field."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import pytest
from jinja2 import UndefinedError

from eval.metrics import Row
from rag.answers import Answer, Citation, File, FileAnswer, Passage, Sheets, Statement
from rag.config import Config
from rag.errors import FileFailed
from rag.formats.document import Block, Document, Kind
from rag.formats.parts import parts_between
from rag.messages import Reason, speaker
from rag.pipeline import Rag
from rag.reading.citing import CHANGED, UNREADABLE, VERBATIM
from rag.web.conversations import Exchange, Title
from rag.web.desk import Work
from rag.web.documents import documents_html, preview_html
from rag.web.each import Run, Stop, each_html, progress_html
from rag.web.evaluation import report_html
from rag.web.evidence import answer_html, evidence_html, writing_html
from rag.web.page import (
    Where,
    _adding_html,
    _conversations_html,
    _earlier_html,
    _ended_html,
    _failure_html,
    _head_html,
    _notes_html,
    _offered_html,
)
from rag.web.papers import sheets_html
from rag.web.rendering import FOLDER as TEMPLATES
from rag.web.rendering import render
from rag.web.rooms import FOLDER, Asked, Room, Turn
from rag.web.search import search_html
from rag.web.taking import taken_html

NASTY = "</p><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 31337 * 271 }}\n \t "
SAY = speaker("en")
STATES = {"state": "failed", "name": "search", "language": "en", "band": "fair", "parts": (), "verdict": ""}
"""Fields whose values are ours alone: the state of a file, the name of a stage, the language, band and verdict of an answer; its parts are answers."""
T = TypeVar("T")


def filled(kind: type[T], text: str) -> T:
    """A dataclass with `text` in every field that holds text, however deep."""
    assert is_dataclass(kind)
    types = get_type_hints(kind)
    values = {f.name: STATES[f.name] if f.name in STATES else _filled(types[f.name], text) for f in fields(kind)}
    return kind(**values)


def _filled(kind: Any, text: str) -> Any:
    if kind is Reason:
        return Reason("bad PDF", {"error": text})
    if kind == tuple[str, str]:  # a part of a place: what it is called is the reader's word, its value the file's
        return "sheet", text
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return filled(kind, text)  # type: ignore[arg-type]
    if origin is UnionType:
        return _filled(inner[0], text)
    if origin in (tuple, list):
        return origin(_filled(each, text) for each in inner if each is not Ellipsis)
    if origin is dict:
        return {_filled(inner[0], text): _filled(inner[1], text)}
    return {str: text, int: 1, float: 0.5, bool: True}.get(kind, {})


class Folder(Rag):
    """A folder of which everything is `words`; without `readable`, its files are gone."""

    def __init__(self, words: str, *, readable: bool = True) -> None:
        super().__init__(Config(docs=Path(words), llm=words))
        self._words = words
        self._readable = readable
        self.__dict__["indexer"] = SimpleNamespace(folder=Path(words), embedding=SimpleNamespace(name=words))

    def file(self, source: str) -> File:
        if not self._readable:
            raise FileFailed("cannot be read", error=source)
        document = Document(self._words * 2, _blocks(self._words), markup="markdown")
        return File(source, document.text, True, partial(parts_between, document), self._words, paged=True)

    def checked(self, citation: Citation) -> tuple[str, File | None]:
        if not self._readable:
            return UNREADABLE, None
        file = self.file(citation.source)
        return (VERBATIM if file.text[citation.start : citation.end] == citation.quote else CHANGED), file

    def outline(self, source: str) -> list[tuple[int, int]]:
        return [(3, len(self._words) + 3), (len(self._words), len(self._words) + 9)]

    def made_with(self) -> dict[str, str]:
        return dict.fromkeys(("docs", "encoder", "reader", self._words), self._words)

    def status(self) -> dict[str, Any]:
        why = Reason("bad PDF", {"error": self._words})
        row: dict[str, Any] = {"state": "failed", "since": "changed", "chunks": 1, "hidden": 2, "why": why.to_dict("en")}
        row |= dict.fromkeys(("source", "title", "date", "language", "indexed_at"), self._words)
        return {"docs": self._words, "files": [row], "unseen": [self._words]}


def _blocks(text: str) -> tuple[Block, ...]:
    """A block of every kind over equal stretches of a text that stands twice."""
    size = len(text) // len(get_args(Kind))
    kinds = [Block(at * size, (at + 1) * size, kind, 1, group=at) for at, kind in enumerate(get_args(Kind))]
    return (*kinds, Block(len(text), 2 * len(text), "row", group=99))


def drawn(text: str, path: Path) -> dict[str, list[str]]:
    """Template → what it draws of values that all hold `text`, in each of its ways."""
    rag, gone = Folder(text), Folder(text, readable=False)
    room = Room(rag, path)
    differing = replace(filled(Answer, text), answered=True, engine="reader")
    answer = replace(differing, readings=(), engine=text)
    cited = replace(answer.citations[0], start=0, end=len(text))
    exact = replace(answer, citations=(cited,), short=text[5:20])
    struck = replace(answer.statements[0], supported=False)
    answers = [
        answer,
        replace(answer, engine="reader"),
        replace(answer, engine="reader", items=()),
        replace(answer, engine="reader", items=(), short=""),
        replace(answer, statements=(*answer.statements, struck)),
        replace(answer, answered=False),
        exact,
        differing,
        replace(answer, engine="reader", items=(), computed=None, verdict="yes"),
        replace(answer, parts=(differing, exact, replace(exact, items=()), replace(answer, answered=False))),
    ]
    work = Work(room, text, 1, text, SAY, begun=True, checked=[filled(Statement, text), struck], text=text)
    asked = replace(filled(Row, text), citations=(), evidence=(), passages=())
    report: Any = SimpleNamespace(ours=SimpleNamespace(rows=(asked, replace(asked, short=""), replace(asked, expected=()))))
    found = [replace(filled(Passage, text), dense=0.5, lexical=0.5)]
    run = Run(text, 9, tuple(Asked(FileAnswer(text, text, text, each)) for each in answers))
    return {
        "answer": [answer_html(each, rag, SAY, correcting=True, note=text) for each in answers],
        "writing": [writing_html([work, work], SAY)],
        "ended": [_ended_html(Exchange(text, ended=text), SAY)],
        "conversations": [_conversations_html([Title(text, text, (text,))], text, SAY, forgettable=True)],
        "evidence": [evidence_html(each, files, FOLDER, SAY) for each in answers for files in (rag, gone)],
        "documents": [documents_html(room, SAY)],
        "preview": [preview_html(rag.file(text), [(3, 9), (6, 12)], FOLDER, SAY, show) for show in ("", "clutter")],
        "sheets": [sheets_html(filled(Sheets, text), note, SAY) for note in (text, "")],
        "rankings": [search_html(found, quote, SAY) for quote in (text, "elsewhere", "")] + [search_html([], text, SAY)],
        "report": [report_html(report, text, SAY)],
        "adding": [_adding_html(text, text, SAY)],
        "head": [_head_html(room, SAY, text)],
        "login": [render("login.html.j2", told=text, action=text, language="en", say=SAY)],
        "offered": [_offered_html(text, [text], Where(text))],
        "each": [each_html(replace(run, total=3), room, SAY)],
        "each_progress": [progress_html(replace(run, stop=Stop(told)), SAY) for told in (False, True)],
        "each_sides": [each_html(replace(run, total=2), room, SAY)],
        "earlier": [_earlier_html({at: Exchange(each.question, turn=Turn(each)) for at, each in enumerate(answers)}, 0, SAY)],
        "notes": [_notes_html("told", text, text)],
        "failure": [_failure_html(text)],
        "taken": [taken_html([(each, rag.made_with())]) for each in answers],
    }


class Markup(HTMLParser):
    """Tags and attributes as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.text += " ".join(value or "" for _, value in attributes)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_field_of_everything_is_shown_as_it_is_and_never_as_markup(tmp_path: Path) -> None:
    pages = drawn(NASTY, tmp_path)
    assert pages.keys() == {path.name.removesuffix(".html.j2") for path in TEMPLATES.rglob("*.j2")} - {"parts"}
    harmless = {name: [Markup(html) for html in each] for name, each in drawn("x" * len(NASTY), tmp_path).items()}
    for name, each in pages.items():
        for html in each:
            page = Markup(html)
            assert page.tags <= set().union(*(known.tags for known in harmless[name])), name
            assert page.attributes <= set().union(*(known.attributes for known in harmless[name])), name
            assert "8492327" not in page.text, name
        assert any("onerror=alert(1)>&amp;{{ 31337 * 271 }}" in Markup(html).text for html in each), name


def test_a_template_that_is_given_too_little_fails() -> None:
    with pytest.raises(UndefinedError):
        render("failure.html.j2")


def test_no_template_switches_escaping_off() -> None:
    for path in TEMPLATES.rglob("*.j2"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text(encoding="utf-8")), path
