"""Text → blocks (paragraphs, headings, captions, menu lines …), told apart into body and clutter.

In: the decoded text. Out: `Block`s in order, as spans over the untouched text; title, date and language on top.
Clutter is never evidence. The rules are general: length, sentence punctuation, stop-word density, link-like runs, site
vocabulary, position before or after the prose, and repetition across files. They err on the side of keeping: short
lines are dropped only at the edges of a text that shows other signs of being a web page.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from rag.formats.plain import KEPT_EDGE, LABEL, LINE, paragraphs
from rag.text.scripts import WORD, stop_share
from rag.text.values import values, years

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s|$)|[。！？；]")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？；:：][\"'”’)\]」』\d]*$")
_SPEAKS = re.compile(r"[.!?。！？:：\d]")
_EDGE_LINES = 60
_FOOT = 2
"""Lines at the end, where a letter or a notice may be dated."""

# Site furniture, in the words that sites everywhere use for it. `_FURNITURE` marks short lines; two different `_NOTICE` terms and
# a word addressed to the reader mark a whole sentence. A label with its value (a telephone, an address, a licence, a password) is
# what people ask for, and no furniture.
_FURNITURE = re.compile(
    r"""
    ^[\s<>«»‹›|/•·→←]*(?:(?:home|menu|search|prev(?:ious)?|next|back|top|more|share|print|e-?mail|login|about(?:\ us)?|news|
        contact(?:\ us)?|sitemap|faq|close|skip\ to\ \w+(?:\ content)?)\b[\s<>«»‹›|/•·→←]*)+$
    | ^home\s*[>»›/]
    | ^\W*share\ (?:this|on|via)\b | \bfollow\ us\b
    | ^(?:related|recommended|more|latest|popular|trending|top|most\ (?:read|popular|viewed|shared))\s+
        (?:stories|articles|news|posts|topics|links|reading|coverage|content|videos|headlines)\b.{0,20}$
    | ^(?:read\ (?:more|also|next)|also\ read|see\ also|you\ (?:may|might)\ also\ like|most\ read|advertisement|sponsored(?!\ by))\b.{0,20}$
    | \ball\ rights\ reserved\W*$ | \bpowered\ by\W*$ | ^powered\ by\ \S+$
    | ^(?:terms\ of\ (?:use|service)|privacy\ (?:policy|notice)|cookie\ (?:policy|settings|notice))\b[^:：]{0,40}$
    | ^(?:log\ ?in|sign\ (?:in|up)|register|subscribe|newsletter|leave\ a\ (?:comment|reply)|post\ a\ comment|add\ a\ comment)\b[^:：\d]{0,40}$
    | ^(?:user\s?name|password|your\ (?:name|e-?mail|comment))\b[^:：\d]{0,40}[:：*]?$
    | \b(?:choose|select|change)\ (?:your\ )?language\b
    | 版权所有\W*$ | ^相关(?:阅读|新闻|文章|推荐|链接) | ^分享(?:到|至) | ^(?:上|下)一(?:篇|页) | ^返回\S{0,6}$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOTICE = re.compile(
    r"\b(?:cookies?|privacy (?:policy|notice)|terms of (?:use|service)|newsletter|unsubscribe|ad ?blocker|your browser|"
    r"our (?:web ?)?site|this (?:web ?)?site|sign up|subscrib\w+)\b|隐私政策|使用条款",
    re.IGNORECASE,
)
_READER = re.compile(r"\b(?:you|your)\b|您", re.IGNORECASE)
_WHOLE_DATE = re.compile(r"(?:1[5-9]|20)\d\d-\d\d-\d\d")
_YEAR = re.compile(r"\d{4}|[〇零一二三四五六七八九]{4}年")
_DAY = re.compile(r"\d\D+\d|月")
_DATE_LABEL = re.compile(
    r"\b(?:published|posted|updated|released?|issued?|date|dated|time|pubdate)\b|发布|时间|日期|发表|更新", re.IGNORECASE
)
_SUBJECT = re.compile(r"^(?:subject|title|主题|标题|题目|事由)[ \t]*[:：]\s*(?=\S)", re.IGNORECASE)
_CELL_ENDS = re.compile(r"[,;|](?=[^\s\d])|\t| {3,}")
_ISSUED = re.compile(r"\b(?:published|posted|updated|released?|issued?)\b|发布|发表|更新", re.IGNORECASE)
_BEFORE_DATE = re.compile(
    r"(?:^\W*|[,，|·•/(（\[]\s*|[–—-]\s+|\b(?:date|dated|time|pubdate)\b|时间|日期)(?:\s+(?:on|at|of))?\s*[:：]?\s*"
    r"(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|星期\w|周\w)\W*)?$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^\W*(?:(?i:written |edited |reported |compiled )?(?i:by)\s+(?P<by>(?:the )?[A-Z][\w.'’-]*(?:[ ,&]+(?:and |de |van |von |der )*[A-Z][\w.'’-]*){0,7})"
    r"|(?i:authors?|writers?|written by|作者|撰文|撰稿|执笔|起草)\s*[:：]\s*(?P<label>[^\n:：|]{2,100}?)[*_]*)\W*$"
)
_HEAD = 12
"""Blocks at a text's beginning, and lines of them, among which its byline stands, and its date."""
_IDENTIFIER = re.compile(r"(?:\d{6,}|[:：]\s*(?=(?:\D*\d){6})[+(\d][\d\s().+/-]*)$")
"""At the end of a line: a telephone or licence number, bare or after its label; no title ends so."""
_GLUE = re.compile(r"[a-z’']{3,}(?=[A-Z])")
_SEPARATED = re.compile(r"\s[|>·•/»]\s|[|»·•]")


