"""Answers → text to take along: a conversation as Markdown, one answer as plain text with its citations, and names for the files.

`lines` puts an answer into lines of a few kinds, from which every form is drawn: nothing of an answer is said in one form alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.answers import Answer, Citation
from rag.messages import Say, say_in

MAX_NAME = 48
"""Characters of a file's name."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&]")
_BEGINNING = re.compile(r"(\s*)([-+=]|\d+(?=[.)]))")
"""How a line begins that Markdown would take for a list or a heading."""


class Line(NamedTuple):
    """One line of an answer as it is read."""

    kind: str
    """`said`, the answer; `item`, one of several things; `part`, a part of the question; `struck`; `plain`; `note`, how it came about."""
    text: str


def lines(answer: Answer) -> Iterator[Line]:
    """All that an answer says but its question and its quotes, in the question's language."""
    say = say_in(answer.language)
    for word in answer.gaps.unknown:
        if word.read_as:
            yield Line("note", say("read as", word=word.word, other=word.read_as))
    if answer.read_as:
        yield Line("note", say("taken for", question=answer.read_as))
    if answer.notice:
        yield Line("note", say(answer.notice))
    yield from _said(answer, say)
    if not answer.answered:
        return
    if answer.engine == "reader":
        wrote = [Line("struck", f"{each.text} ({say(each.why)})") for each in answer.statements if not each.supported]
        yield from wrote
    if answer.sure and not (answer.parts or answer.readings):
        yield Line("note", answer.sure)
        yield Line("note", answer.worth)
    if answer.aged and answer.kind == "text":
        yield Line("note", answer.aged)
    for note in filter(None, (answer.warning, answer.left_out)):
        yield Line("note", say(note))
    if answer.engine != "reader":
        yield Line("note", say("engine", engine=answer.engine))


def _said(answer: Answer, say: Say) -> Iterator[Line]:
    """The answer itself, or that there is none, and why."""
    first = answer.text.partition("\n")[0]
    marks = _marks(citation.number for citation in answer.citations)
    if not answer.answered:
        yield Line("said", first)
        if answer.kind != "none":
            yield Line("plain", answer.reason)
    elif answer.parts:
        for part in answer.parts:
            yield Line("part", part.question)
            yield from _said(part, say)
    elif answer.readings:
        yield Line("said", answer.differing)
        for reading in answer.readings:
            facts = [reading.short + _marks(reading.numbers), reading.date, f"{reading.confidence:.0%}"]
            yield Line("item", " · ".join(filter(None, facts)))
    elif answer.engine != "reader":
        if answer.short:
            yield Line("said", answer.short)
        for each in answer.statements:
            numbers = _marks(citation.number for citation in each.citations)
            yield Line("plain", each.text + numbers) if each.supported else Line("struck", f"{each.text} ({say(each.why)})")
    elif answer.items:
        if answer.kind == "folder":
            yield Line("said", first)
        elif answer.hedge:
            yield Line("plain", answer.hedge)
        for item in answer.items:
            yield Line("item", item.text + _marks([item.number]))
    elif answer.kind == "folder":
        yield Line("said", first)
        for file in answer.files:
            facts = [file.title + _marks(file.numbers), file.source, file.date, say("perhaps") if file.perhaps else ""]
            yield Line("item", " · ".join(filter(None, facts)))
    else:
        said = say(answer.verdict) if answer.verdict else answer.short or answer.citations[0].quote
        yield Line("plain" if answer.hedge else "said", f"{answer.hedge} {said}".lstrip() + marks)
    if answer.computed:
        yield Line("plain", say(answer.computed))


def to_text(answer: Answer) -> str:
    """One answer to be put into another text: what it says, and its citations."""
    said = "\n".join(f"- {text}" if kind == "item" else text for kind, text in lines(answer) if kind not in ("note", "struck"))
    say = say_in(answer.language)
    return "\n\n".join([said, *(f"[{each.number}] {place(each, say)}\n“{each.quote}”" for each in answer.citations)])


def to_markdown(answers: Sequence[Answer]) -> str:
    """A conversation: each question with its answer and its numbered quotes, the first question as its title."""
    return "\n\n".join(block for number, answer in enumerate(answers) for block in _blocks(answer, first=number == 0)) + "\n"


def _blocks(answer: Answer, *, first: bool) -> Iterator[str]:
    say = say_in(answer.language)
    yield f"{'#' if first else '##'} {_escaped(answer.question)}"
    forms = {"said": "**{}**", "item": "- {}", "part": "### {}", "struck": "~~{}~~", "note": "*{}*", "plain": "{}"}
    for kind, text in lines(answer):
        yield forms[kind].format(_escaped(text))
    for citation in answer.citations:
        quote = "\n".join(f"> {_escaped(line)}  " if line.strip() else ">" for line in citation.quote.splitlines())
        yield f"\\[{citation.number}\\] {_escaped(place(citation, say))}\n\n{quote}"


def place(citation: Citation, say: Say) -> str:
    """Where a quote stands: title, file, place, characters, date."""
    title = citation.title if citation.title != citation.source else ""
    where = f"{citation.source}{citation.placed(say)}, {say('characters')} {citation.start}–{citation.end}"
    return " · ".join(filter(None, [title, where, citation.date]))


def _escaped(text: str) -> str:
    """On one line, as Markdown shows it character for character."""
    line = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    begins = _BEGINNING.match(line)
    if not begins:
        return line
    at = begins.end() if begins[2].isdigit() else begins.start(2)
    return f"{line[:at]}\\{line[at:]}"


def _marks(numbers: Iterator[int] | Sequence[int]) -> str:
    return "".join(f" [{number}]" for number in numbers)


def file_name(question: str) -> str:
    """A name for a file about a question, without its ending: words and hyphens, which every system takes."""
    words = "-".join(re.findall(r"\w+", unicodedata.normalize("NFC", question)))
    return words[:MAX_NAME].strip("-_") or "answers"
