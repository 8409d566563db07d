"""Builds the page, and turns an `Answer` into HTML. File text, names and questions are data: every part is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rag.answers import Answer, Citation, ClosePassage, Gaps, Trace
from rag.confidence import in_words
from rag.errors import RagError
from rag.gaps import clipped
from rag.pipeline import Rag

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
EXAMPLES = (
    "What is the swap amount?",
    "Which edition of the Beijing-Tokyo Forum was it?",
    "How long did the foreign ministers talk on the phone?",
    "韩国2023年的出口下降了多少？",
    "What share of global GDP does India account for?",
)
SEED_NAME = "seeds"
_SHOWN_CHARS = 80
TextOf = Callable[[str], str]
"""A file's text as it is now; raises RagError's children when it cannot be read."""
SCRIPT = """() => {
  window.showMark = (source) => {
    const box = source.querySelector('.document'), mark = box && box.querySelector('mark');
    if (source.open && mark) box.scrollTop = mark.offsetTop - box.offsetTop - box.clientHeight / 3;
  };
  document.addEventListener('toggle', (event) => showMark(event.target), true);
  document.addEventListener('click', (event) => {
    const chip = event.target.closest('a[href^="#source-"]'), source = chip && document.querySelector(chip.hash);
    if (source) source.open = true;
  });
}"""
"""Run when the page is loaded: a document that is opened shows its mark, and a chip opens its document."""
_SHOW = "() => document.querySelectorAll('.source').forEach(showMark)"


def build_page(rag: Rag) -> gr.Blocks:
    """The page over one `Rag`."""

    def ask(question: str) -> tuple[str, str]:
        """Answer a question from the documents; returns the answer and its marked sources as HTML."""
        try:
            answer = rag.answer(question)
        except RagError as error:
            return f'<div class="answer refused" role="status"><p>{escape(str(error))}</p></div>', ""
        return answer_html(answer), sources_html(answer, rag.text)

    with gr.Blocks(title="Chapter & Verse", analytics_enabled=False) as page:
        gr.Markdown(f"# Chapter & Verse\nAsks the documents in `{rag.config.docs}`. Every answer names its exact place.")
        with gr.Row(equal_height=True):
            question = gr.Textbox(
                label="Your question", placeholder="What do you want to know?", scale=8, autofocus=True,
                max_length=rag.config.max_question_chars,
            )  # fmt: skip
            button = gr.Button("Ask", variant="primary", scale=1, min_width=90)
        answer = gr.HTML(elem_id="answer")
        sources = gr.HTML(elem_id="sources")
        event: dict[str, Any] = {"fn": ask, "inputs": question, "outputs": [answer, sources]}
        gr.on([question.submit, button.click], **event, api_name="ask").then(None, js=_SHOW)
        if Path(rag.config.docs).name == SEED_NAME:
            gr.Examples(
                [[example] for example in EXAMPLES], question, outputs=[answer, sources], fn=ask, run_on_click=True,
                cache_examples=False, label="Examples", api_visibility="private",
            )  # fmt: skip
    return page


def answer_html(answer: Answer) -> str:
    """The answer or its items, or the refusal with what the documents lack; first how a misspelt word was read."""
    read = "".join(
        f'<p class="meta">“{escape(word.word)}” is in no file; read as “{escape(word.read_as)}”.</p>'
        for word in answer.gaps.unknown
        if word.read_as
    )
    if not answer.answered:
        headline = answer.text.split("\n", 1)[0]
        return (
            f'<div class="answer refused" role="status">{read}<p class="short">{escape(headline)}</p>'
            f"<p>{escape(answer.reason)}</p>{_lacking_html(answer.gaps)}{_work_html(answer.trace)}</div>"
        )
    marks = "".join(f'<sup><a href="#source-{c.number}">[{c.number}]</a></sup>' for c in answer.citations)
    quote = answer.citations[0].quote
    short = f'<p class="short">{escape(answer.short)}{marks}</p>' if answer.short else ""
    if answer.items:
        short = f'<ul class="short">{"".join(f"<li>{escape(item.text)}</li>" for item in answer.items)}</ul>'
    sentence = f"<p>{escape(quote)}{'' if short and not answer.items else marks}</p>"
    sure = f'<p class="meta">{escape(in_words(answer.question, answer.confidence))}</p>'
    return f'<div class="answer" role="status">{read}{short}{sentence}{sure}{_work_html(answer.trace)}</div>'


def _lacking_html(gaps: Gaps) -> str:
    """The words that no file holds, with near spellings, and the files that were not searched."""
    words = [(word.word, " or ".join(word.nearest)) for word in gaps.unknown if not word.read_as]
    spelt = [(word, f" — did you mean {near}?" if near else "") for word, near in words]
    return _list_html("In no file", spelt) + _list_html("Not searched", [(f.source, f": {f.reason}") for f in gaps.unread])


def _list_html(title: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"<li><b>{escape(name)}</b>{escape(more)}</li>" for name, more in rows)
    return f"<h4>{title}</h4><ul>{lines}</ul>" if rows else ""


def _work_html(trace: Trace) -> str:
    """The steps with their times, and the passages with the parts of their scores; folded away."""
    if not trace.stages:
        return ""
    steps = ", ".join(f"{stage.name} {stage.milliseconds:.0f} ms" for stage in trace.stages)
    head = "<tr><th>passage</th><th>score</th><th>meaning</th><th>words</th><th>found in it</th></tr>"
    rows = "".join(
        f"<tr><td>{escape(p.source)}, {p.start}–{p.end}</td><td>{p.score:.2f}</td><td>{p.dense:.2f}</td><td>{p.lexical:.1f}</td>"
        f"<td>{escape(p.span) if p.read else '<i>not read</i>'}</td></tr>"
        for p in trace.considered
    )
    read = sum(p.read for p in trace.considered)
    return (
        f'<details class="work"><summary>How it was found</summary><p class="meta">Searched for “{escape(trace.question)}”: '
        f"{len(trace.considered)} passages, of which {read} were read. {escape(steps)}.</p>"
        f'<div class="scroll" tabindex="0"><table>{head}{rows}</table></div></details>'
    )


def sources_html(answer: Answer, text_of: TextOf) -> str:
    """Each cited file whole, with the quote marked where it stands; of a refusal, the closest passages in theirs."""
    if answer.answered:
        return "".join(_cited_html(citation, answer.short, text_of) for citation in answer.citations)
    closest = "".join(_close_html(number, close, text_of) for number, close in enumerate(answer.gaps.closest, start=1))
    return f"<h4>Closest passages</h4>{closest}" if closest else ""


def _cited_html(citation: Citation, short: str, text_of: TextOf) -> str:
    page = f", page {citation.page}" if citation.page else ""
    place = f"{citation.source}{page}, characters {citation.start}–{citation.end}"
    try:
        text = text_of(citation.source)
    except RagError:
        badge, body = "deleted since it was quoted", ""
    else:
        verbatim = text[citation.start : citation.end] == citation.quote
        badge = "verbatim ✓" if verbatim else "edited since it was quoted"
        body = marked(text, citation.start, citation.end, short) if verbatim else escape(text)
    name = f"[{citation.number}] {citation.title or citation.source}"
    return _source_html(f"source-{citation.number}", name, f"{badge} · {place}", body, citation.number == 1)


def _close_html(number: int, close: ClosePassage, text_of: TextOf) -> str:
    lacks = f" · does not mention {', '.join(close.lacks)}" if close.lacks else ""
    lacks += f" · is not about {', '.join(close.not_about)}" if close.not_about else ""
    try:
        body = marked(text_of(close.source), close.start, close.end, close.found)
    except RagError as error:
        body = escape(str(error))
    about = f"right with a probability of {close.confidence:.0%}{lacks} · characters {close.start}–{close.end}"
    return _source_html(f"close-{number}", f"“{clipped(close.found, _SHOWN_CHARS)}” in {close.source}", about, body, False)


def _source_html(identity: str, name: str, about: str, body: str, is_open: bool) -> str:
    document = f'<div class="document" tabindex="0">{body}</div>' if body else ""
    return (
        f'<details class="source" id="{identity}"{" open" if is_open else ""}><summary>{escape(name)}</summary>'
        f'<div class="meta">{escape(about)}</div>{document}</details>'
    )


def marked(text: str, start: int, end: int, inner: str) -> str:
    """The file's text as HTML, with its characters start:end in <mark> and `inner` in them in <strong>."""
    quote = escape(text[start:end])
    if inner:
        quote = quote.replace(escape(inner), f"<strong>{escape(inner)}</strong>", 1)
    return f"{escape(text[:start])}<mark>{quote}</mark>{escape(text[end:])}"
