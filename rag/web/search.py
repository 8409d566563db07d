"""Ranked passages → HTML: by meaning, by words and fused, side by side, with the rank of a known quote."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from rag.answers import Passage
from rag.reading.gaps import clipped
from rag.web.words import Say

_SHOWN = 10
_SNIPPET_CHARS = 160


def search_html(passages: Sequence[Passage], quote: str, say: Say) -> str:
    """`passages` are best first by the fused score."""
    if not passages:
        return f"<p>{escape(say('nothing found'))}</p>"
    by_meaning = _ranked(passages, lambda p: p.dense)
    by_words = _ranked(passages, lambda p: p.lexical)
    holding = [p for p in passages if quote.strip() and _plain(quote) in _plain(p.text)]
    told = ""
    if holding:
        first = holding[0]
        ranks = {
            name: _rank(found, holding) for name, found in (("meaning", by_meaning), ("words", by_words), ("fused", passages))
        }
        told = say("quote ranks", source=first.source, start=first.start, end=first.end, **ranks)
    elif quote.strip():
        told = say("quote nowhere", count=len(passages))
    columns = (
        (say("by meaning"), by_meaning, lambda p: f"{p.dense:.3f}"),
        (say("by words"), by_words, lambda p: f"{p.lexical:.2f}"),
        (say("fused"), passages, lambda p: f"{p.score:.3f}"),
    )
    lists = "".join(_column_html(title, found, score, holding) for title, found, score in columns)
    return f'<p class="told" role="status">{escape(told)}</p><div class="rankings">{lists}</div>'


def _ranked(passages: Sequence[Passage], score: Callable[[Passage], float]) -> list[Passage]:
    return sorted((p for p in passages if score(p) > 0), key=lambda p: -score(p))


def _rank(ranking: Sequence[Passage], holding: Sequence[Passage]) -> int | str:
    return next((rank for rank, p in enumerate(ranking, start=1) if p in holding), "–")


def _column_html(title: str, found: Sequence[Passage], score: Callable[[Passage], str], holding: Sequence[Passage]) -> str:
    rows = "".join(
        f"<li{' class=held' if p in holding else ''}><b>{escape(score(p))}</b> {escape(p.source)}, {p.start}–{p.end}"
        f"<p>{escape(clipped(_plain(p.text), _SNIPPET_CHARS))}</p></li>"
        for p in found[:_SHOWN]
    )
    return f"<section><h2>{escape(title)}</h2><ol>{rows}</ol></section>"


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
