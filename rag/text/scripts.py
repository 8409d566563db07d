"""Which script and language a text is in, told by its characters and function words. Pure functions of strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_CJK = re.compile(f"[{CJK}]")
_LATIN = re.compile("[A-Za-z]")
WORD = re.compile(rf"[{CJK}]|[^\W\d_](?:[\w'’-]*\w)?|\d[\d.,:]*")

# The commonest English function words; enough to tell sentences from menus, which have next to none.
STOP_WORDS = frozenset(
    """a about after all also an and any are as at be been before being between both but by can could did do does
    for from had has have he her his how i if in into is it its more most no not of on one or other our out over she
    should so some such than that the their them then there these they this those to under up was we were what when
    where which while who whose why will with would you your""".split()
)


CJK_LANGUAGES = ("zh", "ja", "ko")
"""As `detect_language` names them."""


def is_cjk(text: str) -> bool:
    """Whether Chinese, Japanese or Korean characters carry the text: at 2.5 Latin letters' worth each."""
    cjk = len(_CJK.findall(text))
    return cjk > 0 and cjk * 2.5 > len(_LATIN.findall(text))


def spoken(question: str) -> str:
    """The language that a question is answered in: "zh" for Chinese, Japanese and Korean characters, else "en"."""
    return "zh" if is_cjk(question) else "en"


def detect_language(text: str) -> str:
    """'en', 'zh', 'ja', 'ko', or 'und' for another language, by script and function words."""
    sample = text[:20_000]
    han = len(re.findall("[\u3400-\u4dbf\u4e00-\u9fff]", sample))
    kana = len(re.findall("[\u3040-\u30ff]", sample))
    hangul = len(re.findall("[\uac00-\ud7af]", sample))
    latin = sum(c.isascii() and c.isalpha() for c in sample)
    # A CJK character carries about as much as two to three Latin letters.
    if (han + kana + hangul) * 2.5 > latin:
        if hangul > han + kana:
            return "ko"
        return "ja" if kana * 5 > han else "zh"
    return "en" if stop_share(WORD.findall(sample)) >= 0.15 else "und"


def stop_share(words: Sequence[str]) -> float:
    latin = [w.lower() for w in words if w[0].isascii() and w[0].isalpha()]
    return sum(w in STOP_WORDS for w in latin) / len(latin) if latin else 0.0
