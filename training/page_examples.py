"""Manuals (`pages.jsonl.gz` of `pages.py`) → examples of how people ask for what a page says, in English and Chinese and across both.

No question of these pages is anybody's: each is made from one sentence of the page, by its grammar alone, with the answer taken out:

  gap        a figure, a name, what the page marks as code or key: "which option …", "… 是多少"
  what is    what stands after "is" or 是
  how        "To do this, do that." or 要…，请…
  when       "If this, then that." or 如果…，…

An example shows a window of whole paragraphs of the page, in either language where the page has both, under its title and heading. Negatives: the sentence's
paragraph is gone from the window ("gone"), another name or figure of its look stands in the question ("swapped"), or the page that a word
search finds first without the answer ("topic").
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pages import Marked
from set_examples import HELD_OUT, ContextExample, fitted, size_language, surface

from rag.corpus.words import LexicalIndex
from rag.text.scripts import STOP_WORDS
from rag.text.sentences import split_sentences

WINDOW = {"zh": (40, 280), "en": (120, 800)}
"""Characters of a passage."""
KINDS = {"answer": 0.52, "gone": 0.14, "swapped": 0.17, "topic": 0.17}
GAPS = 0.08
"""Of the tries to make a question; most tries at the others find no such sentence."""
DROPPED = {True: 0.2, False: 0.05}
"""How often a word of the question is left out: function words, others."""
KEYWORDS = 0.2
"""Share of the English gaps asked with the telling words alone."""
ACROSS = 0.6
"""Share asked in the other language where the page has both."""
TRIES = 12
LONGEST = {"zh": 40, "en": 120}
"""Characters of an answer."""
AROUND = {"zh": 22, "en": 75}
"""Characters of a sentence on either side of a gap that may be asked with."""
NEAREST = 5
_FIGURE = {"en": re.compile(r"(?<![\w.])\d[\d.,]*\d(?![\w.])|(?<![\w.])\d(?![\w.])"), "zh": re.compile(r"\d[\d.,]*\d|\d")}
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][\w-]+)(?: [A-Z][\w-]+){0,3}")
_LATIN = re.compile(r"[A-Za-z][\w+./-]*(?: [A-Za-z][\w+./-]*){0,3}")
_HEAD = re.compile(r"\b(?:the|an?) ((?:[a-z]+ )?[a-z]+) $")
_NOUN = re.compile(r" ([a-z]{3,})\b")
_CLASSIFIER = re.compile(r"[个条次种位行列页张项份]|分钟|小时|[秒天周月年]")
_WHAT_IS = {
    "en": re.compile(r"((?:The|An?|Each) [^,;:()]{3,50}?|[A-Z][\w-]+(?: [\w-]+){0,4}) (is|are|was|were) ((?:an?|the|[0-9])[^;:()]{8,110}?)[.,]"),
    "zh": re.compile(r"([^，。；：、()（）]{2,18}?)(是|为|称为|表示|位于)([^。；：]{3,38})[。，]"),
}  # fmt: skip
_HOW = {
    "en": re.compile(r"To ([a-z][^,;:.]{8,80}), ([a-z][^;:]{8,110})\."),
    "zh": re.compile(r"(?:若要|要|如需|为了)([^，。；：]{4,30})，(?:请)?([^。；：]{4,38})。"),
}
_WHEN = {
    "en": re.compile(r"(?:If|When) ([^,;:]{8,90}), (?:then )?([^;:]{10,110})\."),
    "zh": re.compile(r"(?:如果|若|当)([^，。；：]{4,30}?)(?:时|的话)?，(?:则|就|那么)?([^。；：]{4,38})。"),
}
_ASK_HOW = {
    "en": ("How do I {}?", "how to {}", "How can I {}?", "What must be done to {}?"),
    "zh": ("如何{}？", "怎么{}？", "怎样{}", "{}要怎么做？"),
}
_ASK_WHEN = {
    "en": ("What happens if {}?", "what happens when {}", "What if {}?"),
    "zh": ("如果{}会怎样？", "{}时会发生什么？", "{}的话怎么办？"),
}
_ASK_GAP = ("什么", "哪个", "什么")


@dataclass(frozen=True)
class Page:
    title: str
    headings: tuple[str, ...]
    paragraphs: dict[str, tuple[Marked | None, ...]]


@dataclass(frozen=True)
class Asked:
    """A question made from a paragraph, and the characters of its answer there."""

    question: str
    start: int
    end: int


def read_pages(path: Path) -> Iterator[Page]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)
            told = {
                language: tuple(
                    Marked(p[language][0], tuple((a, b) for a, b in p[language][1])) if language in p else None
                    for p in raw["paragraphs"]
                )
                for language in ("en", "zh")
            }
            yield Page(raw["title"], tuple(p["heading"] for p in raw["paragraphs"]), told)


class PageData:
    """Pages, and how often those in two languages are drawn next to the others."""

    def __init__(self, path: Path) -> None:
        everything = list(read_pages(path))
        cut = len(everything) - int(len(everything) * HELD_OUT)
        order = random.Random(0).sample(everything, len(everything))
        self.training, self.held_out = order[:cut], order[cut:]
        self.both = [page for page in self.training if any(page.paragraphs["zh"])]
        self.texts = [" ".join(p.text for p in page.paragraphs["en"] if p)[:4_000] for page in self.training]
        self._lexical: LexicalIndex | None = None
        self._by_look: dict[str, list[str]] = {}
        for page in self.training:
            for name in (n for p in page.paragraphs["en"] if p for n in _parts(p)):
                self._by_look.setdefault(_look(name), []).append(name)

    def draw(self, rng: random.Random, held_out: bool = False) -> ContextExample:
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        while True:
            pages = self.held_out if held_out else self.both if rng.random() < 0.5 else self.training
            page = rng.choice(pages)
            for _ in range(TRIES):
                if made := self._example(page, kind, rng):
                    return made

    def _example(self, page: Page, kind: str, rng: random.Random) -> ContextExample | None:
        number = rng.randrange(len(page.paragraphs["en"]))
        versions = {language: told[number] for language, told in page.paragraphs.items()}
        languages = [language for language, told in versions.items() if told]
        language = rng.choice(languages)
        own = versions[language]
        assert own is not None
        asked = made_question(own, language, page.headings[number] if language == "en" else "", rng)
        if not asked:
            return None
        shown = language
        if len(languages) == 2 and rng.random() < ACROSS:
            shown = languages[1 - languages.index(language)]
            if not (place := self._translated(asked, own, versions[shown], language, shown)):
                return None
            start, end = place
        else:
            start, end = asked.start, asked.end
        target = versions[shown]
        assert target is not None
        answer = target.text[start:end]
        none = ContextExample(asked.question, "", 0, 0, kind, (), "", shown)
        context = (page.title, page.headings[number])
        if kind == "topic":
            passage, _ = self._window(self._near(page, asked.question, rng), None, "en", rng)
            made = replace(none, passage=passage) if passage and answer not in passage else None
            context = ("", "")
        elif kind == "gone":
            passage, _ = self._window(page, number, shown, rng, without=True)
            made = replace(none, passage=passage) if passage and answer not in passage else None
        else:
            passage, moved = self._window(page, number, shown, rng)
            made = replace(none, passage=passage, start=start + moved, end=end + moved, kind="answer", answers=(answer,))
            if kind == "swapped":
                question = self._swapped(asked.question, passage, rng)
                made = replace(none, question=question, passage=passage) if question else None
        if made is None:
            return None
        made = replace(made, question=surface(made.question, rng))
        lines = [line for line in dict.fromkeys(context) if line and rng.random() < 0.6]
        return replace(made, context=fitted(lines, made, rng))

    def _translated(self, asked: Asked, own: Marked, other: Marked | None, language: str, shown: str) -> tuple[int, int] | None:
        """Where the answer stands in the paragraph's translation: the same characters once in each, or the same mark."""
        assert other is not None
        answer = own.text[asked.start : asked.end]
        if own.text.count(answer) == 1 == other.text.count(answer):
            start = other.text.index(answer)
            return start, start + len(answer)
        if len(own.marks) == len(other.marks) and (asked.start, asked.end) in own.marks:
            return other.marks[own.marks.index((asked.start, asked.end))]
        for ways in (_HOW, _WHEN):
            here = list(ways[language].finditer(own.text))
            there = list(ways[shown].finditer(other.text))
            if len(here) == len(there) == 1 and here[0].span(2) == (asked.start, asked.end):
                return there[0].span(2)
        return None

    def _window(
        self, page: Page, number: int | None, language: str, rng: random.Random, without: bool = False
    ) -> tuple[str, int]:
        """Whole paragraphs in a row around number `number`, and where that one begins; `without` it where that is asked."""
        told = page.paragraphs[language]
        places = [i for i, text in enumerate(told) if text and not (without and i == number)]
        if not places:
            return "", 0
        centre = number if number is not None and not without else rng.choice(places)
        if without and number is not None:
            centre = min(places, key=lambda i: (abs(i - number), i))
        at = places.index(centre)
        first = last = at
        budget = rng.randint(*WINDOW[language])
        texts = [told[i] for i in places]
        size = len(texts[at].text) if texts[at] else 0
        while True:
            ways = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last + 1 < len(places))
            grown = [(a, b) for a, b in ways if size + len(texts[a if a < first else b].text) <= budget]  # type: ignore[union-attr]
            if not grown:
                break
            way = rng.choice(grown)
            size += len(texts[way[0] if way[0] < first else way[1]].text)  # type: ignore[union-attr]
            first, last = way
        gap = rng.choice(("\n", "\n\n"))
        parts = [text.text for text in texts[first : last + 1] if text]
        return gap.join(parts), sum(len(part) + len(gap) for part in parts[: at - first])

    def _near(self, page: Page, question: str, rng: random.Random) -> Page:
        if self._lexical is None:
            self._lexical = LexicalIndex.build(self.texts)
        order = self._lexical.scores(question).argsort()[::-1][:NEAREST]
        return self.training[int(rng.choice(list(order)))]

    def _swapped(self, question: str, passage: str, rng: random.Random) -> str:
        found = [n for n in _parts(Marked(question)) if n in passage]
        if not found:
            return ""
        old = rng.choice(found)
        pool = self._by_look.get(_look(old), [])
        new = rng.choice(pool) if pool else ""
        return question.replace(old, new, 1) if new and new not in passage and new not in question else ""


