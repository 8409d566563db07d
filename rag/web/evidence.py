"""An `Answer` → HTML: the answer with its chips, the refusal, the evidence beside it. Nothing is worked out here but whether each
quote is the file's characters at this moment. File text, names and questions are data: every part is escaped.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from html import escape

from rag.answers import Answer, Citation, ClosePassage, Considered, Gaps, Statement, Trace
from rag.errors import RagError
from rag.pipeline import Rag
from rag.reading.confidence import band, in_words
from rag.reading.gaps import clipped
from rag.receipts import receipt, receipt_html
from rag.web.words import Say

Span = tuple[int, int]
_SHOWN_CHARS = 80
_MAX_OTHERS = 5
"""Passages that were not cited and are shown beside those that were."""
_AROUND_CHARS = 100_000
"""Of a long document, what is shown before and after a mark."""


def answer_html(answer: Answer, say: Say, made_with: dict[str, str] | None = None) -> str:
    """The answer or its items, or the refusal with what the documents lack; first how a misspelt word was read."""
    read = "".join(
        f'<p class="meta">{escape(say("read as", word=word.word, other=word.read_as))}</p>'
        for word in answer.gaps.unknown
        if word.read_as
    )
    if answer.trace.english:
        read += f'<p class="meta">{escape(say("in English", words=answer.trace.english))}</p>'
    asked = f'<p class="asked">{escape(answer.question)}</p>'
    foot = f"{_judge_html(say)}{_keep_html(answer, say, made_with)}{_work_html(answer.trace, len(answer.citations), say)}"
    notice = f'<p class="notice">{escape(answer.notice)}</p>' if answer.notice else ""
    if answer.engine == "reader" and answer.statements:
        wrote = "".join(f"<p>{_statement_html(statement)}</p>" for statement in answer.statements)
        notice += f'<details class="wrote"><summary>{escape(say("model wrote"))}</summary>{wrote}</details>'
    if not answer.answered:
        headline = answer.text.split("\n", 1)[0]
        return (
            f'<article class="answer refused">{asked}{read}{notice}<p class="short">{escape(headline)}</p>'
            f"<p>{escape(answer.reason)}</p>{_lacking_html(answer.gaps, say)}{foot}</article>"
        )
    sure = f'<p class="sure {band(answer.confidence)}">{escape(in_words(answer))}</p>'
    if answer.engine != "reader":
        sure += f'<p class="meta">{escape(say("engine", engine=answer.engine))}</p>'
    return f'<article class="answer">{asked}{read}{_said_html(answer)}{notice}{sure}{foot}</article>'


def _said_html(answer: Answer) -> str:
    """The short answer or the items, and the sentence that says so or a language model's statements."""
    short = escape(answer.short)
    if answer.engine != "reader":
        return (f'<p class="short">{short}</p>' if short else "") + _statements_html(answer.statements)
    quote, chips = escape(answer.citations[0].quote), _chips_html(answer.citations)
    if answer.items:
        items = "".join(f"<li>{escape(item.text)}</li>" for item in answer.items)
        return f'<ul class="short">{items}</ul><p class="sentence">{quote}{chips}</p>'
    if short:
        return f'<p class="short">{short}{chips}</p><p class="sentence">{quote}</p>'
    return f'<p class="sentence">{quote}{chips}</p>'


def writing_html(question: str, checked: Sequence[Statement], draft: str, say: Say) -> str:
    """What a language model has written so far: statements that are checked, and what is not yet."""
    return (
        f'<article class="answer writing"><p class="asked">{escape(question)}</p>{_statements_html(checked)}'
        f'<p class="sentence draft">{escape(draft)}</p>'
        f'<p class="meta">{escape(say("being written"))}</p></article>'
    )


def _statements_html(statements: Sequence[Statement]) -> str:
    return "".join(f'<p class="sentence">{_statement_html(statement)}</p>' for statement in statements)


def _statement_html(statement: Statement) -> str:
    """A statement with its chips, or struck out with the reason."""
    if not statement.supported:
        return f'<del>{escape(statement.text)}</del> <span class="meta">({escape(statement.reason)})</span>'
    return escape(statement.text) + _chips_html(statement.citations)


def _chips_html(citations: Sequence[Citation]) -> str:
    """Before each chip a word joiner, so that none stands on a line of its own."""
    return "".join(f"\u2060{_chip_html(citation)}" for citation in citations)


def _chip_html(citation: Citation) -> str:
    tip = f'<span role="tooltip" class="tip" id="tip-{citation.number}">{escape(citation.quote)}</span>'
    return (
        f'<a class="chip" href="#source-{citation.number}" aria-describedby="tip-{citation.number}">[{citation.number}]{tip}</a>'
    )


def _lacking_html(gaps: Gaps, say: Say) -> str:
    """The words that no file holds, with near spellings, and the files that were not searched."""
    words = [(word.word, " / ".join(word.nearest)) for word in gaps.unknown if not word.read_as]
    spelt = [(word, f" — {say('did you mean', word=near)}" if near else "") for word, near in words]
    unread = [(f.source, f": {f.reason}") for f in gaps.unread if f.state == "failed"]
    return _list_html(say("in no file"), spelt) + _list_html(say("not searched"), unread)


