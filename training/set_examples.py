"""Question-answering sets in several languages → examples for the multilingual reader, with context in front of the passage.

In: the `NAME.jsonl.gz` of the training data (one paragraph a line, its questions with offsets) and `ReaderData`. Each draw is new:
another window of whole sentences, another surface of the question, another context, or one of the negatives:

  gone        the question's own paragraph without the sentences that hold the answer
  in context  the same, with the answer's own sentence in the context
  topic       the best BM25 paragraph of the set that lacks the answer
  neighbour   a paragraph beside it, which lacks the answer
  figure      another figure in the question, which the window does not hold
  swapped     another name in the question, which the window does not hold
  crossed     another name of the window in the question, which the answer's own sentence does not hold
  own         the set's own unanswerable questions

A name replaced in the question and in the window ("renamed") leaves the answer where it was.

The contract with the product: the reader is shown `<s> question </s></s> context </s> passage </s>`, without context
`<s> question </s></s> passage </s>`. The second text is `context + "</s>" + passage` (`shown`). The context is made of lines: title or path, the
headings above the passage, a table's header row, a list's lead-in, a date. An answer lies in the passage alone. Tables, labelled
values and made texts come from `table_examples` and `generators`.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from name_swaps import HAN, Names, renamed, swapped
from reader_data import TRIES, Example, Paragraph, ReaderData, _other_figure, _surface, detokenise, paragraph

from rag.corpus.words import LexicalIndex

CONTEXT_CHARACTERS = {"zh": 110, "en": 260}
"""The most of a context; Chinese and Japanese characters tell more each."""
WINDOW = {"zh": (60, 250), "en": (160, 640)}
"""Characters of a passage, drawn evenly; one in `LONG` goes up to `LONGEST`."""
LONGEST = {"zh": 380, "en": 1000}
LONG = 9
REPEATED = 0.05
"""Share of the passages whose first line is the question, as a heading or a question of the text."""
HELD_OUT = 0.04
"""Share of a set's paragraphs, its last ones, that are not trained on."""
SETS = {
    "cmrc2018_train": 12.0, "drcd_simplified": 9.0, "drcd": 3.0, "qed_train": 5.0, "squad_train_part": 5.0, "timeqa": 1.5, "afriqa_en": 3.0,
    "nq_oracle": 1.5, "tatqa_text": 2.0, "idk_mrc": 2.5, "jaquad": 4.0, "norquad": 2.5,
}  # fmt: skip
"""The sets and how often each is drawn from, next to the others."""
TOKENISED = frozenset({"qed_train", "timeqa", "nq_oracle", "qadiscourse"})
"""Sets whose words stand apart from their punctuation."""
KINDS = {
    "answer": 0.46, "renamed": 0.06, "gone": 0.06, "in context": 0.05, "topic": 0.08, "neighbour": 0.03, "figure": 0.04, "swapped": 0.10,
    "crossed": 0.12,
}  # fmt: skip
NEAREST = 6
"""Paragraphs among which the one of a "topic" is drawn."""
WITH_CONTEXT = 0.5
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_WORD = re.compile(r"\S+")
_PATHS = (
    "docs/{name}.md", "{name}.txt", "archive/{year}/{name}.html", "notes/{name}", "{name} ({year})", "shared/{name}-v{n}.docx", "wiki/{name}",
    "资料/{name}.txt", "文档 > {name}", "{name}.pdf, p. {n}", "第{n}章 > {name}", "Chapter {n} > {name}", "{n}. {name}", "# {name}", "## {name}",
)  # fmt: skip
_DATES = (
    "{year}-{month:02}-{day:02}", "{day}/{month}/{year}", "Date: {year}-{month:02}-{day:02}", "Last updated: {day}.{month}.{year}",
    "{year}年{month}月{day}日", "发布日期：{year}年{month}月{day}日", "更新于 {year}/{month:02}/{day:02}", "Version {n}.{month}", "[{hour:02}:{minute:02}]",
)  # fmt: skip
_HEADINGS = {
    "en": "Overview/Background/History/Details/Summary/Introduction/General/Notes/Further information/Main points/In brief/Facts",
    "zh": "概述/背景/历史/详情/摘要/简介/总则/说明/更多信息/要点/基本情况/经过",
}