def _look(name: str) -> str:
    if any(c.isdigit() for c in name):
        return re.sub(r"\d+", "9", name)
    return f"{name[0].isupper()} {name.count(' ')} {bool(re.search('[_./-]', name))}"


def _parts(told: Marked) -> list[str]:
    """The names and figures of a paragraph, and what it marks."""
    found = [told.text[a:b] for a, b in told.marks if 2 < b - a < 40 and size_language(told.text[a:b]) == "en"]
    return found + _NAME.findall(told.text) + _FIGURE["en"].findall(told.text)


def made_question(told: Marked, language: str, heading: str, rng: random.Random) -> Asked | None:
    """A question from one sentence of a paragraph, a gap only where that is drawn."""
    text = told.text
    sentences = list(split_sentences(text, 0, len(text)))
    if rng.random() < GAPS:
        return _gap(told, *rng.choice(sentences), language, rng) if sentences else None
    for start, end in rng.sample(sentences, len(sentences)):
        for way in rng.sample((_what_is, _how, _when), 3):
            if found := way(text, start, end, language, heading, rng):
                return found
    return None


def _what_is(text: str, start: int, end: int, language: str, heading: str, rng: random.Random) -> Asked | None:
    found = _WHAT_IS[language].match(text, start, end)
    if not found or len(found[3]) > LONGEST[language]:
        return None
    subject, verb = found[1], found[2]
    if language == "zh":
        question = f"{subject}{verb}什么？" if verb != "位于" else f"{subject}在哪里？"
    else:
        subject = subject[0].lower() + subject[1:] if subject.split()[0] in ("The", "A", "An", "Each") else subject
        about = f" of {heading}" if subject.startswith("the default") and heading and rng.random() < 0.6 else ""
        question = f"What {verb} {subject}{about}?"
    return Asked(question, *found.span(3))


