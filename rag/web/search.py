"""Ranked passages → HTML: by meaning, by words and fused, side by side, each below what stands above it in its file; the rank of a known
quote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rag.answers import Passage
from rag.messages import Reason, Say
from rag.web.rendering import render

_SHOWN = 10


def search_html(passages: Sequence[Passage], quote: str, say: Say, left_out: Reason | None = None) -> str:
    """`passages` are best first by the fused score; `left_out` tells which vector servers could not be asked."""
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
    columns = {
        say("by meaning"): [_row(p, f"{p.dense:.3f}", holding) for p in by_meaning[:_SHOWN]],
        say("by words"): [_row(p, f"{p.lexical:.2f}", holding) for p in by_words[:_SHOWN]],
        say("fused"): [_row(p, f"{p.score:.3f}", holding) for p in passages[:_SHOWN]],
    }
    return render("rankings.html.j2", found=bool(passages), told=told, columns=columns, left_out=left_out, say=say)


def _ranked(passages: Sequence[Passage], score: Callable[[Passage], float]) -> list[Passage]:
    return sorted((p for p in passages if score(p) > 0), key=lambda p: -score(p))


def _rank(ranking: Sequence[Passage], holding: Sequence[Passage]) -> int | str:
    return next((rank for rank, p in enumerate(ranking, start=1) if p in holding), "–")


def _row(passage: Passage, score: str, holding: Sequence[Passage]) -> dict[str, Any]:
    text = _plain(passage.text)
    return {"passage": passage, "score": score, "held": passage in holding, "text": text, "above": passage.context.splitlines()}


def _plain(text: str) -> str:
    return " ".join(text.split())