def _list_html(title: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"<li><b>{escape(name)}</b>{escape(more)}</li>" for name, more in rows)
    return f"<h2>{escape(title)}</h2><ul>{lines}</ul>" if rows else ""


def button_html(do: str, label: str, title: str = "", **data: object) -> str:
    """A button that tells the page's handler `do` and `data`; `title` names it where the label is a sign."""
    values = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    named = f' title="{escape(title)}" aria-label="{escape(title)}"' if title else ""
    return f'<button type="button" data-do="{do}"{values}{named}>{escape(label)}</button>'


def _judge_html(say: Say) -> str:
    return f'<div class="actions">{button_html("right", say("right answer"), say("is right"))}{button_html("wrong", say("wrong answer"), say("is wrong"))}</div>'


def correct_html(say: Say) -> str:
    """What an answer that is wrong should have been: for the test case."""
    return (
        f'<div class="correct" role="group"><p>{escape(say("what is right"))}</p><div class="actions">'
        f"{button_html('gold', say('selected text'))}{button_html('unanswerable', say('not answered there'))}"
        f"{button_html('cancel', say('cancel'))}</div></div>"
    )


def _keep_html(answer: Answer, say: Say, made_with: dict[str, str] | None) -> str:
    """Links that save the receipt; it is in the page, so no file of it is kept on the server."""
    if made_with is None:
        return ""
    kept = receipt(answer, made_with)
    pages = {
        "html": ("text/html", receipt_html(kept)),
        "json": ("application/json", json.dumps(kept, ensure_ascii=False, indent=2)),
    }
    links = " · ".join(
        f'<a download="answer.{suffix}" href="data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}">'
        f"{suffix.upper()}</a>"
        for suffix, (kind, text) in pages.items()
    )
    return f'<p class="meta keep">{escape(say("receipt"))}: {links}</p>'


def _work_html(trace: Trace, checked: int, say: Say) -> str:
    """The steps with their times, and the passages with the parts of their scores; folded away."""
    if not trace.stages:
        return ""
    steps = ", ".join(f"{say(stage.name)} {stage.milliseconds:.0f} ms" for stage in trace.stages)
    head = "".join(f"<th>{escape(say(name))}</th>" for name in ("passage", "score", "meaning", "words", "found in it"))
    unread = f"<i>{escape(say('not read'))}</i>"
    rows = "".join(
        f"<tr><td>{escape(p.source)}, {p.start}–{p.end}</td><td>{p.score:.2f}</td><td>{p.dense:.2f}</td><td>{p.lexical:.1f}</td>"
        f"<td>{escape(p.span) if p.read else unread}</td></tr>"
        for p in trace.considered
    )
    read = sum(p.read for p in trace.considered)
    told = say(
        "worked", question=trace.question, searched=trace.searched, ranked=len(trace.considered), read=read, checked=checked
    )
    return (
        f'<details class="work"><summary>{escape(say("how found"))}</summary><p class="meta">{escape(told)} {escape(steps)}.</p>'
        f"{table_html(say('how found'), head, rows)}</details>"
    )


def table_html(name: str, head: str, rows: str, kind: str = "") -> str:
    """A table that scrolls sideways on narrow screens; `head` and `rows` are HTML, and the head may be empty."""
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}"><table class="{kind}">{top}'
        f"<tbody>{rows}</tbody></table></div>"
    )


def evidence_html(answer: Answer, rag: Rag, place: str, say: Say) -> str:
    """The cards: each cited file with its quote, then what else was found; of a refusal, the closest passages."""
    show = Shown(rag, place, say)
    if not answer.answered:
        closest = "".join(show.close(number, close) for number, close in enumerate(answer.gaps.closest, start=1))
        return f"<h2>{escape(say('closest'))}</h2>{closest}" if closest else ""
    cited = "".join(show.cited(citation, answer.short) for citation in answer.citations)
    sources = {citation.source for citation in answer.citations}
    others = [p for p in answer.trace.considered if p.source not in sources][:_MAX_OTHERS]
    more = "".join(show.other(number, passage) for number, passage in enumerate(others, start=1))
    return f"{cited}<h2>{escape(say('also found'))}</h2>{more}" if more else cited