@dataclass(frozen=True)
class ContextExample(Example):
    """An example with what stands in front of the passage; `start` and `end` are characters of the passage."""

    context: str = ""
    language: str = "en"
    pair: str = ""
    """Examples of one pair, answerable and not, share it."""


@dataclass(frozen=True)
class SetQuestion:
    """A question of `data`'s paragraph number `place`; without answers where the paragraph has none."""

    data: str
    language: str
    question: str
    place: int
    start: int
    end: int
    answers: tuple[str, ...]


def size_language(text: str) -> str:
    """Whether a text's size counts as Chinese characters' or as letters'."""
    return "zh" if len(HAN.findall(text)) * 4 > len(text) else "en"


def surface(question: str, rng: random.Random) -> str:
    """As people type it: Chinese without question mark or with a polite word, others as `reader_data` has them."""
    if size_language(question) != "zh":
        return _surface(question, rng)
    chance = rng.random()
    if chance < 0.35:
        question = question.rstrip("？? 。")
    elif chance < 0.42:
        question = question.rstrip("？?") + "?"
    elif chance < 0.48 and not question.startswith("请问"):
        question = "请问" + question
    return question


class SetData:
    """The paragraphs and questions of the sets in a folder; draws one example at a time."""

    def __init__(self, folder: Path, names: Sequence[str] = tuple(SETS)) -> None:
        self.paragraphs: dict[str, list[Paragraph]] = {}
        self.training: dict[str, list[SetQuestion]] = {}
        self.held_out: dict[str, list[SetQuestion]] = {}
        for name in names:
            questions = list(self._read(name, folder / f"{name}.jsonl.gz"))
            first = int(len(self.paragraphs[name]) * (1 - HELD_OUT))
            self.training[name] = [q for q in questions if q.place < first]
            self.held_out[name] = [q for q in questions if q.place >= first]
        self._names: dict[str, Names] = {}
        self._lexical: dict[str, LexicalIndex] = {}

    def _read(self, name: str, path: Path) -> Iterator[SetQuestion]:
        found = self.paragraphs[name] = []
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                raw = json.loads(line)
                text, moved = together(raw["context"]) if name in TOKENISED else (raw["context"], None)
                for qa in raw["questions"]:
                    spans = [(start, start + len(answer)) for start, answer in qa["answers"]]
                    spans = [moved(*span) for span in spans] if moved else spans
                    spans = [span for a, b in spans if (span := trimmed(text, a, b)) and span[1] > span[0]]
                    if bool(spans) == qa["answerable"]:
                        start, end = min(spans, key=lambda s: s[1] - s[0]) if spans else (0, 0)
                        answers = tuple(text[a:b] for a, b in spans)
                        yield SetQuestion(name, raw["lang"], qa["question"].strip(), len(found), start, end, answers)
                found.append(_sentences(text))

    def names(self, data: str) -> Names:
        """The names of a set's training part."""
        if data not in self._names:
            self._names[data] = Names((q.question, q.answers) for q in self.training[data])
        return self._names[data]

    def nearest(self, asked: SetQuestion, rng: random.Random) -> Paragraph:
        """One of the paragraphs that a search for the question finds first."""
        everything = self.paragraphs[asked.data]
        if asked.data not in self._lexical:
            self._lexical[asked.data] = LexicalIndex.build([p.text for p in everything])
        return everything[rng.choice(self._lexical[asked.data].scores(asked.question).argsort()[::-1][:NEAREST])]

    def draw(self, rng: random.Random) -> ContextExample:
        name = rng.choices(list(self.training), [SETS[name] for name in self.training])[0]
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        for asked in rng.choices(self.training[name], k=TRIES):
            made = self.example(asked, rng, kind)
            if made.kind in (kind, "own"):
                break
        return made

    def example(self, asked: SetQuestion, rng: random.Random, kind: str) -> ContextExample:
        """An example of `kind`; the plain answer where the question does not give it."""
        made = self._make(asked, kind, rng)
        if rng.random() < REPEATED:
            made = with_heading(made, rng)
        made = replace(made, question=surface(made.question, rng))
        if not made.context and rng.random() < WITH_CONTEXT:
            made = replace(made, context=self._context(asked, made, rng))
        return made

    def _make(self, asked: SetQuestion, kind: str, rng: random.Random) -> ContextExample:
        own = self.paragraphs[asked.data][asked.place]
        none = ContextExample(asked.question, "", 0, 0, kind, (), "", asked.language)
        if not asked.answers:
            first = rng.randrange(len(own.sentences))
            return replace(none, passage=_cut(own, *_grown(own, first, first, rng)), kind="own")
        holding = [i for i, (s, e) in enumerate(own.sentences) if s < asked.end and e > asked.start]
        if kind in ("gone", "in context") and (rest := _without(own, holding, rng)):
            passage = _cut(own, *rest)
            if not any(answer in passage for answer in asked.answers):
                context = _cut(own, holding[0], holding[-1]) if kind == "in context" else ""
                if len(context) <= 1.5 * CONTEXT_CHARACTERS[size_language(own.text)]:
                    return replace(none, passage=passage, context=context)
        if kind in ("neighbour", "topic"):
            everything = self.paragraphs[asked.data]
            beside = everything[(asked.place + rng.choice((-3, -2, -1, 1, 2, 3))) % len(everything)]
            other = self.nearest(asked, rng) if kind == "topic" else beside
            first = rng.randrange(len(other.sentences))
            passage = _cut(other, *_grown(other, first, first, rng))
            if other.text != own.text and not any(answer in passage for answer in asked.answers):
                return replace(none, passage=passage)
        first, last = _grown(own, holding[0], holding[-1], rng)
        passage, begin = _cut(own, first, last), own.sentences[first][0]
        if kind == "figure" and (figures := list(_FIGURE.finditer(asked.question))):
            chosen = rng.choice(figures)
            figure = _other_figure(chosen.group(), rng)
            if chosen.group() in passage and figure not in passage:
                question = asked.question[: chosen.start()] + figure + asked.question[chosen.end() :]
                return replace(none, question=question, passage=passage)
        names = self.names(asked.data)
        if kind in ("swapped", "crossed"):
            sentence = _cut(own, holding[0], holding[-1])
            if question := swapped(names, asked.question, passage, sentence, asked.answers, kind == "crossed", rng):
                return replace(none, question=question, passage=passage)
        start, end = asked.start - begin, asked.end - begin
        told = replace(none, passage=passage, start=start, end=end, kind="answer", answers=asked.answers)
        if kind == "renamed" and (made := renamed(names, asked.question, passage, start, end, rng)):
            question, passage, start, end = made
            return replace(told, question=question, passage=passage, start=start, end=end, kind="renamed")
        return told

    def _context(self, asked: SetQuestion, made: ContextExample, rng: random.Random) -> str:
        """Lines in front; now and then a sentence of a paragraph near by, which may hold what looks like an answer."""
        everything = self.paragraphs[asked.data]
        size = size_language(made.passage)
        other = everything[(asked.place + rng.choice((0, 0, -1, 1))) % len(everything)]
        lines = made_lines(topic_words(other.text, rng), size, rng)
        if rng.random() < 0.4:
            start, end = rng.choice(other.sentences)
            sentence = other.text[start:end]
            if sentence not in made.passage and made.passage not in sentence:
                lines.append(sentence)
        return fitted(lines, made, rng)


