"""Answers about the folder itself: how many files, which, about what, by whom, from when, and the sentences that carry them.

In: an `Intent` of `intents`, the catalog's rows, the word index and the search. Out: an `Answer` of kind "folder", or "none" where nothing was
asked; None where it is a question about the text after all. What the index knows is not measured but so: the confidence of such an answer
is 1.0 and has no band. What is quoted are the files' characters, as everywhere.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rag.answers import Answer, Citation, Gaps, Item, Listed, Passage, Span, Trace
from rag.corpus.catalog import ChunkRow, FileRow
from rag.formats.readers import READERS
from rag.messages import WORDS, Reason, Say, say_in
from rag.questions import Question, content_terms
from rag.reading.answering import Found, refusal
from rag.reading.citing import Citer
from rag.reading.evidence import context_of, is_met
from rag.reading.extracts import MOST_SENTENCES, carrying
from rag.reading.gaps import not_read, unread
from rag.reading.intents import TEXT, Intent
from rag.search.retrieval import Snapshot, passage_of
from rag.text.scripts import is_cjk, spoken
from rag.text.sentences import split_sentences
from rag.text.terms import terms_of, tokens
from rag.text.values import values

Search = Callable[[Question, int], list[Passage]]
"""(what to look for, how many) → passages, best first."""
MOST_SHOWN = 20
"""Files or dated sentences in one answer."""
MOST_LISTED = 200
"""Files in a list of them."""
READ_SECONDS = 5.0
"""After so long no further file is read for an overview."""
MOST_SUMMED = 12
"""Files in a summary of everything."""
LEAST_COVERED = 0.75
"""Of what a question calls a document, by its terms' weights, that the title or the file's name must hold."""
WHOLE = ("count", "list", "newest", "oldest", "longest")
LEAST_NARROWED = 0.6
"""The least probability for one of WHOLE that names something, too, as questions about the text do more often."""
NEAR = 0.35
"""Cosine from which a passage that lacks the words may be about a topic: of 150 topics of one to three English words asked of XQuAD's 120
Chinese development paragraphs every second one that is so near to a paragraph is its own (and every 14th is; words bridge no languages)."""
_MEANT, _MEANT_PASSAGES = 0.24, 3
"""The least cosine of the passages that all must be of one document for it to be meant by what it is called in another language."""
_MOST_CHUNKS = 2_000
_OPENING = 2_000
"""Characters at a text's beginning in which its author and date are looked for, to be quoted."""
_WORDS = re.compile(r"[^\W_]+")
_FIRST, _LONGEST = 8, 400
"""Terms of a sentence at the least, characters at the most, for it to carry anything."""
_ENDS = re.compile(r"[.!。！…][\"'”’」』)）\]]*$")


@dataclass(frozen=True)
class Mention:
    """A file that mentions a topic: the passage, and the sentence in it that holds most of the topic's terms."""

    row: ChunkRow
    sentence: Span | None
    """None where the topic stands in the title alone."""
    perhaps: bool
    """Whether only the meaning tells, and no word."""


