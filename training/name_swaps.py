"""Names of questions replaced by others of their kind: near misses, and pairs that keep their answer, in any language.

What answers one question of a set and stands in another is a name (or a figure) there, so no tagger and no word list is needed. Its kind is
its script, its size and the words of asking that it answers ("谁", "in what year").
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence

from reader_data import _replaced

HAN = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LONGEST = {"zh": 10, "en": 4}
"""The most of a name, in Han characters or in words."""
LEAST_POOL = 12
"""Of names of a kind; else those of the same look do."""
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_ASKED = re.compile(
    r"哪(?:一|个|位|些|几|里|儿|年|月|天)?[\u4e00-\u9fff]|什么[\u4e00-\u9fff]?|多少|几[\u4e00-\u9fff]|谁|何[\u4e00-\u9fff]"
    r"|\b(?:what|which) \w+|\b(?:who|whom|whose|where|when)\b|\bhow \w+|\b(?:siapa|kapan|di ?mana|berapa)\b",
    re.IGNORECASE,
)


def look(name: str) -> str:
    """Digits as they are grouped, else the script and the size."""
    if any(c.isdigit() for c in name):
        return re.sub(r"\d", "9", name)
    return f"han {min(4, len(name))}" if HAN.search(name) else f"words {len(name.split())}"


def asked_with(question: str) -> str:
    found = _ASKED.search(question)
    return found.group().lower() if found else ""


class Names:
    """The names of a set, out of its questions and their answers."""

    def __init__(self, asked: Iterable[tuple[str, Sequence[str]]]) -> None:
        self.kinds: dict[str, set[tuple[str, str]]] = {}
        for question, answers in asked:
            for answer in answers:
                if self._is_name(answer):
                    self.kinds.setdefault(answer, set()).add((look(answer), asked_with(question)))
        self.pools: dict[object, list[str]] = {}
        for name, kinds in sorted(self.kinds.items()):
            for kind in sorted(kinds):
                self.pools.setdefault(kind, []).append(name)
            self.pools.setdefault(look(name), []).append(name)

    @staticmethod
    def _is_name(answer: str) -> bool:
        if HAN.search(answer):
            return 2 <= len(answer) <= LONGEST["zh"] and not re.search(r"[\s，。；、,.;：:（）()]", answer)
        words = answer.split()
        cased = any(word[0].isupper() or word[0].isdigit() for word in words)
        return 1 <= len(words) <= LONGEST["en"] and cased and len(answer) > 2 and not re.search(r"[,;:()\"]", answer)

    def inside(self, text: str) -> list[tuple[int, int]]:
        """Characters of the names in `text`, the longest at each place."""
        found: list[tuple[int, int]] = []
        words = [match.span() for match in _WORD.finditer(text)]
        at = 0
        for number, (first, last) in enumerate(words):
            if HAN.search(text, first, last):
                at = max(at, first)
                while at < last:
                    size = next((n for n in range(min(LONGEST["zh"], last - at), 1, -1) if text[at : at + n] in self.kinds), 0)
                    if size:
                        found.append((at, at + size))
                    at += max(1, size)
            elif first >= at:
                ends = [end for _, end in words[number : number + LONGEST["en"]]][::-1]
                end = next((e for e in ends if text[first:e] in self.kinds), 0)
                if end:
                    found.append((first, end))
                    at = end
        return found

    def alike(self, name: str, others: Iterable[str]) -> list[str]:
        """Those of `others` of the same kind, or where there are none of the same look."""
        names = sorted(set(others) - {name})
        return [n for n in names if self.kinds[n] & self.kinds[name]] or [n for n in names if look(n) == look(name)]

    def other(self, name: str, rng: random.Random) -> str:
        """Another name of the kind; "" where there is none."""
        pools = [pool for kind in sorted(self.kinds[name]) if len(pool := self.pools[kind]) >= LEAST_POOL]
        pool = rng.choice(pools) if pools else self.pools[look(name)]
        chosen = rng.choice(pool)
        return "" if chosen == name else chosen


def swapped(
    names: Names, question: str, passage: str, sentence: str, answers: Sequence[str], near: bool, rng: random.Random
) -> str:
    """The question with one of its names replaced so that `passage` does not answer it; "" where that cannot be done.

    `near`: by another name of the passage that the answer's own `sentence` does not hold, else by one that the passage does not.
    """
    spans = [(a, b) for a, b in names.inside(question) if question[a:b] in passage and question[a:b] not in answers]
    if not spans:
        return ""
    start, end = rng.choice(spans)
    old = question[start:end]
    if near:
        known = " ".join((question, sentence, *answers))
        ways = names.alike(old, (n for a, b in names.inside(passage) if (n := passage[a:b]) not in known and old not in n))
        new = rng.choice(ways) if ways else ""
    else:
        new = names.other(old, rng)
        new = "" if new in passage or new in question or old in new or new in old else new
    return question[:start] + new + question[end:] if new else ""


def renamed(
    names: Names, question: str, passage: str, start: int, end: int, rng: random.Random
) -> tuple[str, str, int, int] | None:
    """One name replaced in the question and in the passage, so that the answer stays; None where that cannot be done."""
    answer = passage[start:end]
    spans = [(a, b) for a, b in names.inside(question) if question[a:b] in passage and question[a:b] not in answer]
    if not spans:
        return None
    first, last = rng.choice(spans)
    old, new = question[first:last], names.other(question[first:last], rng)
    if not new or new in passage or new in question:
        return None
    put = str.replace if HAN.search(old) else _replaced
    before, after = put(passage[:start], old, new), put(passage[end:], old, new)
    if before + after == passage[:start] + passage[end:]:
        return None
    return question[:first] + new + question[last:], before + answer + after, len(before), len(before) + len(answer)