def fitted(lines: Sequence[str], made: ContextExample, rng: random.Random) -> str:
    """`lines` as a context that is not too long and holds none of the answers."""
    most = CONTEXT_CHARACTERS[size_language(made.passage)]
    kept: list[str] = []
    for line in lines:
        if line and sum(map(len, kept)) + len(line) <= most and not holds_answer(line, made):
            kept.append(line)
    return "\n".join(kept)


def with_heading(made: ContextExample, rng: random.Random) -> ContextExample:
    """The question itself in front of the passage, where it is no answer."""
    lead = rng.choice(("{}\n", "## {}\n", "Q: {}\nA: ", "问：{}\n答：", "**{}**\n")).format(made.question)
    moved = len(lead) if made.end else 0
    return replace(made, passage=lead + made.passage, start=made.start + moved, end=made.end + moved)


def holds_answer(line: str, made: Example) -> bool:
    lower = line.lower()
    return any(answer.lower() in lower for answer in (*made.answers, made.passage[made.start : made.end]) if answer)


def topic_words(text: str, rng: random.Random) -> str:
    """A few words in a row of a text, as a title might have them."""
    if size_language(text) == "zh":
        runs: list[str] = re.findall("[\u4e00-\u9fff]{4,14}", text) or [text[:8]]
        return rng.choice(runs)[: rng.randint(4, 14)]
    words = text.split()
    first = rng.randrange(max(1, len(words) - 6))
    return " ".join(words[first : first + rng.randint(1, 5)]).strip(".,;:()\"'")


