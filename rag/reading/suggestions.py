"""Questions to begin with and to go on with: those that come with a folder, and those that its own figures, names and headings give.

In: a file's blocks, what the index knows of the files, or an answer. Out: questions, and where each was made from; `Rag` asks them and
offers those that are answered well, and from there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path, PurePosixPath

from rag.answers import Answer
from rag.corpus.catalog import FileRow
from rag.corpus.documents import read_bytes
from rag.errors import DocumentError
from rag.formats.document import Document
from rag.formats.readers import READERS
from rag.messages import Say, say_in
from rag.questions import QUESTION_WORDS
from rag.reading.structure import labelled, table_at
from rag.text.scripts import STOP_WORDS, is_cjk, spoken
from rag.text.sentences import split_sentences
from rag.text.values import values

MAX_FILES = 16
"""Files that are read for examples."""
MAX_FILE_BYTES = 1_000_000
READ_SECONDS = 3.0
"""After which no further file is read."""
MAX_TRIED = 32
"""Questions that are asked for examples; each costs as much as one of a user's."""
_PER_KIND = 3
"""Questions of one kind that are made of one file."""
_OFTEN = 3
"""Times that a file names what it is asked about."""
_MAX_CHARS = 60
"""Of a cell or a question."""
_LABEL = re.compile(r"[^\W\d_]{2,}(?:[ '’-][^\W\d_]+){0,3}")
"""A few words, as they can stand in a question."""
_MAX_HAN = 8
"""Characters of a Chinese label."""
_NUMBERING = re.compile(r"\W*(?:[QＱ问]\s*[:：.]|\d+\s*[.)、:：])?\s*")
_NAMED = re.compile(r"(?<=[a-z,] )[A-Z][a-zà-ÿ’'-]+(?: [A-Z][a-zà-ÿ’'-]+)+")
"""A name of several words, within a sentence."""
_IS = re.compile(r"(?P<the>The )?(?P<name>[A-Z]?[\w’'-]+(?: [A-Z][\w’'-]+){0,3}) is (?:an?|the|one) |(?P<zh>[^\W\d_]{2,10})是")
"""How a sentence begins that says what something is."""
SAMPLE = ".sample.json"
"""Beside documents that are shipped as a sample: {"files": {source: sha256}, "questions": [...]}."""


def sample_questions(docs: Path, files: Mapping[str, FileRow]) -> tuple[str, ...]:
    """The questions that a sample brings along, while its files are indexed as they were shipped; none of any other folder."""
    try:
        sample = json.loads(read_bytes(docs, SAMPLE))
        shipped, questions = dict(sample["files"]), tuple(map(str, sample["questions"]))
    except (DocumentError, ValueError, KeyError, TypeError):
        return ()
    indexed = {source: row.sha256 for source, row in files.items()}
    return questions if shipped and shipped.items() <= indexed.items() else ()


@dataclass(frozen=True)
class Opener:
    """A question to begin with, and the characters `start`:`end` of `source` that answer it."""

    question: str
    source: str
    start: int
    end: int

    def is_met(self, answer: Answer) -> bool:
        """Whether an answer is sure, and quotes that place."""
        quoted = any(c.source == self.source and c.start < self.end and self.start < c.end for c in answer.citations)
        return answer.kind == "text" and answer.band == "strong" and not answer.readings and quoted


def to_read(files: Mapping[str, FileRow]) -> list[str]:
    """Some of the indexed files, of as many types as there are, and always the same of the same folder."""
    by_reader: dict[object, list[str]] = {}
    for source in sorted(files, key=lambda source: hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()):
        if files[source].state == "indexed":
            by_reader.setdefault(READERS.get(PurePosixPath(source).suffix.lower()), []).append(source)
    return [source for row in zip_longest(*by_reader.values()) for source in row if source][:MAX_FILES]


def openers(documents: Mapping[str, Document]) -> Iterator[Opener]:
    """Questions that files answer, by what each makes them of: one of each file in turn, and of each kind in turn."""
    by_file = [
        _alternating([list(islice(made, _PER_KIND)) for made in _kinds(source, document)])
        for source, document in documents.items()
    ]
    return islice(_once(_alternating(by_file)), MAX_TRIED)


