"""Answers → a file to take along: a page for people, text in Markdown, or receipts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rag.answers import Answer
from rag.errors import UsageError
from rag.messages import say_in
from rag.receipts import receipt
from rag.transcripts import file_name, lines, place, to_markdown
from rag.web.pressed import UnknownButton
from rag.web.rendering import render

Made = Sequence[tuple[Answer, Mapping[str, str]]]
"""Answers, each with what it was made with."""


def taken(answers: Made, kind: str) -> dict[str, str]:
    """The file: its name, media type and text; `kind` is "html", "md" or "json". Raises UsageError, UnknownButton."""
    if not answers:
        raise UsageError("there is no answer yet; ask first.")
    makers = {
        "html": ("text/html", taken_html),
        "md": ("text/markdown", lambda answers: to_markdown([answer for answer, _ in answers])),
        "json": ("application/json", _receipts),
    }
    if kind not in makers:
        raise UnknownButton("unknown button")
    media, made = makers[kind]
    return {"name": f"{file_name(answers[0][0].question)}.{kind}", "type": media, "text": made(answers)}


def taken_html(answers: Made) -> str:
    """One page, in the language of the first question, with nothing to fetch and no script."""
    turns = []
    for answer, made_with in answers:
        own = say_in(answer.language)
        places = [place(citation, own) for citation in answer.citations]
        turns.append({"answer": answer, "lines": [*lines(answer)], "places": places, "kept": receipt(answer, made_with)})
    language = answers[0][0].language
    return render("taken.html.j2", turns=turns, receipts=_receipts(answers), language=language, say=say_in(language))


def _receipts(answers: Made) -> str:
    kept = [receipt(answer, made_with) for answer, made_with in answers]
    return json.dumps(kept[0] if len(kept) == 1 else kept, ensure_ascii=False, indent=2)