def made_lines(topic: str, size: str, rng: random.Random) -> list[str]:
    """A path or title, a heading, a date: each there at times."""
    numbers = {
        "year": rng.randint(1985, 2026), "month": rng.randint(1, 12), "day": rng.randint(1, 28), "n": rng.randint(1, 24),
        "hour": rng.randint(0, 23), "minute": rng.randint(0, 59),
    }  # fmt: skip
    lines = []
    if rng.random() < 0.75:
        lines.append(rng.choice((*_PATHS, "{name}", "{name}", "{name}")).format(name=topic, **numbers))
    if rng.random() < 0.4:
        heading = rng.choice(_HEADINGS[size].split("/"))
        lines.append(rng.choice(("{}", "## {}", "{n}.{month} {}", "{} >")).format(heading, **numbers))
    if rng.random() < 0.3:
        lines.append(rng.choice(_DATES).format(**numbers))
    return lines


def together(text: str) -> tuple[str, Callable[[int, int], tuple[int, int]]]:
    """A text whose tokens stand apart as running text, and the way from its spans to the new ones."""
    words = list(_WORD.finditer(text))
    joined, places = detokenise([word.group() for word in words])

    def moved(start: int, end: int) -> tuple[int, int]:
        inside = [place for word, place in zip(words, places) if word.end() > start and word.start() < end]
        return (inside[0][0], inside[-1][1]) if inside else (0, 0)

    return joined, moved


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space and stray punctuation at the ends."""
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:，。；：、"):
        end -= 1
    while start < end and (text[start].isspace() or text[start] in ",;:，。；：、"):
        start += 1
    return start, end


def _sentences(text: str) -> Paragraph:
    """As `reader_data.paragraph`, and never without a sentence."""
    made = paragraph("", text)
    return made if made.sentences else replace(made, sentences=((0, len(text)),))


def _cut(own: Paragraph, first: int, last: int) -> str:
    return own.text[own.sentences[first][0] : own.sentences[last][1]]


def _grown(own: Paragraph, first: int, last: int, rng: random.Random, low: int = 0, high: int | None = None) -> tuple[int, int]:
    """Sentences `first`..`last` with as many neighbours within `low`..`high` as a drawn size holds."""
    high = len(own.sentences) - 1 if high is None else high
    size = size_language(own.text)
    budget = rng.randint(WINDOW[size][1], LONGEST[size]) if rng.randrange(LONG) == 0 else rng.randint(*WINDOW[size])
    while True:
        ways = [(first - 1, last)] * (first > low) + [(first, last + 1)] * (last < high)
        ways = [(a, b) for a, b in ways if own.sentences[b][1] - own.sentences[a][0] <= budget]
        if not ways:
            return first, last
        first, last = rng.choice(ways)


def _without(own: Paragraph, holding: Sequence[int], rng: random.Random) -> tuple[int, int] | None:
    """Some sentences in a row before or after those that hold the answer."""
    sides = [(0, holding[0] - 1), (holding[-1] + 1, len(own.sentences) - 1)]
    sides = [(low, high) for low, high in sides if low <= high]
    if not sides:
        return None
    low, high = rng.choice(sides)
    first = rng.randint(low, high)
    return _grown(own, first, first, rng, low, high)


class EnglishData:
    """`ReaderData`'s examples, half of them with a context."""

    def __init__(self, folder: Path, seed: int, words: Sequence[int]) -> None:
        self.data = ReaderData(folder, seed, words)

    def draw(self, rng: random.Random) -> ContextExample:
        asked, example = self.data.draw(rng)
        made = ContextExample(**vars(example))
        if rng.random() >= WITH_CONTEXT:
            return made
        own = self.data.paragraphs[asked.data][asked.place]
        topic = own.title or topic_words(own.text, rng)
        lines = made_lines(topic if rng.random() < 0.7 else topic_words(own.text, rng), "en", rng)
        if rng.random() < 0.3:
            start, end = rng.choice(own.sentences)
            if own.text[start:end] not in made.passage:
                lines.append(own.text[start:end])
        return replace(made, context=fitted(lines, made, rng))
