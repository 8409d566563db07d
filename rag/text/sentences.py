"""Text → sentence spans, English and Chinese, in linear time; offsets only, nothing is changed.

Line breaks are no sentence ends here: `blocks` has already cut the text into paragraphs. Marks of notes ("[5]") belong to the sentence
that they follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TERMINATOR = re.compile(
    r"(?P<cjk>[。！？；]+|…{2,})[\"'”’」』）)】]*"
    r"|(?P<mark>[.!?…]+)[\"'”’)\]]*(?:\[(?:\d{1,3}|[a-z])\])*(?P<more>(?:\s+[.!?…]+){9,})?(?=\s|$|[“「『\u4e00-\u9fff])"
)
"""A row of ten marks or more, as between a heading and its page, ends one sentence."""
_LAST_TOKEN = re.compile(r"[^\s(\[“\"‘'—–]+$")
_NEXT_WORD = re.compile(r"\s*[\"'“‘(\[]*(\S+)")

# Followed by a name or number, so never a sentence's end.
_TITLES = frozenset(
    """mr mrs ms mx dr prof rev fr hon sr st gen col maj capt lt sgt cmdr adm sen rep gov pres supt messrs mt ft rm no nos
    vol vols fig figs eq eqs sec ch chap pp p art op cf vs v viz e.g i.e approx ca c dept bldg apt ave blvd rd sq
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun""".split()
)
# May end a sentence: they do when what follows looks like a new one.
_MAYBE = frozenset("inc ltd co corp bros jr etc al a.m p.m ph.d b.a m.a u.s u.k u.n e.u d.c est ed eds trans".split())
_STARTERS = frozenset(
    """a an the this that these those it he she they we you i in on at by for from with after before when while as if
    but and or so yet however although though since because its his her their our my there here what who why how
    according meanwhile moreover furthermore additionally also both each every all some many most several such one two
    no not only then thus instead despite during under over between among""".split()
)


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, without the white space around them."""
    begin = start
    for match in _TERMINATOR.finditer(text, start, end):
        if match["cjk"] or _ends(text, begin, match, end):
            yield from _trimmed(text, begin, match.end())
            begin = match.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        lead = len(piece) - len(piece.lstrip())
        yield start + lead, start + lead + len(stripped)


def _ends(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether this '.', '!', '?' or '…' ends a sentence."""
    following = _NEXT_WORD.match(text, match.end(), min(end, match.end() + 80))
    if following is None:
        return True
    word = following[1]
    if word[0].islower() or word[0] in ",;:)":
        return False
    if match["mark"] != "." or match["more"]:
        return True
    before = _LAST_TOKEN.search(text, max(begin, match.start() - 30), match.start())
    token = before.group().lower() if before else ""
    if token in _TITLES:
        return False
    if token in _MAYBE or re.fullmatch(r"[a-z](?:\.[a-z])*", token):
        # An initial or an acronym: "J. Smith", "U.S. officials", but "in the U.S. The …".
        return word.strip(".,;:”’\"'").lower() in _STARTERS and not (len(token) == 1 and token != "i")
    # "1. First item", "IV. The storm": a number that opens the line ends nothing.
    opening = text[begin : match.start()].strip().lower() == token
    return not (opening and re.fullmatch(r"\d{1,3}|[ivxlc]{1,5}", token))