@dataclass(frozen=True)
class Block:
    """Characters `start`:`end`, without the white space around them."""

    start: int
    end: int
    clutter: bool = False


@dataclass(frozen=True)
class Layout:
    """What the blocks of one text say together."""

    blocks: tuple[Block, ...]
    title: str
    """Exactly as it stands in the text; empty when there is none."""
    date: str
    """As `find_date` finds it in the text."""

    @property
    def body(self) -> list[tuple[int, int]]:
        return [(b.start, b.end) for b in self.blocks if not b.clutter]


def find_layout(text: str, repeated: Collection[str] = (), spans: Sequence[tuple[int, int]] | None = None) -> Layout:
    """Blocks, title and date of `text`; `repeated` holds `line_key`s that many files of the corpus share. `spans` are the
    blocks where they are known."""
    spans = list(paragraphs(text)) if spans is None else spans
    texts = [text[start:end] for start, end in spans]
    english = stop_share(WORD.findall(text[:20_000])) >= 0.15
    known = {block: _Traits.of(block, english) for block in dict.fromkeys(texts)}
    traits = [known[block] for block in texts]
    notices = _notices(texts, traits)
    prose = [i for i, trait in enumerate(traits) if trait.prose and i not in notices]
    first, last = (prose[0], prose[-1]) if prose else (0, len(spans) - 1)
    web_page = bool(notices) or any(t.furniture or t.link_run for t in traits)
    shared = {i for i, block in enumerate(texts[: first + 1]) if repeated and line_key(block) in repeated}
    title = _pick_title(texts, traits, first, web_page, shared)
    seen: set[str] = set()
    blocks: list[Block] = []
    for i, (span, block, trait) in enumerate(zip(spans, texts, traits)):
        edge = not first <= i <= last
        again = block in seen and not trait.prose
        seen.add(block)
        common = edge and (web_page or (bool(repeated) and line_key(block) in repeated))
        clutter = (
            trait.link_run
            or (trait.furniture and i != title)
            or i in notices
            or (web_page and again)
            or (common and not trait.prose and i != title and not trait.kept)
        )
        blocks.append(Block(*span, clutter))
    if all(b.clutter for b in blocks):
        blocks = [Block(b.start, b.end) for b in blocks]
    return Layout(
        tuple(blocks), _SUBJECT.sub("", texts[title].lstrip("# ")) if title is not None else "", _dated(texts, traits, first)
    )