def about_folder(documents: Mapping[str, Document]) -> Iterator[str]:
    """Questions about the folder that these files are of: who mentions a name that several have, and what there is."""
    named = Counter(name for document in documents.values() for name in sorted(set(_NAMED.findall(document.text))))
    say = _say("".join(document.text[:_MAX_CHARS] for document in documents.values()))
    for name, files in sorted(named.items(), key=lambda each: (-each[1], each[0]))[:1]:
        if files > 1:
            yield _say(name)("ask mentions", name=name)
    yield say("what is here")


def _kinds(source: str, document: Document) -> list[Iterator[Opener]]:
    return [make(source, document) for make in (_asked, _of_cells, _of_sentences, _of_labels)]


def _asked(source: str, document: Document) -> Iterator[Opener]:
    """The headings that are questions, with what stands below."""
    for block, below in zip(document.blocks, document.blocks[1:]):
        text = document.text[block.start : block.end]
        if text.endswith(("?", "？")) and below.kind != "heading" and len(text) <= 2 * _MAX_CHARS:
            question = text[_NUMBERING.match(text).end() :].lstrip("#*_ ")  # type: ignore[union-attr]
            if is_cjk(question) or re.search(rf"\b(?:{QUESTION_WORDS})\b", question, re.IGNORECASE):
                yield Opener(question, source, below.start, below.end)


def _of_cells(source: str, document: Document) -> Iterator[Opener]:
    """What stands in a column of a named row of each table."""
    seen = set()
    for at, block in enumerate(document.blocks):
        if block.kind != "row" or block.group in seen:
            continue
        seen.add(block.group)
        table = table_at(document, at)
        if not table.cells:
            continue
        row = table.cells[len(table.cells) // 2]
        first = document.text[slice(*row[0])]
        for column, cell in list(zip(table.header, row))[1:]:
            name, value = document.text[slice(*column)], document.text[slice(*cell)]
            if _is_label(name) and 1 < len(first) <= _MAX_CHARS and first.isprintable() and values(value):
                yield Opener(_say(name + first)("ask cell", row=first, column=_inside(name)), source, *cell)
                break


def _of_sentences(source: str, document: Document) -> Iterator[Opener]:
    """What is said to be something."""
    for block in document.blocks:
        if block.kind != "paragraph":
            continue
        for start, end in split_sentences(document.text, block.start, block.end):
            sentence = document.text[start:end]
            if is_one := _IS.match(sentence):
                name = is_one["zh"] or is_one["name"]
                if (
                    name.lower() not in STOP_WORDS
                    and document.text.count(name) >= _OFTEN
                    and (is_cjk(name) or is_one["the"] or name[0].isupper())
                ):
                    say, several = _say(name), " " in name and not is_one["the"]
                    named = (is_one["the"] or "").lower() + name
                    asked = say("ask who or what", name=named) if several else say("ask what is", name=named)
                    yield Opener(asked, source, start, end)


def _of_labels(source: str, document: Document) -> Iterator[Opener]:
    """What stands behind a label."""
    for block in document.blocks:
        if block.kind == "label" and (found := labelled(document.text, block)):
            label, (start, end) = found
            if _is_label(label) and 0 < end - start <= _MAX_CHARS and values(document.text[start:end]):
                yield Opener(_say(label)("ask label", label=_inside(label)), source, start, end)


def _is_label(text: str) -> bool:
    return bool(_LABEL.fullmatch(text)) and (len(text) <= _MAX_HAN or not is_cjk(text))


def _inside(text: str) -> str:
    """As it stands within a sentence: without a capital, but for an abbreviation."""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _say(text: str) -> Say:
    return say_in(spoken(text))


def _alternating(several: Iterable[Iterable[Opener]]) -> Iterator[Opener]:
    return (each for row in zip_longest(*several) for each in row if each)


def _once(made: Iterable[Opener]) -> Iterator[Opener]:
    seen: set[str] = set()
    for opener in made:
        if opener.question not in seen:
            seen.add(opener.question)
            yield opener


def after(answer: Answer, file: FileRow | None) -> list[str]:
    """What may be asked next: when that was, where the answer is no date, and when the first cited document, `file`, was published."""
    dated = any(value.kind == "date" for value in values(answer.short))
    asked = [] if dated else [say_in(answer.language)("when was that")]
    if file and file.title and file.date:
        asked.append(published(file.title))
    return [question for question in asked if question != answer.question]


def published(title: str) -> str:
    return say_in(spoken(title))("when was it published", title=title)


def is_fair(answer: Answer) -> bool:
    """Whether an answer is good enough for its question, which asks when, to be offered."""
    return answer.answered and answer.band in ("strong", "fair") and any(value.kind == "date" for value in values(answer.short))
