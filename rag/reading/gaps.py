"""What a question asks about that the documents lack: words that no file holds, near spellings, what close passages miss.

In: a question, the word index, the candidates held back. Out: `rag.answers.Gaps`, and the reasons of a refusal.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.answers import ClosePassage, Gaps, UnknownWord, UnreadFile
from rag.corpus.catalog import FileRow
from rag.corpus.words import LexicalIndex
from rag.messages import WORDS, Reason
from rag.questions import Question, content_terms
from rag.reading.answering import Candidate
from rag.reading.evidence import Evidence
from rag.text.scripts import CJK_LANGUAGES, is_cjk

MAX_CLOSEST = 3
MAX_NEAREST = 3
_MAX_UNREAD = 3
"""Files that could not be read and are named; the others are counted by kind."""
_MIN_LETTERS = 4
_LONG = 8
"""Words of so many letters may differ in two places, shorter ones in one (optimal string alignment distance)."""
_MEASURES = frozenset(
    "amount size number total large big small high long old far tall deep wide heavy value worth cost price".split()
)
"""Words that ask for a measure; no file has to contain them."""
_NOTHING_IN_IT = ("empty", "link inside")
"""Why a file is skipped in which there is nothing that is not searched."""
_WORD = re.compile(r"[^\W\d_][\w'’-]{2,}")
_SHOWN_CHARS = 120


def unknown_words(
    question: Question, lexical: LexicalIndex, is_common: Callable[[str], bool], surface: Callable[[str], str]
) -> tuple[UnknownWord, ...]:
    """The question's names, figures and telling words that no file holds, with the files' nearest spellings.

    `is_common` tells an everyday word, which is no slip of the pen: "Iran" is never taken for "Iraq". `surface` gives a term's
    written form. A word is read as its nearest spelling when there is only one at that distance.
    """
    words = [*question.names, *([] if question.chinese else _WORD.findall(question.text))]
    found = []
    told: set[tuple[str, ...]] = set()
    for word in dict.fromkeys(words):
        terms = content_terms(word)
        if tuple(terms) in told:
            continue
        told.add(tuple(terms))
        if not terms or word.lower() in _MEASURES or any(lexical.knows(term) for term in terms):
            continue
        near = [] if is_common(word) else _nearest(terms, lexical)
        spellings = tuple(dict.fromkeys(filter(None, map(surface, (term for term, _ in near)))))[:MAX_NEAREST]
        alone = len(near) == 1 or (len(near) > 1 and near[0][1] < near[1][1])
        sure = bool(spellings) and alone and spellings[0][0].isupper() >= word[0].isupper()
        found.append(UnknownWord(word, spellings, spellings[0] if sure else ""))
    return tuple(found)


def in_scripts_of(unknown: Sequence[UnknownWord], files: Iterable[FileRow]) -> tuple[UnknownWord, ...]:
    """Without the words that the files could not hold: English ones where all files are in Chinese, and the other way round. A figure stays."""
    chinese = {file.language in CJK_LANGUAGES for file in files if file.state == "indexed"}
    return tuple(each for each in unknown if is_cjk(each.word) in chinese or any(map(str.isdigit, each.word)))


def _nearest(terms: Sequence[str], lexical: LexicalIndex) -> list[tuple[str, float]]:
    """Index terms that differ from a single Latin term by a slip or two, nearest first, with the distance."""
    if len(terms) != 1 or len(terms[0]) < _MIN_LETTERS or not terms[0].isascii() or not terms[0].isalpha():
        return []
    term = terms[0]
    alike = [known for known in lexical.beginning(term[0]) if abs(len(known) - len(term)) <= 2 and known.isalpha()]
    limit = 2 if len(term) >= _LONG else 1
    found = process.extract(term, alike, scorer=OSA.distance, score_cutoff=limit, limit=MAX_NEAREST + 1)
    return [(known, distance) for known, distance, _ in found]


def read_as(question: Question, unknown: Sequence[UnknownWord]) -> Question:
    """The question with its slips of the pen mended."""
    text = question.text
    for word in unknown:
        if word.read_as:
            text = re.sub(rf"(?<!\w){re.escape(word.word)}(?!\w)", word.read_as, text)
    return question if text == question.text else Question.parse(text)


def gaps_of(
    question: Question,
    unknown: tuple[UnknownWord, ...],
    candidates: Sequence[Candidate],
    unsearched: Iterable[FileRow],
) -> Gaps:
    """All that a refusal can show; `candidates` are the ones held back, most probable first, `unsearched` the files that are not read."""
    missing = {word.word for word in unknown if not word.read_as}
    closest: dict[str, ClosePassage] = {}
    for candidate in candidates:
        passage = candidate.passage
        evidence = Evidence(question, passage, candidate.sentence)
        lacks = tuple(name for name in evidence.unmet if name not in missing)
        found = candidate.text or passage.characters(candidate.start, candidate.end)
        close = ClosePassage(passage.source, *candidate.sentence, found, candidate.confidence, lacks, evidence.not_about)
        closest.setdefault(passage.chunk_id, close)
        if len(closest) == MAX_CLOSEST:
            break
    return Gaps(unknown, tuple(closest.values()), unread(unsearched))


def reasons(gaps: Gaps, threshold: float) -> tuple[Reason, ...]:
    """Why a question is not answered."""
    missing = [word for word in gaps.unknown if not word.read_as]
    told = []
    if missing:
        told.append(Reason("words in no file", {"words": [word.word for word in missing]}))
        told += [Reason("near spelling", {"word": word.word, "nearest": [*word.nearest]}) for word in missing if word.nearest]
    if gaps.closest:
        told += _close(gaps, threshold)
    elif not told:
        told.append(Reason("nothing shared"))
    return (*told, *not_read(gaps.unread))


def _close(gaps: Gaps, threshold: float) -> list[Reason]:
    """What the closest candidate lacks, and what it might have been found in instead."""
    best, told = gaps.closest[0], []
    if best.lacks:
        told.append(Reason("closest lacks", {"names": [*best.lacks]}))
    if best.not_about:
        told.append(Reason("closest is not about", {"names": [*best.not_about]}))
    if best.is_near(threshold):
        found = clipped(best.found, _SHOWN_CHARS)
        values = {"found": found, "source": best.source, "confidence": best.confidence, "threshold": threshold}
        told.append(Reason("held back", values))
    elif not told:
        told.append(Reason("closest does not answer"))
    return told


def unread(rows: Iterable[FileRow]) -> tuple[UnreadFile, ...]:
    """Those of the files that are not searched."""
    return tuple(UnreadFile(row.source, row.state, row.reason) for row in rows if row.reason)


def not_read(files: Sequence[UnreadFile]) -> list[Reason]:
    """Which files are not searched, in one sentence: some of those that could not be read by name, the others counted by kind."""
    failed = [file.source for file in files if file.state == "failed"]
    skipped = [file.source for file in files if file.state == "skipped" and file.why.code not in _NOTHING_IN_IT]
    if not failed and not skipped:
        return []
    named = [
        *failed[:_MAX_UNREAD],
        *(Reason("more of a kind", counted) for counted in _counted(failed[_MAX_UNREAD:])),
        *(Reason("of a kind", counted) for counted in _counted(skipped)),
    ]
    count = len(failed) + len(skipped)
    return [Reason("one not read" if count == 1 else "some not read", {"count": count, "files": named})]


def _counted(sources: Iterable[str]) -> list[dict[str, object]]:
    """How many there are of each kind, the most first."""
    return [{"count": count, "kind": kind} for kind, count in Counter(map(_kind, sources)).most_common()]


def nothing_indexed(files: Iterable[FileRow], docs: Path) -> tuple[Reason, ...]:
    """Why there is nothing to ask: where it was looked, what was passed over and why, and which kinds are read."""
    found = [(_kind(row.source), row.reason) for row in files if row.reason]
    counts = Counter((kind, why.code) for kind, why in found)
    first = {(kind, why.code): why for kind, why in reversed(found)}
    passed = [
        Reason("of a kind, why", {"count": count, "kind": key[0], "why": first[key]}) for key, count in counts.most_common()
    ]
    return (
        Reason("nothing indexed", {"docs": str(docs.resolve())}),
        Reason("passed over", {"kinds": passed}) if passed else Reason("no file there"),
        Reason("kinds read", {"kinds": [Reason(key) for key in WORDS if key.startswith("type .")]}),
    )


def _kind(source: str) -> str:
    """A file's suffix, or its name where it has none."""
    path = PurePosixPath(source)
    return path.suffix.lower() or path.name


def clipped(text: str, most: int) -> str:
    """`text`, or its first characters and an ellipsis, `most` in all."""
    return text if len(text) <= most else text[: most - 1] + "…"
