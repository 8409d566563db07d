"""Builds the page, and turns an `Answer` into HTML. File text, names and questions are data: every part is escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rag.answers import Answer, Citation
from rag.errors import DocumentError, RagError
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
# Shows the first mark of each open document; gr.HTML runs no script of its own.
_SCROLL = """() => { for (const box of document.querySelectorAll('.source[open] > .document')) {
  const mark = box.querySelector('mark'); if (mark) box.scrollTop = mark.offsetTop - box.offsetTop - box.clientHeight / 3; } }"""


def build_page(rag: Rag) -> gr.Blocks:
    """The page over one `Rag`."""

    def ask(question: str) -> tuple[str, str]:
        """Answer a question from the documents; returns the answer and its marked sources as HTML."""
        try:
            answer = rag.answer(question)
        except RagError as error:
            return f'<div class="answer refused" role="status"><p>{escape(str(error))}</p></div>', ""
        return answer_html(answer), sources_html(answer, rag)

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
        gr.on([question.submit, button.click], **event, api_name="ask").then(None, js=_SCROLL)
        if Path(rag.config.docs).name == SEED_NAME:
            gr.Examples(
                [[example] for example in EXAMPLES], question, outputs=[answer, sources], fn=ask, run_on_click=True,
                cache_examples=False, label="Examples", api_visibility="private",
            )  # fmt: skip
    return page


def answer_html(answer: Answer) -> str:
    """The answer or its items, or the refusal with its reason; first how a misspelt word was read."""
    read = "".join(
        f'<p class="meta">“{escape(word.word)}” is in no file; read as “{escape(word.read_as)}”.</p>'
        for word in answer.gaps.unknown
        if word.read_as
    )
    if not answer.answered:
        headline = answer.text.split("\n", 1)[0]
        return (
            f'<div class="answer refused" role="status">{read}<p class="short">{escape(headline)}</p>'
            f"<p>{escape(answer.reason)}</p></div>"
        )
    marks = "".join(f'<sup><a href="#source-{c.number}">[{c.number}]</a></sup>' for c in answer.citations)
    quote = answer.citations[0].quote
    short = f'<p class="short">{escape(answer.short)}{marks}</p>' if answer.short else ""
    if answer.items:
        short = f'<ul class="short">{"".join(f"<li>{escape(item.text)}</li>" for item in answer.items)}</ul>'
    sentence = f"<p>{escape(quote)}{'' if short and not answer.items else marks}</p>"
    sure = f'<p class="meta">Confidence {answer.confidence:.0%}</p>'
    return f'<div class="answer" role="status">{read}{short}{sentence}{sure}</div>'


def sources_html(answer: Answer, rag: Rag) -> str:
    """Each cited file whole, with the quote marked where it stands; the first one open."""
    return "".join(_source_html(citation, answer.short, rag) for citation in answer.citations)


def _source_html(citation: Citation, short: str, rag: Rag) -> str:
    try:
        text = rag.text(citation.source)
        body = marked(text, citation, short)
    except DocumentError as error:
        body = escape(f"{citation.source} {error}.")
    page = f", page {citation.page}" if citation.page else ""
    place = f"{citation.source}{page}, characters {citation.start}–{citation.end}"
    name = escape(citation.title or citation.source)
    return (
        f'<details class="source" id="source-{citation.number}"{" open" if citation.number == 1 else ""}>'
        f"<summary>[{citation.number}] {name}</summary>"
        f'<div class="meta">{escape(place)}</div><div class="document" tabindex="0">{body}</div></details>'
    )


def marked(text: str, citation: Citation, short: str) -> str:
    """The file's text as HTML, with the quote in <mark> and the short answer in it in <strong>.

    Marks nothing, and says so, when the characters at the citation's place are no longer the quote.
    """
    if text[citation.start : citation.end] != citation.quote:
        return "<em>The file has changed since it was quoted.</em>\n\n" + escape(text)
    quote = escape(citation.quote)
    if short:
        quote = quote.replace(escape(short), f"<strong>{escape(short)}</strong>", 1)
    return f"{escape(text[: citation.start])}<mark>{quote}</mark>{escape(text[citation.end :])}"
