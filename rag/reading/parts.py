"""A question that asks several things → the questions that it is made of, in order. Pure; English and Chinese.

Told by the grammar of asking alone: several sentences that ask, clauses each with a question word of its own, or things that stand in a row
before "of" (的). A part may lean on the one before it; `followups` completes it.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.questions import QUESTION_WORDS, content_terms
from rag.text.scripts import is_cjk

MAX_PARTS = 6
_WORD = f"(?:{QUESTION_WORDS})"
_PREPOSITION = r"(?:(?:in|at|on|for|to|from|by|since|until|under) )?"
_SENTENCES = re.compile(r"[^?？!！。]*[?？]+|[^?？!！。]+?(?:[.!！。]+(?=\s|$|[^\d\s])|$)")
_NEXT_CLAUSE = re.compile(rf"\s*[,;]?\s+(?:and|as well as|plus)\s+(?:also\s+)?(?={_PREPOSITION}{_WORD}\b)", re.IGNORECASE)
_EARLIER_CLAUSE = re.compile(rf"\s*[,;]\s+(?={_PREPOSITION}{_WORD}\b)", re.IGNORECASE)
"""Where another clause follows behind "and", the ones before it may be parted by commas alone."""
_ZH_CLAUSE = re.compile(r"[，,、；;]\s*(?:以及|并且|而且|还有|另外|同时|又)?")
_ZH_ASKS = re.compile(r"什么|多少|几(?!乎)|哪|谁|(?<!任)何|怎|多[大久高长远深重快宽厚]")
_BOTH_WORDS = re.compile(
    rf"^\s*({_PREPOSITION}{_WORD}(?: (?:much|many|long|often))?)\s+and\s+({_PREPOSITION}{_WORD}(?: (?:much|many|long|often))?)\s+(.+)$",
    re.IGNORECASE,
)
_ROW_OF = re.compile(
    r"^(?P<ask>\W*(?:what (?:is|are|was|were)|tell me|give me|show me|name|list))\s+(?P<row>(?:the |its )?[^?]+?,? and (?:the )?[^?]+?)\s+of\s+(?P<of>[^?.]+)[?.]*$",
    re.IGNORECASE,
)
_ZH_ROW_OF = re.compile(
    r"^(?P<of>.+?)的(?P<row>[^的，。？?]+?(?:、[^的，。？?]+?|(?:和|与|及|以及)[^的，。？?]+?)+?)(?P<each>分别|各自?)?(?:是|为)?(?P<word>多少|什么|哪[里儿个些]|谁)[？?]*$"
)
_COMMA = re.compile(r",\s*(?:and\s+)?|\s+and\s+", re.IGNORECASE)
_ZH_COMMA = re.compile("[、和与及]|以及")
_LONGEST = 5
"""Words of a thing that stands in a row with others; what is longer is no name of a thing."""


def parts(text: str) -> list[str]:
    """The questions that `text` asks, each as it is written there as far as it can be; one where it asks one thing."""
    asking = [sentence.strip(" /\n\t") for sentence in _SENTENCES.findall(text) if sentence.strip()]
    asked = [sentence for sentence in asking if sentence.endswith(("?", "？"))] or [text.strip()]
    found = [part for sentence in asked for part in _of_sentence(sentence)]
    return found if 1 < len(found) <= MAX_PARTS else asked[:1] if len(asked) == 1 else [text.strip()]


def _of_sentence(sentence: str) -> list[str]:
    return _in_a_row(sentence) or _two_words(sentence) or _clauses(sentence)


def _clauses(sentence: str) -> list[str]:
    """Clauses with a question word each; a clause without one belongs to its neighbour."""
    if not is_cjk(sentence):
        cuts = [match.span() for match in _NEXT_CLAUSE.finditer(sentence)]
        if cuts:
            earlier = (match.span() for match in _EARLIER_CLAUSE.finditer(sentence, 0, cuts[-1][0]))
            cuts = sorted({*cuts, *(cut for cut in earlier if all(cut[1] <= c[0] or cut[0] >= c[1] for c in cuts))})
        ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
        pieces = [sentence[start:end].strip() for start, end in zip(*ends)]
        whole = re.match(rf"\W*(?:{_PREPOSITION}{_WORD}|tell|say|name|list|give)\b", pieces[0], re.IGNORECASE)
        return [_asked(piece, "?") for piece in pieces] if whole and len(pieces) > 1 else [sentence]
    cuts = [match.span() for match in _ZH_CLAUSE.finditer(sentence)]
    made, at = [], 0
    for (start, end), (following, _) in pairwise([*cuts, (len(sentence), len(sentence))]):
        if _ZH_ASKS.search(sentence[at:start]) and _ZH_ASKS.search(sentence[end:following]):
            made.append(_asked(sentence[at:start], "？"))
            at = end
    return [*made, _asked(sentence[at:], "？")] if made else [sentence]


def _two_words(sentence: str) -> list[str]:
    """ "When and where was he born?"."""
    found = _BOTH_WORDS.match(sentence)
    if not found or content_terms(found[1]) or content_terms(found[2]):
        return []
    return [f"{found[1]} {found[3]}", f"{found[2].capitalize()} {found[3]}"]


def _in_a_row(sentence: str) -> list[str]:
    """ "The length and the colour of the boat", each asked for by itself."""
    if is_cjk(sentence):
        found, comma = _ZH_ROW_OF.match(sentence), _ZH_COMMA
    else:
        found, comma = _ROW_OF.match(sentence), _COMMA
    if not found:
        return []
    things = [thing.strip() for thing in comma.split(found["row"]) if thing.strip()]
    if is_cjk(sentence) and not (found["each"] or "、" in found["row"]):
        return []
    if len(things) < 2 or any(len(thing.split()) > _LONGEST or not content_terms(thing) for thing in things):
        return []
    if is_cjk(sentence):
        return [f"{found['of']}的{thing}是{found['word']}？" for thing in things]
    article = re.match(r"(?:the|its) ", found["row"], re.IGNORECASE)
    return [
        f"What is {thing if re.match('(?:the|its) ', thing) or not article else article[0] + thing} of {found['of']}?"
        for thing in things
    ]


def _asked(clause: str, mark: str) -> str:
    plain = clause.strip().rstrip("?？,，;； ")
    return f"{plain[:1].upper()}{plain[1:]}{mark}"