class Shown:
    """Cards over the files of one place, as the files are now."""

    def __init__(self, rag: Rag, place: str, say: Say) -> None:
        self._rag = rag
        self._place = place
        self._say = say

    def cited(self, citation: Citation, short: str) -> str:
        say, page = self._say, f", {self._say('page')} {citation.page}" if citation.page else ""
        place = f"{citation.source}{page}, {say('characters')} {citation.start}–{citation.end}"
        try:
            text = self._rag.text(citation.source)
        except RagError:
            state, document = "deleted", ""
        else:
            state = "verbatim" if text[citation.start : citation.end] == citation.quote else "edited"
            span = (citation.start, citation.end) if state == "verbatim" else None
            document = self._document(citation.source, text, span, short)
        copied = f"“{citation.quote}” — {citation.title or citation.source}, {place}, sha256 {citation.sha256}"
        return _card_html(
            f"source-{citation.number}",
            f"[{citation.number}] {citation.title or citation.source}",
            f'<span class="badge {state}">{escape(say(state))}</span> {escape(place)}',
            f"<blockquote>{_strong(citation.quote, short)}</blockquote><div class='actions'>"
            f"{button_html('copy', say('copy quote'), text=citation.quote)}{button_html('copy', say('copy citation'), text=copied)}"
            f"</div>{document}",
        )

    def close(self, number: int, close: ClosePassage) -> str:
        say = self._say
        why = [say("probability", value=f"{close.confidence:.0%}")]
        why += [say("does not mention", words=", ".join(close.lacks))] if close.lacks else []
        why += [say("is not about", words=", ".join(close.not_about))] if close.not_about else []
        about = f"{escape(' · '.join(why))} · {escape(say('characters'))} {close.start}–{close.end}"
        return self._passage(f"close-{number}", close.source, (close.start, close.end), close.found, about, folded=False)

    def other(self, number: int, passage: Considered) -> str:
        about = (
            f"{escape(self._say('score'))} {passage.score:.2f} · {escape(self._say('characters'))} {passage.start}–{passage.end}"
        )
        return self._passage(f"other-{number}", passage.source, (passage.start, passage.end), passage.span, about, folded=True)

    def _passage(self, identity: str, source: str, span: Span, found: str, about: str, *, folded: bool) -> str:
        try:
            text = self._rag.text(source)
        except RagError as error:
            return _card_html(identity, source, about, f"<p>{escape(str(error))}</p>")
        shown = " ".join((found or text[slice(*span)]).split())
        name = f"“{clipped(shown, _SHOWN_CHARS)}” — {source}"
        quote = f"<blockquote>{_strong(text[slice(*span)], found)}</blockquote>"
        return _card_html(identity, name, about, quote + self._document(source, text, span, found), folded=folded)

    def _document(self, source: str, text: str, span: Span | None, inner: str) -> str:
        """The whole document, to be unfolded."""
        cover = merged(self._rag.outline(source)) if span else [(0, len(text))]
        say = self._say
        return (
            f'<details class="source"><summary>{escape(say("whole document"))}</summary>'
            f"{document_html(text, cover, span, inner, source, self._place, say)}</details>"
        )


def document_html(text: str, cover: Sequence[Span], span: Span | None, inner: str, source: str, place: str, say: Say) -> str:
    """The file's text: `span` in <mark> and `inner` in it in <strong>; what `cover` leaves out, being never evidence, is grey."""
    first, last = 0, len(text)
    if span:
        first, last = max(0, span[0] - _AROUND_CHARS), min(last, span[1] + _AROUND_CHARS)
    else:
        last = min(last, 2 * _AROUND_CHARS)
    start, end = span or (last, last)
    body = f"{_greyed(text, first, start, cover)}"
    if span:
        body += f"<mark>{_strong(text[start:end], inner)}</mark>{_greyed(text, end, last, cover)}"
    note = (
        f'<p class="meta">{escape(say("cut", first=first, last=last, size=len(text)))}</p>'
        if (first, last) != (0, len(text))
        else ""
    )
    return note + box_html(body, source, place)


def box_html(body: str, source: str, place: str, kind: str = "document") -> str:
    """A document's text, `body` being HTML, in a box that scrolls; what is selected in it can be the answer of a test case."""
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{escape(source)}" data-source="{escape(source)}" '
        f'data-place="{place}">{body}</div>'
    )


def merged(spans: Sequence[Span]) -> list[Span]:
    """Ordered spans, those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _greyed(text: str, start: int, end: int, cover: Sequence[Span]) -> str:
    """The characters start:end; those in no span of `cover` in grey."""
    parts, at = [], start
    for a, b in cover:
        a, b = max(a, start), min(b, end)
        if a < b:
            parts += [_grey(text[at:a]), escape(text[a:b])]
            at = b
    return "".join([*parts, _grey(text[at:end])])


def _grey(text: str) -> str:
    return f'<span class="clutter">{escape(text)}</span>' if text.strip() else escape(text)


def _strong(text: str, inner: str) -> str:
    html = escape(text)
    return html.replace(escape(inner), f"<strong>{escape(inner)}</strong>", 1) if inner else html


def _card_html(identity: str, name: str, about: str, body: str, *, folded: bool = False) -> str:
    """A card; `about` and `body` are HTML."""
    inside = f'<p class="meta">{about}</p>{body}'
    if folded:
        return f'<details class="card" id="{identity}"><summary>{escape(name)}</summary>{inside}</details>'
    return f'<section class="card cited" id="{identity}"><h2>{escape(name)}</h2>{inside}</section>'
