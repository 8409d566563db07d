"""Text → the countries it names, in English and Chinese, by any of their forms: "French" and "法国" are France.

The commonest kind of near miss asks for another country's figure; this is what tells one country from another. The forms are
CLDR's (`cldr`). A form counts with its capital, from the first character to the longest form that fits; "Jordan" next to
another capitalised word is a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rag.text.cldr import ALSO_NAMES, NATIONS, NO_NATIONS
from rag.text.scripts import STOP_WORDS

_NATION = {form: name for name, forms in NATIONS.items() for form in forms} | dict.fromkeys(NO_NATIONS, "")
_FIRST: dict[str, list[str]] = {}
"""First word of a Latin form, or first character of a Chinese one → the forms, longest first."""
_WORD = re.compile(r"(?<![A-Za-z0-9_.])[A-ZÅÇ][A-Za-zÀ-ÿ]*|[\u4e00-\u9fff]")
for _form in sorted(_NATION, key=len, reverse=True):
    if _first := _WORD.match(_form):
        _FIRST.setdefault(_first[0], []).append(_form)
_CHARACTERS = {"中": "China", "日": "Japan", "韩": "South Korea", "朝": "North Korea", "美": "United States", "俄": "Russia",
               "英": "United Kingdom", "法": "France", "德": "Germany", "印": "India", "欧": "European Union"}  # fmt: skip
_TOGETHER = re.compile(f"[{''.join(_CHARACTERS)}]{{2,}}(?!洲)")
_BEFORE = re.compile(r"([A-Z][\w’'-]*)(, | )$")
_AFTER = re.compile(r" ([A-Z][\w’'-]+)")


@lru_cache(maxsize=2000)
def nations(text: str) -> frozenset[str]:
    """English names of the countries that `text` names; 中日韩 names three."""
    forms = list(_forms(text))
    together = {_CHARACTERS[c] for run in _TOGETHER.findall(text) if run not in _NATION for c in run}
    return frozenset({_NATION[form] for form in forms} | together)


def nation_words(text: str) -> list[str]:
    """The Chinese country names in `text`, as written."""
    return [form for form in _forms(text) if form > "\u2e80"]


def _forms(text: str) -> Iterator[str]:
    """Every form of a country's name in `text`, in order, none inside another."""
    plain = text.replace("\u00a0", " ")
    reach = 0
    for match in _WORD.finditer(plain):
        if match.start() < reach:
            continue
        form = _longest(plain, match.start(), match[0])
        if form:
            reach = match.start() + len(form)
            if _NATION[form] and not _is_another_name(plain, form, match.start()):
                yield form


def _longest(text: str, at: int, word: str) -> str:
    """The longest form that stands at `at` as a whole word; a possessive or a hyphen may follow."""
    for form in _FIRST.get(word, ()):
        end = at + len(form)
        if text.startswith(form, at) and (form > "\u2e80" or not re.match(r"[A-Za-z0-9_À-ÿ]", text[end : end + 1])):
            return form
    return ""


def _is_another_name(text: str, form: str, at: int) -> bool:
    """Michael Jordan, Chad Smith, "Atlanta, Georgia"; but "Armenia, Georgia and Azerbaijan" are countries."""
    if form not in ALSO_NAMES:
        return False
    after = _AFTER.match(text[at + len(form) : at + len(form) + 40])
    before = _BEFORE.search(text[max(0, at - 40) : at])
    led = before is not None and before[1].lower() not in STOP_WORDS and before[1] not in _NATION
    return led or (after is not None and after[1] not in _NATION)
