"""A Chinese question in English words, by dictionary, so that English documents are searched and read for it.

Word by word, in the meanings that the documents use (dictionary translation as in Ballesteros and Croft, SIGIR 1997): of a word's
meanings those count whose every term is in the index, and of these the one that the passages found with a first try hold most.
What comes out is no sentence, but the retriever and the reader know telegraphic questions. A name that the dictionary lacks stays as it is
written, which the confidence counts as a name that the text does not hold.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.answers import Passage
from rag.corpus.words import LexicalIndex
from rag.errors import ModelBroken
from rag.models.runtime import MODELS
from rag.questions import Question
from rag.text.scripts import CJK, STOP_WORDS, is_cjk
from rag.text.terms import tokens
from rag.text.values import MONTHS

_LONGEST = 8
"""Characters of a word that is looked up."""
TOP = 8
"""Passages of the first try that a meaning is looked for in."""
_LATER = 0.15
"""What a meaning must be ahead by for each place that it stands further back in the dictionary."""
_SIMPLER = str.maketrans(
    "麼誰時間為幾個裡裏兒處樣長遠項種條屆歲號錢億萬與將對於從該這當請問嗎過還經關來並",
    "么谁时间为几个里里儿处样长远项种条届岁号钱亿万与将对于从该这当请问吗过还经关来并",
)
"""Traditional characters of the words below, in questions and dictionary alike."""
_ASKING = {
    "什么时候|何时|什么时间": "when", "哪一?年|何年|什么年份": "what year", "哪一?[天日]|何日|几月几日|几号|什么日期": "what date",
    "哪一?个?月|几月": "what month", "哪里|哪儿|何处|什么地方": "where", "(?<![成称认作视定译写名改表述])(?:为什么|为何)": "why",
    "百分之几|百分之多少|多少百分比": "what percentage", "多少(?=[美日欧韩]?元|钱|亿|万|英镑|人民币)": "how much", "多长时间|多久": "how long",
    "有?多大": "how large", "有?多高": "how high", "有?多长": "how long", "有?多远": "how far", "有?多重": "how heavy", "有?多快": "how fast",
    "多少|几(?=[个名位家次项届岁人天年条种])": "how many", "如何|怎么样?|怎样": "how", "是?谁": "who",
    "哪一?[个家位项种座部款条支届次些几]?|第几[届次个]?": "which", "什么样的|什么": "what",
}  # fmt: skip
_FORMS = re.compile(
    r"(?:(?P<year>[12]\d{3})\s*年\s*)?(?P<month>\d{1,2})\s*月(?:\s*(?P<day>\d{1,2})\s*[日号])?|(?P<alone>[12]\d{3})\s*年"
    r"|第\s*(?P<nth>\d+)\s*[届次]?"
)
_GROUPS = {pattern: f"asked{at}" for at, pattern in enumerate(_ASKING)}
_ASKED = re.compile("|".join(f"(?P<{group}>{pattern})" for pattern, group in _GROUPS.items()))
_RUN = re.compile(rf"[{CJK}]+|[^\W{CJK}](?:[^\s{CJK}，。？！、；：（）《》“”]*[^\W{CJK}%])?%?")
_SKIPPED = frozenset(
    """的 了 是 在 有 和 与 被 将 对 为 于 由 从 到 以 及 等 其 该 这 那 当 时 时候 请问 吗 呢 之 之间 上 中 里 地 得 着 过 把 所 而
    并 也 都 就 又 还 曾 已 已经 一个 一种 这个 那个 这些 那些 个 名 家 位 项 种 次 届 其中 关于 对于 由于 来自""".split()
)
_OTHER_SCRIPTS = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_STOP_TERMS = frozenset(term for word in STOP_WORDS for term in tokens(word))


@dataclass(frozen=True)
class Word:
    """One word of a question, and what it may mean in English, likeliest first; nothing where the dictionary does not say."""

    written: str
    meanings: tuple[str, ...]


class Glossary:
    """The dictionary, and questions put into English with it. Raises ModelBroken when its file is missing or altered."""

    def __init__(self, path: Path = MODELS / "glossary" / "glossary.tsv.gz") -> None:
        self._meanings: dict[str, str] = {}
        self._readings: dict[str, str] = {}
        try:
            for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
                written, meanings, reading = line.split("\t")
                word = written.translate(_SIMPLER)
                self._meanings[word] = meanings
                if reading:
                    self._readings[word] = reading
        except (OSError, EOFError, ValueError) as error:
            raise ModelBroken(f"{path} cannot be read ({error}); reinstall the package.") from error

    def __len__(self) -> int:
        return len(self._meanings)

    def in_english(
        self, question: Question, lexical: LexicalIndex, search: Callable[[Question], Sequence[Passage]]
    ) -> Question | None:
        """`question` in the documents' English words; None when the dictionary knows none of its words."""
        asking, words = self._words(question.text, lexical)
        if not any(word.meanings for word in words):
            return None
        meanings = [word.meanings or (word.written,) for word in words if word.meanings or len(word.written) > 1]
        first = Question.parse(" ".join([asking, *(m[0] for m in meanings)]))
        found = [frozenset(tokens(f"{p.title}\n{p.text}")) for p in search(first)[:TOP]]

        def held(meaning: str) -> float:
            terms = _telling(meaning)
            return sum(sum(t in passage for t in terms) / rank for rank, passage in enumerate(found, 1)) / max(1, len(terms))

        chosen = [max(enumerate(known), key=lambda pair: held(pair[1]) - _LATER * pair[0])[1] for known in meanings]
        return Question.parse(f"{' '.join([asking, *chosen])}?")

    def knows(self, word: str, lexical: LexicalIndex) -> bool:
        """Whether the documents hold some meaning of each part of a Chinese word."""
        parts = [part.meanings[:1] for part in self._words(word, lexical)[1]]
        return bool(parts) and all(meaning and all(map(lexical.knows, _telling(meaning[0]))) for meaning in parts)

    def _words(self, question: str, lexical: LexicalIndex) -> tuple[str, list[Word]]:
        """What a question asks with ("how many"), and its other words in order."""
        asked: list[str] = []

        def take(match: re.Match[str]) -> str:
            asked.append(_ASKING[next(pattern for pattern, group in _GROUPS.items() if match[group])])
            return " "

        rest = _ASKED.sub(take, _FORMS.sub(_in_figures, question.translate(_SIMPLER)))
        words: list[Word] = []
        for run in _RUN.findall(rest):
            words += self._cut(run, lexical) if is_cjk(run) else [Word(run, (run,))]
        return (asked or ["what"])[0], words

    def _cut(self, run: str, lexical: LexicalIndex) -> list[Word]:
        """The words of a run of Chinese characters: from left to right the longest that there is, unknown ones side by side as one."""
        at, found, unknown = 0, list[Word](), False
        while at < len(run):
            starts = [run[at : at + size] for size in range(min(_LONGEST, len(run) - at), 0, -1)]
            word = self._name(run[at : at + 3], lexical) or self._name(run[at : at + 2], lexical)
            if word is None:
                written = next((w for w in starts if w in _SKIPPED or self._meanings.get(w)), starts[-1])
                word = Word(written, self._known(written, lexical))
            at += len(word.written)
            if word.written in _SKIPPED:
                unknown = False
                continue
            if unknown and not word.meanings:
                word = Word(found.pop().written + word.written, ())
            found.append(word)
            unknown = not word.meanings
        return found

    def _known(self, written: str, lexical: LexicalIndex) -> tuple[str, ...]:
        """Its meanings in the documents' words; else the first of a longer word, which the encoder may still know."""
        meanings = [m for m in self._meanings.get(written, "").split("/") if _telling(m)]
        known = [m for m in meanings if all(map(lexical.knows, _telling(m)))]
        return tuple(known or (meanings[:1] if len(written) > 1 else ()))

    def _name(self, written: str, lexical: LexicalIndex) -> Word | None:
        """A Chinese person's name in Pinyin, where the documents know both its parts."""
        readings = [self._readings.get(character, "") for character in written]
        if len(written) < 2 or not readings[0].istitle() or not all(readings):
            return None
        name = f"{readings[0]} {''.join(readings[1:]).capitalize()}"
        return Word(written, (name,)) if len(_telling(name)) == 2 and all(map(lexical.knows, _telling(name))) else None


@cache
def glossary() -> Glossary:
    """The shipped one, loaded when it is first needed."""
    return Glossary()


def is_chinese(text: str) -> bool:
    """Whether a text is in Chinese characters and not Japanese or Korean."""
    return is_cjk(text) and not _OTHER_SCRIPTS.search(text)


@cache
def _telling(meaning: str) -> tuple[str, ...]:
    return tuple(term for term in tokens(meaning) if term not in _STOP_TERMS)


def _in_figures(match: re.Match[str]) -> str:
    """A date or an ordinal as English writes it: "March 22 2024", "49th"."""
    if match["nth"]:
        number = int(match["nth"])
        ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f" {number}{ending} "
    if match["alone"]:
        return f" {match['alone']} "
    month = int(match["month"])
    name = MONTHS[month - 1].capitalize() if 1 <= month <= 12 else match["month"]
    return f" {' '.join(filter(None, (name, match['day'], match['year'])))} "
