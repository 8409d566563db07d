"""What a question asks about that the documents lack: words that no file holds, near spellings, what close passages miss.

In: a question, the word index, the candidates held back. Out: `rag.answers.Gaps`, and the reason in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.answers import ClosePassage, Gaps, UnknownWord, UnreadFile
from rag.corpus.catalog import FileRow
from rag.corpus.words import LexicalIndex
from rag.questions import Question, content_terms
from rag.reading.answering import Candidate
from rag.reading.evidence import Evidence
from rag.text.scripts import CJK_LANGUAGES, is_cjk

MAX_CLOSEST = 3
MAX_NEAREST = 3
_MIN_LETTERS = 4
_LONG = 8
"""Words of so many letters may differ in two places, shorter ones in one (optimal string alignment distance)."""
_MEASURES = frozenset(
    "amount size number total large big small high long old far tall deep wide heavy value worth cost price".split()
)
"""Words that ask for a measure; no file has to contain them."""
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
    for word in dict.fromkeys(words):
        terms = content_terms(word)
        if not terms or word.lower() in _MEASURES or any(lexical.knows(term) for term in terms):
            continue
        near = [] if is_common(word.lower()) else _nearest(terms, lexical)
        spellings = tuple(dict.fromkeys(filter(None, map(surface, (term for term, _ in near)))))[:MAX_NEAREST]
        alone = len(near) == 1 or (len(near) > 1 and near[0][1] < near[1][1])
        sure = bool(spellings) and alone and spellings[0][0].isupper() >= word[0].isupper()
        found.append(UnknownWord(word, spellings, spellings[0] if sure else ""))
    return tuple(found)


def _nearest(terms: Sequence[str], lexical: LexicalIndex) -> list[tuple[str, float]]:
    """Index terms that differ from a single Latin term by a slip or two, nearest first, with the distance."""
    if len(terms) != 1 or len(terms[0]) < _MIN_LETTERS or not terms[0].isascii() or not terms[0].isalpha():
        return []
    term = terms[0]
    alike = sorted(
        known for known in lexical.terms if known[:1] == term[0] and abs(len(known) - len(term)) <= 2 and known.isalpha()
    )
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
    asked: Question,
    question: Question,
    unknown: tuple[UnknownWord, ...],
    candidates: Sequence[Candidate],
    files: Mapping[str, FileRow],
) -> Gaps:
    """All that a refusal can show; `candidates` are the ones held back, most probable first, and `question` is `asked` in their language."""
    missing = {word.word for word in unknown if not word.read_as}
    closest: dict[str, ClosePassage] = {}
    for candidate in candidates:
        passage = candidate.passage
        evidence = Evidence(question, passage, passage.characters(*candidate.sentence))
        lacks = tuple(name for name in evidence.unmet if name not in missing)
        found = candidate.text or passage.characters(candidate.start, candidate.end)
        close = ClosePassage(passage.source, *candidate.sentence, found, candidate.confidence, lacks, evidence.not_about)
        closest.setdefault(passage.chunk_id, close)
        if len(closest) == MAX_CLOSEST:
            break
    unread = tuple(UnreadFile(row.source, row.state, row.reason) for row in files.values() if row.state in ("failed", "skipped"))
    other = (
        () if asked.chinese else tuple(s for s, row in files.items() if row.state == "indexed" and row.language in CJK_LANGUAGES)
    )
    return Gaps(unknown, tuple(closest.values()), unread, other)


def reason(question: str, gaps: Gaps, threshold: float) -> str:
    """Why a question is not answered, for a person."""
    chinese = is_cjk(question)
    missing = [word for word in gaps.unknown if not word.read_as]
    parts = []
    if missing:
        words = ", ".join(word.word for word in missing)
        parts.append(f"这些词不在任何文件中：{words}。" if chinese else f"No file contains: {words}.")
        parts += [f"Did you mean {' or '.join(word.nearest)} instead of {word.word}?" for word in missing if word.nearest]
    if gaps.closest:
        parts += _close(gaps, threshold, chinese)
    elif not parts:
        parts = ["没有段落与问题有共同的词。" if chinese else "No passage shares a word with the question."]
    if gaps.unasked:
        names, more = _first(gaps.unasked)
        parts.append(
            f"Not asked in English, being in Chinese, Japanese or Korean: {names}{more}. Ask in Chinese to search Chinese text."
        )
    return " ".join(parts)


def _close(gaps: Gaps, threshold: float, chinese: bool) -> list[str]:
    """What the closest candidate lacks, and what it might have been found in instead."""
    parts = []
    best = gaps.closest[0]
    if best.lacks:
        names = ", ".join(best.lacks)
        parts.append(f"最接近的段落没有提到：{names}。" if chinese else f"The closest passage does not mention: {names}.")
    if best.not_about:
        names = ", ".join(best.not_about)
        parts.append(f"最接近的句子说的不是：{names}。" if chinese else f"The closest sentence is not about: {names}.")
    shown = clipped(best.found, _SHOWN_CHARS)
    if chinese:
        parts.append(f"最接近的是“{shown}”（{best.source}），把握 {best.confidence:.0%}，低于 {threshold:.0%} 的界限。")
    else:
        parts.append(
            f"The closest candidate is “{shown}” in {best.source}, "
            f"right with a probability of {best.confidence:.0%}; answers below {threshold:.0%} are held back."
        )
    if failed := [file.source for file in gaps.unread if file.state == "failed"]:
        names, more = _first(failed)
        parts.append(f"{len(failed)} 个文件无法读取：{names}。" if chinese else f"Not read, so not searched: {names}{more}.")
    return parts


def _first(sources: Sequence[str]) -> tuple[str, str]:
    """The first few of some files, and how many more there are."""
    more = f" and {len(sources) - MAX_CLOSEST} more" if len(sources) > MAX_CLOSEST else ""
    return ", ".join(sources[:MAX_CLOSEST]), more


def clipped(text: str, most: int) -> str:
    """`text`, or its first characters and an ellipsis, `most` in all."""
    return text if len(text) <= most else text[: most - 1] + "…"
