"""Training data → (question, passage, answer) examples for the reader, as hard as the product's use is.

In: the folder with `squadshifts_{new_wiki,reddit,amazon}.json` (SQuADShifts, CC BY 4.0), `qed_dev.jsonl` (QED, CC BY-SA
3.0) and `qamr_*.tsv` (QAMR, MIT). Each draw is made anew: another stretch of the paragraph, another surface
of the question, or one of the negatives:

  gone       the question's own paragraph without the sentences that hold the answer
  topic      the best BM25 paragraph of the same data that lacks the answer
  near miss  a name, number, year, month, country or opposite replaced by another of its kind in the question, or in the passage,
             so that the passage does not answer (SQuAD 2.0's adversarial questions, Rajpurkar et al., ACL 2018, made by rule)

The same replacement in both ("renamed") leaves the answer where it was: what was never seen together is no sign of a negative.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.metrics import answer_f1
from rag.corpus.words import LexicalIndex
from rag.text.scripts import STOP_WORDS
from rag.text.sentences import split_sentences
from rag.text.terms import normalise

HELD_OUT = 0.06
AGREEMENT = 0.4
"""Least mean F1 of the chosen answer with the other annotators'; below it the question is left out."""
WORDS = (45, 220)
"""Words of a passage, drawn evenly; the product's passages hold up to 160 tokens, a gold paragraph up to twice as much."""
SHARES = {"new_wiki": 1.5, "reddit": 0.7, "amazon": 0.7, "qed": 1.5, "qamr": 0.35}
"""How often a question is drawn, next to the others': those on encyclopedic text are nearest to what the product reads."""
KINDS = {"answer": 0.42, "renamed": 0.12, "near miss": 0.29, "gone": 0.08, "topic": 0.09}
"""How often each is drawn."""
TRIES = 16
"""Questions tried for one that gives the kind that was drawn."""
IN_PASSAGE = 0.3
"""Share of the near misses that are made in the passage."""
LOWER, NO_MARK, TELEGRAPHIC, TYPO, CLUTTER, JOINED = 0.15, 0.20, 0.06, 0.05, 0.15, 0.3
ABOUT = 0.2
"""Share of the passages with a date or an author in front that are asked for it."""

_CLOSED = [
    frozenset(words.split())
    for words in (
        "China Japan Korea India Russia Germany France Britain Italy Spain Brazil Canada Mexico Australia Vietnam Thailand "
        "Indonesia Malaysia Turkey Egypt Iran Iraq Israel Poland Sweden Norway Greece Ireland Portugal Argentina Chile Peru "
        "Pakistan Nigeria Kenya England Scotland Austria Hungary Netherlands Belgium Switzerland Denmark Finland Ukraine",
        "Chinese Japanese Korean Indian Russian German French British Italian Spanish Brazilian Canadian Mexican Australian "
        "American Turkish Egyptian Iranian Polish Swedish Norwegian Greek Irish Portuguese Dutch Roman Persian Arab Soviet",
        "January February March April May June July August September October November December",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "first second third fourth fifth sixth seventh eighth ninth tenth last",
        "two three four five six seven eight nine ten eleven twelve",
    )
]
_OPPOSITES = {
    a: b
    for pair in """largest/smallest biggest/smallest highest/lowest most/least oldest/youngest before/after increase/decrease
    increased/decreased rise/fall rose/fell imports/exports import/export north/south east/west northern/southern
    eastern/western won/lost began/ended started/stopped best/worst more/fewer longest/shortest earliest/latest
    internal/external upper/lower maximum/minimum accepted/rejected arrive/leave born/buried win/lose buy/sell""".split()
    for a, b in (pair.split("/"), reversed(pair.split("/")))
}
NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_FIGURE = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_WORD = re.compile(r"\S+")
_BYLINES = (
    "By {name} | Updated {date} {hour}:{minute}",
    "Published: {date}",
    "{name} {date} {hour}:{minute}",
    "Share this article | Print | Comments ({hour})",
    "Home > News > {name}\nAdvertisement",
    "({date}) Read more: {name}",
    "Photo: {name}\n[{date}]",
    "Source: {name} | Editor: {name}",
    "(Web editor: {name})",
    "{name} | {date}",
)
_DATE_FORMS = ("{month} {day}, {year}", "{day} {month} {year}", "{year}-{number:02}-{day:02}", "{year}/{number:02}/{day:02}")
_ASK_DATE = (
    "When was {what} published?", "When was {what} released?", "What is the date of {what}?", "On what date did {what} appear?",
    "When did {what} come out?", "When was {what} posted?", "When was {what} updated?",
)  # fmt: skip
_ASK_NAME = {
    "By ": ("Who wrote {what}?", "Who is the author of {what}?"),
    "ditor: ": ("Who edited {what}?", "Who is the editor of {what}?"),
}


