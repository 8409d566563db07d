"""Text → index terms, its denials, and one plain form to compare answers in. Pure functions of strings; English and Chinese.

Latin words are lower-cased, stripped of accents and stemmed (Snowball English); CJK runs give single characters and pairs
(recall@1 .929 on XQuAD-zh and .960 on CMRC's development set; a segmenter did no better).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import Stemmer

from rag.text.scripts import CJK

_TOKEN = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*|(?:[^\W\d_{CJK}]|['’](?=[^\W\d_]))+|_")
_WORD = re.compile(r"[^\W\d_][\w'’-]+")
_NEGATION = re.compile(
    r"\b(?:not(?! only)|no|never|neither|nor|without|none|cannot)\b|n['’]t\b|(?<![不])[不没无未](?!仅)", re.IGNORECASE
)
_stemmer = Stemmer.Stemmer("english", 0)
_MAX_WORD = 64


def tokens(text: str) -> list[str]:
    """Index terms of `text`, in order."""
    found: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text).lower()):
        if token[0] > "\u2e80":
            found.extend(token)
            found.extend(a + b for a, b in pairwise(token))
        elif token != "_":
            found.append(stem(token[:_MAX_WORD]))
    return found


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The stem of a lower-case Latin word; digits lose their thousands separators ("1,600" = "1600")."""
    if word[0].isdigit():
        return word.replace(",", "")
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return str(_stemmer.stemWord(re.sub(r"['’](?:s$)?", "", plain) or word))


def surface_form(term: str, texts: Iterable[str]) -> str:
    """How `texts` most often write an index term; "" when none does."""
    forms = Counter(word for text in texts for word in _WORD.findall(text) if tokens(word) == [term])
    return forms.most_common(1)[0][0] if forms else ""


def denials(text: str) -> int:
    """How often `text` denies something."""
    return len(_NEGATION.findall(text))


def normalise(text: str) -> str:
    """Lower case without articles, punctuation and extra space, as SQuAD's official script compares answers."""
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = "".join(c if c.isalnum() or c in "%$€£¥" else " " if c.isspace() or c in "-–—/" else "" for c in plain)
    return " ".join(word for word in plain.split() if word not in ("a", "an", "the"))


@lru_cache(maxsize=512)
def terms_of(text: str) -> frozenset[str]:
    """Its index terms; the latest are kept, since every span of a passage asks for the same ones."""
    return frozenset(tokens(text))