@dataclass(frozen=True)
class Folder:
    """One generation of an index, as far as a question may ask about it."""

    snapshot: Snapshot
    citer: Citer
    search: Search
    sources: tuple[str, ...]
    """The files that are asked; all where it is empty."""
    docs: str

    def answer(self, asked: Question, intent: Intent) -> Found | None:
        """What `intent` asks for; None where it must be asked of the text."""
        if intent.kind == TEXT:
            return None
        language = spoken(asked.text)
        if intent.kind == "chat" and any(map(self.snapshot.lexical.knows, content_terms(" ".join(intent.other)))):
            return None
        if intent.kind in ("chat", "command"):
            return self._found(asked, self._nothing_asked(asked, intent.kind, language))
        if intent.kind in WHOLE and content_terms(" ".join(intent.other)):
            return None  # it says more than the folder can tell
        if intent.kind in WHOLE and content_terms(intent.about) and intent.probability < LEAST_NARROWED:
            return None
        asking = {
            "author": self._author, "written": self._written, "contents": self._contents, "summary": self._summary,
            "timeline": self._timeline, "mention": self._mentioning,
        }.get(intent.kind, self._files)  # fmt: skip
        made = asking(_Asked(asked, intent.kind, intent.about, language))
        return made if isinstance(made, Found) or made is None else self._found(asked, made)

    def _found(self, asked: Question, answer: Answer, passages: Sequence[Passage] = ()) -> Found:
        return Found(asked, answer, tuple(passages), (), self.snapshot)

    # the files

    @property
    def rows(self) -> list[FileRow]:
        """The files that are asked, in name order."""
        return [row for row in self.snapshot.files.values() if not self.sources or row.source in self.sources]

    @property
    def indexed(self) -> list[FileRow]:
        return [row for row in self.rows if row.state == "indexed"]

    def _nothing_asked(self, asked: Question, kind: str, language: str) -> Answer:
        say = say_in(language)
        why = Reason(f"{kind} said", {"count": len(self.indexed), "docs": self.docs, "try": say("what is here")})
        trace = Trace(asked.text, sources=self.sources)
        return Answer(asked.text, False, say(why), reasons=(why,), trace=trace, language=language, kind="none")

    def _files(self, ask: _Asked) -> Answer:
        """How many there are, which, and the newest, oldest or longest of them: of all, of a type, in a language, about a topic."""
        rows, mentions, of = self._chosen(ask)
        chosen, told = rows, list[Reason]()
        if ask.kind in ("newest", "oldest"):
            dates = [row.date for row in chosen if row.date]
            edge = (max if ask.kind == "newest" else min)(dates, default="")
            rows = [row for row in chosen if edge and row.date == edge]
            if len(dates) < len(chosen):
                told.append(Reason("files undated", {"count": len(chosen) - len(dates)}))
        elif ask.kind == "longest":
            lengths = self.snapshot.catalog.lengths()
            most = max((lengths.get(row.source, 0) for row in chosen), default=0)
            rows = [row for row in chosen if most and lengths.get(row.source, 0) == most]
            told.append(Reason("characters long", {"count": most}))
        told += [*self._more(rows, MOST_LISTED), *self._unread()]
        if not rows and ask.kind != "count":
            return self._refused(ask, Reason("no dated file") if chosen else Reason("no such file"), *told)
        citations = self._cited([mentions[row.source] for row in rows if row.source in mentions])
        listed = [self._listed(row, [c for c in citations if c.source == row.source]) for row in rows[:MOST_LISTED]]
        head = Reason(f"asked {ask.kind}", {"count": len(chosen)})
        short = str(len(rows)) if ask.kind == "count" else rows[0].source if ask.kind != "list" and len(rows) == 1 else ""
        heads = [Reason("of which", {"of": of}), head] if of else [head]
        return self._made(ask, heads, listed, citations, told, short)

    def _chosen(self, ask: _Asked) -> tuple[list[FileRow], dict[str, Mention], str]:
        """The files that are meant, those that mention a topic with the place, and how they are called; all where nothing is named."""
        wanted = content_terms(ask.about)
        if not wanted:
            return self.indexed, {}, ""
        if types := _types(wanted):
            return [row for row in self.indexed if type_of(row.source) in types], {}, ask.about
        if language := _language(ask.about):
            return [row for row in self.indexed if row.language == language], {}, ask.about
        found = {m.row.source: m for m in self.mentions(ask.about) if not m.perhaps}
        return [self.snapshot.files[source] for source in found], found, ask.about

    def _unread(self) -> list[Reason]:
        return not_read(unread(self.rows))

    def _listed(self, row: FileRow, citations: Iterable[Citation] = (), *, perhaps: bool = False) -> Listed:
        return Listed(row.source, row.title, row.date, row.author, tuple(c.number for c in citations), perhaps)

    # what they are about

    def mentions(self, topic: str) -> list[Mention]:
        """The files that mention `topic`, those first whose words do; each with its first best passage."""
        terms, names = content_terms(topic), Question.parse(topic).names
        if not terms:
            return []
        lexical, files = self.snapshot.lexical, self.snapshot.files
        holding = [set(lexical.holding(term, lexical.size)) for term in terms]
        ids = sorted(set.intersection(*holding))[:_MOST_CHUNKS]
        asked = Question.parse(topic)
        near = self.search(asked, MOST_SHOWN)
        met = [p.chunk_id for p in near if names and self._meets(names, terms, context_of(p))]
        best: dict[str, Mention] = {}
        for row in self.snapshot.catalog.chunks(sorted({*ids, *met})):
            if self.sources and row.source not in self.sources:
                continue
            place, held = _best_sentence(row, terms)
            known = best.get(row.source)
            if known is None or held > _held(known, terms):
                best[row.source] = Mention(row, place, False)
        others: dict[str, Mention] = {}
        for row in self.snapshot.catalog.chunks([p.chunk_id for p in near if p.dense >= NEAR and p.source not in best]):
            others.setdefault(row.source, Mention(row, _first_sentence(row), True))
        order = {p.source: at for at, p in reversed(list(enumerate(near)))}
        placed = sorted(best.values(), key=lambda m: (order.get(m.row.source, len(order)), m.row.source))
        closest = sorted(others.values(), key=lambda m: order.get(m.row.source, len(order)))
        return [m for m in (*placed, *closest) if files[m.row.source].state == "indexed"]

    def _meets(self, names: Sequence[str], terms: Sequence[str], text: str) -> bool:
        """Whether a text holds the names in some written form, and the other terms as they are."""
        held = terms_of(text)
        named = {term for name in names for term in tokens(name)}
        return all(is_met(name, text, held) for name in names) and all(term in held for term in terms if term not in named)

    def _cited(self, mentions: Sequence[Mention]) -> list[Citation]:
        """A citation for each file whose sentence still stands, numbered from 1."""
        citations: list[Citation] = []
        for mention in mentions:
            if mention.sentence and (made := self._quote(len(citations) + 1, mention.row, mention.sentence)):
                citations.append(made)
        return citations

    def _quote(self, number: int, row: ChunkRow, span: Span) -> Citation | None:
        return self.citer.quote(number, passage_of(row, self.snapshot.files[row.source]), span)

    def _mentioning(self, ask: _Asked) -> Answer | None:
        if not content_terms(ask.about):
            return None
        found = self.mentions(ask.about)
        if not found:
            return self._refused(ask, Reason("no file mentions", {"topic": ask.about}), *self._unread())
        shown = found[:MOST_SHOWN]
        citations = self._cited(shown)
        numbered = {c.source: (c,) for c in citations}
        listed = [
            self._listed(self.snapshot.files[m.row.source], numbered.get(m.row.source, ()), perhaps=m.perhaps) for m in shown
        ]
        sure = [m for m in found if not m.perhaps]
        head = Reason(
            "files mention" if sure else "files perhaps mention", {"count": len(sure) or len(found), "topic": ask.about}
        )
        told = [Reason("others perhaps", {"count": len(found) - len(sure)})] if sure and len(found) > len(sure) else []
        return self._made(ask, [head], listed, citations, [*told, *self._more(found), *self._unread()])

    def _more(self, found: Sequence[object], most: int = MOST_SHOWN) -> list[Reason]:
        return [Reason("more of them", {"count": len(found) - most})] if len(found) > most else []

    def _contents(self, ask: _Asked) -> Found | Answer | None:
        """How many files of which types and languages, from when to when, and the first of them with a sentence each."""
        if content_terms(ask.about):
            return self._summary(ask)
        rows = self.indexed
        if not rows:
            return self._refused(ask, Reason("no such file"), *self._unread())
        say = say_in(ask.language)
        types = Counter(type_of(row.source) for row in rows)
        languages = Counter(row.language for row in rows if f"language {row.language}" in WORDS)
        dates = sorted(row.date for row in rows if row.date)
        told = [Reason("of types", {"types": [f"{count} × {_named(say, kind)}" for kind, count in types.most_common()]})]
        if languages:
            names = [f"{count} × {_named(say, f'language {name}')}" for name, count in languages.most_common()]
            told.append(Reason("of languages", {"languages": names}))
        if dates:
            told.append(Reason("of dates", {"first": dates[0], "last": dates[-1]}))
        citations, listed, began = list[Citation](), list[Listed](), time.perf_counter()
        for row in rows[:MOST_SHOWN]:
            made = self._first(row, len(citations) + 1) if time.perf_counter() - began < READ_SECONDS else None
            citations += [made] if made else []
            listed.append(self._listed(row, [made] if made else []))
        told += [*self._more(rows), *self._unread()]
        return self._made(ask, [Reason("asked contents", {"count": len(rows)})], listed, citations, told)

    def _first(self, row: FileRow, number: int) -> Citation | None:
        """The first sentence of a file that tells something."""
        for chunk, span in self._sentences(row.source):
            return self._quote(number, chunk, span)
        return None

    def _sentences(self, source: str, *, short: bool = False) -> Iterator[tuple[ChunkRow, Span]]:
        """The sentences of a file that can carry something, in order, each with a passage that holds it: no heading, row or clutter; labels
        and `short` ones are asked for."""
        rows = self.snapshot.catalog.chunks_between(source, 0, 1 << 60)
        now = self.citer.now(source)
        if now is None:
            return
        last = 0
        for block in now.document.blocks:
            if block.kind not in (("paragraph", "item", "note", "label") if short else ("paragraph", "item", "note")):
                continue
            for start, end in split_sentences(now.text, block.start, block.end):
                held = next((row for row in rows if row.start <= start and end <= row.end), None)
                text = now.text[start:end]
                if held is None or start < last or end - start > _LONGEST or not _ENDS.search(text):
                    continue
                if (short or len(tokens(text)) >= _FIRST) and [start, end] not in held.unanswering:
                    last = end
                    yield held, (start, end)

    # one document

    def document(self, called: str) -> FileRow | None:
        """The one indexed file whose title or name holds what a question calls it; None where none does, or several."""
        terms = content_terms(called) or tuple(term for term in tokens(called))
        if not terms:
            return None
        weigh = self.snapshot.lexical.weight
        whole = sum(map(weigh, terms))
        covered: dict[str, float] = {}
        for row in self.indexed:
            names = _names(row)
            covered[row.source] = sum(weigh(term) for term in terms if term in names) / whole
        best = max(covered.values(), default=0.0)
        fitting = [source for source, share in covered.items() if share == best]
        if best >= LEAST_COVERED:
            return self.snapshot.files[fitting[0]] if len(fitting) == 1 else None
        return self._meant(called)

    def _spelt(self, text: str) -> FileRow | None:
        """The one indexed file whose name or title stands in a text as it is."""
        found = [
            row for row in self.indexed if any(len(n) > 1 and n in text for n in (row.title, PurePosixPath(row.source).name))
        ]
        return found[0] if len(found) == 1 else None

    def _called(self, asked: Question) -> list[FileRow]:
        """The files that a word of the question names, as "the minutes" do; all where none does."""
        named = {row.source: _names(row) for row in self.indexed}
        for term in asked.terms:
            sources = [source for source, names in named.items() if term in names]
            if 0 < len(sources) < len(named):
                return [self.snapshot.files[source] for source in sources]
        return self.indexed

    def _meant(self, called: str) -> FileRow | None:
        """The file in the other language that all the nearest passages are of."""
        near = self.search(Question.parse(called), _MEANT_PASSAGES)
        if len({p.source for p in near}) != 1 or any(p.dense < _MEANT or is_cjk(p.text) == is_cjk(called) for p in near):
            return None
        return self.snapshot.files[near[0].source]

    def _author(self, ask: _Asked) -> Answer | None:
        row = self.document(ask.about)
        if row is None or not row.author:
            return None
        shown = self._shown(row, lambda text: _place_of(text, row.author))
        head = Reason("file author", {"title": row.title, "author": row.author})
        return self._made(ask, [head], [self._listed(row, shown)], shown, [], row.author)

    def _written(self, ask: _Asked) -> Answer | None:
        row = self.document(ask.about)
        if row is None or not row.date:
            return None
        shown = self._shown(row, lambda text: _date_in(text, row.date))
        head = Reason("file date", {"title": row.title, "date": row.date})
        return self._made(ask, [head], [self._listed(row, shown)], shown, [], row.date)

    def _shown(self, row: FileRow, look: Callable[[str], Span | None]) -> list[Citation]:
        """The line at a file's beginning in which `look` finds something."""
        now = self.citer.now(row.source)
        chunk = next(iter(self.snapshot.catalog.chunks_between(row.source, 0, 1 << 60)), None)
        place = look(now.text[:_OPENING]) if now else None
        if now is None or chunk is None or place is None:
            return []
        start = now.text.rfind("\n", 0, place[0]) + 1
        end = now.text.find("\n", place[1])
        line = now.text[start : end if end >= 0 else len(now.text)]
        span = (start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
        made = self._quote(1, chunk, span)
        return [made] if made else []

    # sentences

    def _summary(self, ask: _Asked) -> Found | Answer | None:
        """The sentences that carry a document, or each of the newest documents, as they stand there."""
        one = (self.document(ask.about) or self._spelt(ask.question.text)) if content_terms(ask.about) else None
        if one is None and content_terms(ask.about):
            is_file = PurePosixPath(ask.about).suffix.lower() in {*READERS} - {""}
            return self._refused(ask, Reason("no such file")) if is_file else None
        rows = [one] if one else sorted(self._called(ask.question), key=lambda row: (row.date, row.source), reverse=True)
        one = one or (rows[0] if len(rows) == 1 else None)
        told, chosen, summed, began = list[Reason](), list[tuple[ChunkRow, Span]](), 0, time.perf_counter()
        for row in rows[:MOST_SUMMED]:
            if time.perf_counter() - began > READ_SECONDS:
                break
            summed += 1
            sentences = list(self._sentences(row.source)) or list(self._sentences(row.source, short=True))
            texts = [held.text[s - held.start : e - held.start] for held, (s, e) in sentences]
            most = max(3, min(7, len(texts) // 8)) if one else 1 + (len(texts) > 15)
            chosen += [sentences[at] for at in carrying(texts, most)]
            if len(texts) > MOST_SENTENCES:
                told.append(Reason("of the first sentences", {"count": MOST_SENTENCES, "of": len(texts), "source": row.source}))
        quoted = [(row, self._quote(at + 1, row, span)) for at, (row, span) in enumerate(chosen)]
        if not chosen or any(made is None for _, made in quoted):
            return self._refused(ask, Reason("nothing to sum up"), *self._unread())
        citations = [made for _, made in quoted if made]
        listed = [self._listed(row, [c for c in citations if c.source == row.source]) for row in rows[:summed]]
        of = {"title": one.title or one.source} if one else {"count": len(rows)}
        head = Reason("carrying of one" if one else "carrying of all", of)
        told += [*self._more(rows, summed), *([] if one else self._unread())]
        answer = self._made(ask, [head], [each for each in listed if each.numbers], citations, told, sentences=True)
        passages = {row.chunk_id: passage_of(row, self.snapshot.files[row.source]) for row, _ in chosen}
        return self._found(ask.question, answer, list(passages.values()))

    def _timeline(self, ask: _Asked) -> Answer | None:
        """Sentences about a topic that hold a date, or stand in a dated document, in order of date."""
        if not (terms := content_terms(ask.about)):
            return self._by_date(ask)
        told: list[tuple[str, ChunkRow, Span]] = []
        one = self.document(ask.about)
        holding = [set(self.snapshot.lexical.holding(term, self.snapshot.lexical.size)) for term in terms]
        ids = sorted(set.intersection(*holding))[:_MOST_CHUNKS]
        chunks = self.snapshot.catalog.chunks_between(one.source, 0, 1 << 60) if one else self.snapshot.catalog.chunks(ids)
        seen: set[tuple[str, int]] = set()
        for row in chunks:
            own = self.snapshot.files[row.source]
            if self.sources and row.source not in self.sources:
                continue
            for start, end in row.sentences:
                text = row.text[start - row.start : end - row.start]
                dates = [v.canonical for v in values(text) if v.kind == "date"]
                about = terms_of(text).issuperset(terms)
                if one or not about:
                    wanted = bool(dates) and (one is not None or terms_of(row.text).issuperset(terms))
                    wanted = wanted and not (dates[0] == own.date and len(tokens(text)) < _FIRST)
                else:
                    wanted = bool(dates or own.date)
                if not wanted or (row.source, start) in seen or [start, end] in row.unanswering:
                    continue
                seen.add((row.source, start))
                told.append((_when(dates[0] if dates else "", own.date), row, (start, end)))
        told.sort(key=lambda each: (each[0], each[1].source, each[2]))
        if not told:
            return self._refused(ask, Reason("no dated sentence", {"topic": ask.about}))
        citations: list[Citation] = []
        for _, row, span in told[:MOST_SHOWN]:
            made = self._quote(len(citations) + 1, row, span)
            citations += [made] if made else []
        rows = {c.source: self.snapshot.files[c.source] for c in citations}
        listed = [self._listed(row, [c for c in citations if c.source == source]) for source, row in rows.items()]
        head = Reason("dated sentences", {"count": len(told), "topic": ask.about})
        return self._made(ask, [head], listed, citations, self._more(told), sentences=True)

    def _by_date(self, ask: _Asked) -> Answer:
        """The dated documents, the oldest first."""
        rows = sorted((row for row in self.indexed if row.date), key=lambda row: (row.date, row.source))
        undated = len(self.indexed) - len(rows)
        told = [*self._more(rows, MOST_LISTED), *([Reason("files undated", {"count": undated})] if undated else [])]
        if not rows:
            return self._refused(ask, Reason("no dated file"), *told)
        head = Reason("files by date", {"count": len(rows)})
        return self._made(ask, [head], [self._listed(row) for row in rows[:MOST_LISTED]], [], told)

    # the answer

    def _made(
        self,
        ask: _Asked,
        heads: Sequence[Reason],
        files: Sequence[Listed],
        citations: Sequence[Citation],
        told: Sequence[Reason],
        short: str = "",
        *,
        sentences: bool = False,
    ) -> Answer:
        """`heads` and what else is to be said, then the `sentences` that are cited, or else the files."""
        say = say_in(ask.language)
        if sentences:
            lines = [f"- {c.quote} [{c.number}]" for c in citations]
        else:
            lines = [f"- {told_file(each, say)}{''.join(f' [{n}]' for n in each.numbers)}" for each in files]
        said = (" " if ask.language == "en" else "").join(map(say, (*heads, *told)))
        return Answer(
            question=ask.question.text,
            answered=True,
            text="\n".join([said, *lines]),
            short=short,
            confidence=1.0,
            citations=tuple(citations),
            items=tuple(Item(c.number, c.start, c.end, c.quote) for c in citations) if sentences else (),
            trace=Trace(ask.question.text, sources=self.sources),
            language=ask.language,
            kind="folder",
            files=tuple(files),
        )

    def _refused(self, ask: _Asked, *why: Reason) -> Answer:
        trace = Trace(ask.question.text, sources=self.sources)
        return replace(refusal(ask.question.text, why, 0.0, Gaps(), trace), kind="folder")


@dataclass(frozen=True)
class _Asked:
    """A question about the folder, as it was understood."""

    question: Question
    kind: str
    about: str
    language: str


def _names(row: FileRow) -> frozenset[str]:
    """The index terms of a file's title and name."""
    return frozenset(tokens(row.title)) | frozenset(tokens(" ".join(_WORDS.findall(row.source))))


def told_file(each: Listed, say: Say) -> str:
    """A file in one line: its title, its name where that is another, its date."""
    more = [each.source if each.source != each.title else "", each.date, say("perhaps") if each.perhaps else ""]
    more = [part for part in more if part]
    return f"{each.title} ({', '.join(more)})" if more else each.title


def type_of(source: str) -> str:
    """The type that people know a file by, as a key of WORDS; its suffix where they know none."""
    suffix = PurePosixPath(source).suffix.lower()
    return next((kind for kind, suffixes in _TYPES.items() if suffix in suffixes), suffix)


_TYPES: Mapping[str, frozenset[str]] = {
    key: frozenset(other for other, reader in READERS.items() if reader is READERS[key.removeprefix("type ")])
    for key in WORDS
    if key.startswith("type .")
}
"""The suffixes of each type: those that one reader reads."""


def _named(say: Say, key: str) -> str:
    """The first of the names in WORDS; of no key itself."""
    return say(key).split(" / ")[0] if key in WORDS else key


def _types(terms: Sequence[str]) -> set[str]:
    """The types that all `terms` name, by their names in either language or their suffixes."""
    found = set()
    for key, suffixes in _TYPES.items():
        names = frozenset(tokens(" ".join([*WORDS[key], *(suffix[1:] for suffix in suffixes)])))
        if names.issuperset(terms):
            found.add(key)
    return found


def _language(about: str) -> str:
    """The language that `about` names, in either language; "" where it names none."""
    terms = frozenset(tokens(about))
    for key, names in WORDS.items():
        if key.startswith("language ") and any(terms == frozenset(tokens(name)) for both in names for name in both.split(" / ")):
            return key.removeprefix("language ")
    return ""


def _best_sentence(row: ChunkRow, terms: Sequence[str]) -> tuple[Span | None, int]:
    """The first sentence of a chunk that holds most of `terms`, and how many it holds."""
    best: tuple[Span | None, int] = (None, 0)
    for start, end in row.sentences:
        held = len(terms_of(row.text[start - row.start : end - row.start]).intersection(terms))
        if held > best[1]:
            best = ((start, end), held)
    return best


def _first_sentence(row: ChunkRow) -> Span | None:
    return next(((start, end) for start, end in row.sentences if [start, end] not in row.unanswering), None)


def _held(mention: Mention, terms: Sequence[str]) -> int:
    return _best_sentence(mention.row, terms)[1]


def _place_of(text: str, words: str) -> Span | None:
    at = text.find(words)
    return (at, at + len(words)) if at >= 0 else None


def _date_in(text: str, date: str) -> Span | None:
    return next(((v.start, v.end) for v in values(text) if v.kind == "date" and v.canonical == date), None)


def _when(canonical: str, own: str) -> str:
    """A date to order by: the first of a range, in its document's year where it has none; the document's where the sentence has none."""
    first = canonical.split("..")[0].lstrip("~<>=")
    return f"{own[:4]}{first[1:]}" if first.startswith("--") and own else first or own