def byline(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Who wrote a text, as a line of its own near its beginning says; "" where none does."""
    found = filter(None, (_BYLINE.match(line) for line in _head(text, spans) if len(line) <= 120))
    return next((" ".join((match["by"] or match["label"]).split()) for match in found), "")


def _head(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[str]:
    return (line for start, end in spans[:_HEAD] for line in text[start:end].split("\n")[:_HEAD])


def line_key(line: str) -> str:
    """What makes two lines the same for repetition across files: case and spacing do not count."""
    return " ".join(line.lower().split())


def edge_line_keys(text: str) -> set[str]:
    """Keys of the lines at the text's edges that site furniture could be: short, no sentence, no figure, no label."""
    lines = [match.group() for match in LINE.finditer(text)]
    edges = lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]
    return {line_key(line) for line in edges if len(line) <= 200 and not _SPEAKS.search(line)}


@dataclass
class _Traits:
    """What one block looks like; what it says of dates is read where it is asked for."""

    sample: str
    words: int
    prose: bool
    link_run: bool

    @classmethod
    def of(cls, block: str, english: bool) -> _Traits:
        sample = block[:4000]
        words = WORD.findall(sample)
        cjk = sum(len(w) == 1 and not w.isascii() for w in words)
        size = len(words) - cjk + cjk // 2
        link_run = _is_link_run(sample, words)
        sentence = size >= 10 and (bool(_ENDS_SENTENCE.search(block[-40:])) or len(_SENTENCE_END.findall(sample)) >= 2)
        prose = sentence and not link_run and (not english or cjk * 2 > len(words) or stop_share(words) >= 0.15)
        return cls(sample, size, prose, link_run)

    @cached_property
    def furniture(self) -> bool:
        return not self.prose and self.words <= 40 and bool(_FURNITURE.search(self.sample)) and not self._dated[0]

    @cached_property
    def kept(self) -> bool:
        return bool(KEPT_EDGE.search(self.sample)) or self._dated[0]

    @property
    def date(self) -> str:
        return self._dated[1]

    @cached_property
    def _dated(self) -> tuple[bool, str]:
        """Whether it is a line that gives a date, and the date where it may be the text's own."""
        date, own = _as_date(self.sample) if self.words <= 25 and not self.prose else ("", False)
        dated = bool(date) and (bool(_DATE_LABEL.search(self.sample)) or self.words <= 8)
        return dated, date if dated and own else ""


def _is_link_run(block: str, words: Sequence[str]) -> bool:
    """Headlines or menu entries set end to end: glued words ("ArgentinaUS senators"), or short separated pieces."""
    if len(words) < 3 or re.search(r"[(){};=`]", block) or block.startswith(("|", "#")):
        return False
    glued = len(_GLUE.findall(block))
    sentences = len(_SENTENCE_END.findall(block))
    if glued >= 3 and glued > 2 * sentences:
        return True
    pieces = [p for p in _SEPARATED.split(block) if p.strip()]
    return len(pieces) >= 4 and not sentences and len(words) / len(pieces) <= 4 and not re.search(r"\d", block)