def _how(text: str, start: int, end: int, language: str, heading: str, rng: random.Random) -> Asked | None:
    return _told(_HOW, _ASK_HOW, text, start, end, language, rng)


def _when(text: str, start: int, end: int, language: str, heading: str, rng: random.Random) -> Asked | None:
    return _told(_WHEN, _ASK_WHEN, text, start, end, language, rng)


def _told(
    ways: dict[str, re.Pattern[str]],
    asks: dict[str, tuple[str, ...]],
    text: str,
    start: int,
    end: int,
    language: str,
    rng: random.Random,
) -> Asked | None:
    found = ways[language].match(text, start, end)
    if not found or len(found[2]) > LONGEST[language]:
        return None
    said = re.sub(r"\byour\b", "my", re.sub(r"\byou\b", "I", found[1])) if language == "en" else found[1].replace("您", "我")
    return Asked(rng.choice(asks[language]).format(said), *found.span(2))


def _gap(told: Marked, start: int, end: int, language: str, rng: random.Random) -> Asked | None:
    text = told.text
    spans = [(a, b) for a, b in told.marks if start <= a and b <= end and b - a <= LONGEST[language]]
    patterns = (_FIGURE["en"], _NAME) if language == "en" else (_FIGURE["zh"], _LATIN)
    spans += [m.span() for pattern in patterns for m in pattern.finditer(text, start, end)]
    spans = [(a, b) for a, b in spans if b - a < 0.6 * (end - start) and text[a:b].strip()]
    if not spans:
        return None
    a, b = rng.choice(spans)
    room = AROUND[language]
    left, right = text[start:a], text[b:end]
    if language == "zh":
        left = re.split("[。；：！？]", left)[-1][-room:]
        right = re.split("[。；：！？，]", right)[0][:room]
        if "，" in left and len(left) > 10:
            left = left.rpartition("，")[2] if len(left.rpartition("，")[2]) > 4 else left
        figure = text[a:b][0].isdigit()
        word = (
            ("几" if rng.random() < 0.4 else "多少")
            if figure and _CLASSIFIER.match(right)
            else "多少"
            if figure
            else rng.choice(_ASK_GAP)
        )
        question = left + word + right
        question = "".join(c for c in question if c not in "的了会将" or rng.random() > 0.15)
        return Asked(question + "？", a, b) if len(left) + len(right) >= 6 else None
    left, right = re.split(r"[;:(]", left)[-1], re.split(r"[;:).]", right)[0]
    left = left[left.find(" ", len(left) - room) + 1 :] if len(left) > room else left
    right = right[:room].rpartition(" ")[0] if len(right) > room else right
    word = "what"
    if text[a:b][0].isdigit() and (noun := _NOUN.match(right)) and noun[1].endswith("s"):
        word = "how many"
    elif head := _HEAD.search(left):
        word, left = f"which {head[1]}", left[: head.start()]
    elif noun := _NOUN.match(right):
        left = re.sub(r"\b(?:[Tt]he|[Aa]n?) $", "", left)
        word = rng.choice(("which", "what"))
    words = [w for w in left.split() if _stays(w, rng)], [w for w in right.split() if _stays(w, rng)]
    if sum(map(len, words)) < 3:
        return None
    if rng.random() < KEYWORDS:
        kept = [w.strip(",") for w in (*words[0], *words[1]) if w.lower() not in STOP_WORDS]
        question = " ".join(kept)
        return Asked(question, a, b) if len(kept) >= 3 else None
    front = rng.random() < 0.5
    question = " ".join([word, *words[0], *words[1]] if front else [*words[0], word, *words[1]]).strip(" ,")
    return Asked(question[0].upper() + question[1:] + "?", a, b)


def _stays(word: str, rng: random.Random) -> bool:
    return rng.random() >= DROPPED[word.lower().strip(",") in STOP_WORDS]