@dataclass(frozen=True)
class Paragraph:
    """One paragraph with its sentences as character spans."""

    title: str
    text: str
    sentences: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Asked:
    """A question whose answer is `paragraphs[place].text[start:end]` of its data set."""

    data: str
    question: str
    place: int
    start: int
    end: int
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """What the reader is shown; start == end == 0 where the passage does not answer."""

    question: str
    passage: str
    start: int
    end: int
    kind: str
    answers: tuple[str, ...]


def paragraph(title: str, text: str) -> Paragraph:
    return Paragraph(title, text, tuple(split_sentences(text, 0, len(text))))


def medoid(answers: Sequence[tuple[str, int]]) -> tuple[str, int] | None:
    """The annotator's answer that agrees best with the others' by F1, or None where none agrees."""
    if len(answers) < 2:
        return answers[0] if answers else None

    def agreement(i: int) -> float:
        return sum(answer_f1(answers[i][0], [other]) for k, (other, _) in enumerate(answers) if k != i) / (len(answers) - 1)

    best = max(range(len(answers)), key=lambda i: (agreement(i), -len(answers[i][0]), -i))
    return answers[best] if agreement(best) >= AGREEMENT else None


def detokenise(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Penn Treebank tokens as running text, with each token's characters."""
    written = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": "“", "''": "”", "--": "–"}
    text, places = "", []
    for word in words:
        word = written.get(word, word)
        apart = text and not text.endswith(("(", "[", "“", "$", "£", "€"))
        if apart and not (re.fullmatch(r"[.,;:!?%)\]”]|n['’]t|['’](?:s|re|ve|d|ll|m)?", word)):
            text += " "
        places.append((len(text), len(text) + len(word)))
        text += word
    return text, places


def first_held_out(paragraphs: int) -> int:
    """The place of the first of a data set's paragraphs that is not trained on."""
    return int(paragraphs * (1 - HELD_OUT))


class ReaderData:
    """All questions, split by paragraph into a part to train on and a held-out part; draws one example at a time."""

    def __init__(self, folder: Path, seed: int, words: Sequence[int] = WORDS) -> None:
        """`words`: the least and the most of a passage."""
        self.seed = seed
        self.words = tuple(words)
        self.paragraphs: dict[str, list[Paragraph]] = {}
        questions: list[Asked] = []
        for name in ("new_wiki", "reddit", "amazon"):
            questions += self._squadshifts(name, folder / f"squadshifts_{name}.json")
        questions += self._qed(folder / "qed_dev.jsonl")
        questions += self._qamr(folder)
        self._lexical = {name: LexicalIndex.build([p.text for p in found]) for name, found in self.paragraphs.items()}
        self._names = {
            name: sorted({m for p in found for m in NAME.findall(p.text) if m.lower() not in STOP_WORDS})
            for name, found in self.paragraphs.items()
        }
        # By paragraph, and the last articles of new_wiki whole: neighbours in training do not help there.
        aside = {name: first_held_out(len(found)) for name, found in self.paragraphs.items()}
        self.training = [q for q in questions if q.place < aside[q.data]]
        self.held_out = [q for q in questions if q.place >= aside[q.data]]
        self._weights = [SHARES[question.data] for question in self.training]

    def _squadshifts(self, name: str, path: Path) -> Iterator[Asked]:
        found = self.paragraphs[name] = []
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for raw in article["paragraphs"]:
                for qa in raw["qas"]:
                    given = [(a["text"], a["answer_start"]) for a in qa["answers"]]
                    if chosen := medoid(given):
                        start, end = _trimmed(raw["context"], chosen[1], chosen[1] + len(chosen[0]))
                        yield Asked(name, qa["question"].strip(), len(found), start, end, tuple(dict(given)))
                found.append(paragraph(article["title"].replace("_", " "), raw["context"]))

    def _qed(self, path: Path) -> Iterator[Asked]:
        found = self.paragraphs["qed"] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            words = list(_WORD.finditer(raw["paragraph_text"]))
            text, places = detokenise([w.group() for w in words])
            spans = []
            for parts in raw["original_nq_answers"]:
                inside = [p for w, p in zip(words, places) if w.end() > parts[0]["start"] and w.start() < parts[-1]["end"]]
                if inside:
                    spans.append((text[inside[0][0] : inside[-1][1]], inside[0][0]))
            if chosen := medoid(spans):
                given = tuple(dict(spans))
                yield Asked("qed", raw["question_text"], len(found), chosen[1], chosen[1] + len(chosen[0]), given)
            found.append(paragraph(raw["title_text"], text))

    def _qamr(self, folder: Path) -> Iterator[Asked]:
        """Questions whose three answers agree and hold a name or figure: the others ask for any word of the sentence."""
        found = self.paragraphs["qamr"] = []
        rows: dict[str, list[list[str]]] = {}
        for name in ("qamr_dev.tsv", "qamr_test.tsv"):
            for line in (folder / name).read_text(encoding="utf-8").splitlines():
                row = line.split("\t")
                rows.setdefault(row[0], []).append(row)
        for line in (folder / "qamr_wiki_sentences.tsv").read_text(encoding="utf-8").splitlines():
            identity, sentence = line.split("\t", 1)
            text, places = detokenise(sentence.split())
            seen: set[str] = set()
            for row in rows.get(identity, []):
                spans = []
                for indices in (row[6], row[7].partition(":")[2], row[8].partition(":")[2]):
                    numbers = [int(i) for i in indices.split() if i.isdigit()]
                    if numbers and numbers == list(range(numbers[0], numbers[-1] + 1)):
                        start, end = places[numbers[0]][0], places[numbers[-1]][1]
                        spans.append((text[start:end], start))
                chosen = medoid(spans) if len(spans) == 3 else None
                question = row[5].strip()
                if chosen and len(question.split()) >= 5 and question.lower() not in seen and _telling(*chosen):
                    seen.add(question.lower())
                    yield Asked("qamr", question, len(found), chosen[1], chosen[1] + len(chosen[0]), tuple(dict(spans)))
            if seen:
                found.append(paragraph("", text))

    def draw(self, rng: random.Random) -> tuple[Asked, Example]:
        """A question and its example, of a kind drawn by `KINDS` where one of `TRIES` questions gives it."""
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        for asked in rng.choices(self.training, self._weights, k=TRIES):
            made = self._make(asked, kind, rng)
            if made.kind == kind:
                break
        return asked, self._as_typed(asked, made, rng)

    def tests(self, kind: str, count: int) -> list[Example]:
        """`count` held-out examples of one kind, in plain surface, always the same."""
        rng = random.Random(f"held out {kind}")
        drawn = rng.sample(self.held_out, len(self.held_out))
        made = (self._make(question, kind, rng) for question in drawn)
        return [example for example in made if example.kind == kind][:count]

    def _as_typed(self, question: Asked, made: Example, rng: random.Random) -> Example:
        """With a surface of its own, now and then under the lines that web pages have, which may be asked for."""
        if rng.random() >= CLUTTER:
            return replace(made, question=_surface(made.question, rng))
        date, name, lead = self._clutter(question, rng)
        passage = f"{lead}\n\n{made.passage}"
        if rng.random() < ABOUT and (asked := self._about(question, date, name, lead, rng)):
            text, answer = asked
            start = lead.rindex(answer)
            return Example(_surface(text, rng), passage, start, start + len(answer), "answer", (answer,))
        moved = len(lead) + 2 if made.end else 0
        return replace(
            made, question=_surface(made.question, rng), passage=passage, start=made.start + moved, end=made.end + moved
        )

    def _about(self, asked: Asked, date: str, name: str, lead: str, rng: random.Random) -> tuple[str, str] | None:
        """A question that the line in front of a passage answers, with its answer."""
        title = self.paragraphs[asked.data][asked.place].title
        what = rng.choice(("the article", "this article", "the report", f"the article about {title}" if title else "the text"))
        if date in lead and rng.random() < 0.6:
            return rng.choice(_ASK_DATE).format(what=what), date
        for mark, ways in _ASK_NAME.items():
            if f"{mark}{name}" in lead:
                return rng.choice(ways).format(what=what), name
        return None

    def _make(self, asked: Asked, kind: str, rng: random.Random) -> Example:
        """An example of `kind`, or the plain answer where the question does not give that kind."""
        everything = self.paragraphs[asked.data]
        own = everything[asked.place]
        holding = [i for i, (s, e) in enumerate(own.sentences) if s < asked.end and e > asked.start]
        if kind == "gone" and len(own.sentences) - len(holding) >= 2:
            side = rng.choice((own.sentences[: holding[0]], own.sentences[holding[-1] + 1 :])) or [
                s for i, s in enumerate(own.sentences) if i not in holding
            ]
            text = self._stretch(own.text, list(side), rng)
            if not _mentions(text, asked.answers):
                return Example(asked.question, text, 0, 0, "gone", ())
        if kind == "topic":
            for place in self._lexical[asked.data].scores(asked.question).argsort()[::-1][:6]:
                other = everything[int(place)]
                if int(place) != asked.place and not _mentions(other.text, asked.answers):
                    return Example(asked.question, self._stretch(other.text, other.sentences, rng), 0, 0, "topic", ())
        text, start, end = self._around(asked, rng)
        if kind in ("near miss", "renamed") and (swap := self._swap(asked, text, rng)):
            (first, last), new = swap
            old = asked.question[first:last]
            question = asked.question[:first] + new + asked.question[last:]
            before, after = _replaced(text[:start], old, new), _replaced(text[end:], old, new)
            told = before + text[start:end] + after
            unmixed = told != text and new not in text and new not in asked.question and old not in text[start:end]
            if kind == "renamed" and unmixed:
                return Example(question, told, len(before), len(before) + end - start, "renamed", asked.answers)
            if kind == "near miss" and unmixed and rng.random() < IN_PASSAGE:
                return Example(asked.question, told, 0, 0, "near miss", ())
            if kind == "near miss":
                return Example(question, text, 0, 0, "near miss", ())
        return Example(asked.question, text, start, end, "answer", asked.answers)

    def _around(self, asked: Asked, rng: random.Random) -> tuple[str, int, int]:
        """A stretch of whole sentences around the answer, sometimes with a neighbour before or after it."""
        own = self.paragraphs[asked.data][asked.place]
        budget = rng.randint(*self.words)
        holding = [i for i, (s, e) in enumerate(own.sentences) if s < asked.end and e > asked.start]
        first, last = holding[0], holding[-1]

        def size(a: int, b: int) -> int:
            return own.text.count(" ", own.sentences[a][0], own.sentences[b][1])

        while True:
            ways = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last + 1 < len(own.sentences))
            ways = [way for way in ways if size(*way) <= budget]
            if not ways:
                break
            first, last = rng.choice(ways)
        begin, stop = own.sentences[first][0], own.sentences[last][1]
        text, start, end = own.text[begin:stop], asked.start - begin, asked.end - begin
        room = budget - text.count(" ")
        if asked.data == "qamr" or (room > 20 and rng.random() < JOINED):
            near = asked.place + rng.choice((-1, 1)) if asked.data != "qamr" else rng.randrange(len(self.paragraphs["qamr"]))
            while room > 12 and 0 <= near < len(self.paragraphs[asked.data]):
                other = self.paragraphs[asked.data][near]
                joined = self._stretch(other.text, other.sentences, rng, room)
                if _mentions(joined, asked.answers) or not joined:
                    break
                gap = " " if asked.data == "qamr" else "\n\n"
                if rng.random() < 0.5:
                    text, start, end = f"{joined}{gap}{text}", start + len(joined) + len(gap), end + len(joined) + len(gap)
                else:
                    text = f"{text}{gap}{joined}"
                room = budget - text.count(" ")
                if asked.data != "qamr" or rng.random() < 0.3:
                    break
                near = rng.randrange(len(self.paragraphs["qamr"]))
        return text, start, end

    def _stretch(self, text: str, sentences: Sequence[tuple[int, int]], rng: random.Random, budget: int = 0) -> str:
        """Some sentences in a row that hold at most `budget` words, at least one."""
        budget = budget or rng.randint(*self.words)
        first = rng.randrange(max(1, len(sentences) - 2))
        last = first
        while last + 1 < len(sentences) and text.count(" ", sentences[first][0], sentences[last + 1][1]) <= budget:
            last += 1
        cut = text[sentences[first][0] : sentences[last][1]]
        words = list(_WORD.finditer(cut))
        return cut if len(words) <= 1.3 * budget else cut[: words[budget].start()].rstrip()

    def _swap(self, asked: Asked, passage: str, rng: random.Random) -> tuple[tuple[int, int], str] | None:
        """The characters of one fact of the question, and another of its kind.

        The other one is not in the passage, or is a name of the passage that the answer's own sentence does not hold.
        """
        own = self.paragraphs[asked.data][asked.place]
        sentence = " ".join(own.text[s:e] for s, e in own.sentences if s < asked.end and e > asked.start)
        elsewhere = [n for n in set(NAME.findall(passage)) if n not in sentence and n not in asked.question]
        question, ways = asked.question, []
        for match in re.finditer(r"[\w’'-]+", question):
            word = match.group()
            for kind in _CLOSED:
                if word in kind and word in passage:
                    others = sorted(w for w in kind - {word} if w not in (sentence if word in sentence else passage))
                    near = [w for w in others if w in passage]
                    ways += [(match.span(), w) for w in rng.sample(near or others, min(3, len(near or others)))]
            if opposite := _OPPOSITES.get(word):
                ways.append((match.span(), opposite))
        for match in _FIGURE.finditer(question):
            if match.group() in passage:
                ways += [(match.span(), other) for other in [_other_figure(match.group(), rng)] * 3 if other not in passage]
        for match in NAME.finditer(question):
            name = match.group()
            if name in passage and name.lower() not in STOP_WORDS and self._names[asked.data]:
                size = name.count(" ")
                pool = rng.choices(self._names[asked.data], k=60)
                ways += [(match.span(), n) for n in pool if n.count(" ") == size and n not in passage][:3]
                if name in sentence:
                    near = sorted(n for n in elsewhere if n.count(" ") == size) or sorted(elsewhere)
                    ways += [(match.span(), n) for n in rng.sample(near, min(6, len(near)))]
        return rng.choice(ways) if ways else None

    def _clutter(self, asked: Asked, rng: random.Random) -> tuple[str, str, str]:
        """A date, a name, and a line or two that hold them as web pages do."""
        date = rng.choice(_DATE_FORMS).format(
            month=rng.choice(sorted(_CLOSED[2])), day=rng.randint(1, 28), year=rng.randint(1990, 2025), number=rng.randint(1, 12)
        )
        name = rng.choice(self._names[asked.data] or ["News"])
        line = rng.choice(_BYLINES).format(name=name, date=date, hour=rng.randint(1, 23), minute=rng.randint(10, 59))
        title = self.paragraphs[asked.data][asked.place].title
        return date, name, f"{title}\n{line}" if title and rng.random() < 0.5 else line


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space and stray punctuation at the ends."""
    while end > start + 1 and text[end - 1] in " \n.,;:":
        end -= 1
    while start + 1 < end and text[start] in " \n,;:":
        start += 1
    return start, end


def _replaced(text: str, old: str, new: str) -> str:
    """`text` with every whole word `old` as `new`."""
    return re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, text)


def _telling(answer: str, start: int) -> bool:
    return any(c.isdigit() for c in answer) or (any(c.isupper() for c in answer) and start > 0)


def _mentions(text: str, answers: Sequence[str]) -> bool:
    plain = f" {normalise(text)} "
    return any(f" {normalise(answer)} " in plain for answer in answers)


def _other_figure(figure: str, rng: random.Random) -> str:
    """Another number of the same look: a year near it, or other digits."""
    if re.fullmatch(r"1\d{3}|20\d\d", figure):
        return str(int(figure) + rng.choice((-1, 1)) * rng.randint(1, 20))
    first = rng.choice([d for d in "123456789" if d != figure[0]])
    return first + "".join(rng.choice("0123456789") if c.isdigit() else c for c in figure[1:])


def _surface(question: str, rng: random.Random) -> str:
    """The question as people type it: lower case, no question mark, only the telling words, a slip of the finger."""
    if rng.random() < TELEGRAPHIC:
        words = question.rstrip("?").split()
        kept = [w for w in words if w.lower() not in STOP_WORDS]
        question = " ".join(kept) if len(kept) >= 2 else question
    if rng.random() < NO_MARK:
        question = question.rstrip("? ")
    if rng.random() < LOWER:
        question = question.lower()
    if rng.random() < TYPO:
        long = list(re.finditer(r"[a-z]{5,}", question))
        if long:
            place = rng.choice(long)
            i = rng.randrange(place.start() + 1, place.end() - 1)
            question = (
                question[:i]
                + rng.choice((question[i + 1] + question[i], question[i] * 2 + question[i + 1], question[i + 1]))
                + question[i + 2 :]
            )
    return question