def _pick_title(
    texts: Sequence[str], traits: Sequence[_Traits], first: int, web_page: bool, shared: Collection[int]
) -> int | None:
    """A Markdown heading or a subject, else the first of the lines before the prose that are neither furniture, date, byline, somebody's
    number, `shared` by many files nor a part of a list or table; on a web page, where menus come first, the longest of them."""
    for i, block in enumerate(texts[:20]):
        if re.match(r"#\s+\S", block) or (_SUBJECT.match(block) and _is_listed(texts, i)):
            return i
    candidates = [
        i
        for i in range(max(first, min(1, len(texts))))
        if 2 <= traits[i].words <= 40
        and len(texts[i]) <= 300
        and not (traits[i].prose or traits[i].link_run)
        and not texts[i].endswith((":", "：", "---"))
        and not (i + 1 < len(texts) and texts[i + 1][:1].islower())
        and not (i in shared or _is_listed(texts, i))
        and not _IDENTIFIER.search(texts[i])
        and not (traits[i].furniture or traits[i].kept)
    ]
    return max(candidates, key=lambda i: (traits[i].words if web_page else 0, -i), default=None)


def _is_listed(texts: Sequence[str], i: int) -> bool:
    """Whether a block is one of three labels in a row, or made of cells."""
    near = [bool(LABEL.fullmatch(block)) for block in texts[max(i - 2, 0) : i + 3]]
    labels = any(all(near[at : at + 3]) for at in range(len(near) - 2))
    return (labels and bool(LABEL.fullmatch(texts[i]))) or texts[i].count("\n") > 1 or len(_CELL_ENDS.findall(texts[i])) > 2


def _notices(texts: Sequence[str], traits: Sequence[_Traits]) -> set[int]:
    """Cookie and sign-up notices. A text that is mostly such sentences is about them, and keeps them."""
    found = {
        i
        for i, block in enumerate(texts)
        if traits[i].words <= 80 and _READER.search(block) and len({m.group().lower() for m in _NOTICE.finditer(block)}) >= 2
    }
    prose = sum(trait.words for trait in traits if trait.prose)
    return found if sum(traits[i].words for i in found) * 2 <= prose else set()


def find_date(lines: Sequence[str]) -> str:
    """The document's own date as YYYY-MM-DD, of its `lines`; empty where none gives one."""
    rest = lines[_HEAD:]
    telling = [*lines[:_HEAD], *filter(_DATE_LABEL.search, rest[:-_FOOT]), *rest[-_FOOT:]]
    traits = [_Traits.of(line, english=True) for line in telling]
    return _dated(telling, traits, next((i for i, trait in enumerate(traits) if trait.prose), len(telling)))


def named_date(*names: str) -> str:
    """The latest date with a year in a title or a file's name, YYYY, YYYY-MM or YYYY-MM-DD, of the first that has one: "report_2011"."""
    for name in names:
        plain = re.sub(r"[_\W]*_[_\W]*", " ", name)
        dates = [v.canonical for v in values(plain) if v.kind == "date"] + sorted(years(plain))
        if known := [date for date in dates if re.fullmatch(r"(?:1[5-9]|20)\d\d(?:-\d\d){0,2}", date)]:
            return max(known)
    return ""


def _dated(texts: Sequence[str], traits: Sequence[_Traits], first: int) -> str:
    """The date line before the prose, else a labelled one anywhere, else the one that the text ends with; never a date inside a sentence."""
    before = (trait.date for trait in traits[:first])
    labelled = (trait.date for block, trait in zip(texts, traits) if _DATE_LABEL.search(block))
    last = (_Traits.of(text.splitlines()[-1], english=False).date for text in reversed(texts[-_FOOT:]))
    return next(filter(None, chain(before, labelled, last)), "")


def _as_date(text: str) -> tuple[str, bool]:
    """The first date of `text` that has a year, a month and a day, and whether it may be the text's own: nothing stands before it but
    its label, a weekday, or what a mark parts from it."""
    if not (_YEAR.search(text) and _DAY.search(text)):
        return "", False
    found = next((v for v in values(text) if v.kind == "date" and _WHOLE_DATE.fullmatch(v.canonical)), None)
    if found is None:
        return "", False
    before = text[: found.start]
    return found.canonical, bool(_BEFORE_DATE.search(before) or _ISSUED.search(before))
