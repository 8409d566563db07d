"""What the page fetches of a file by itself: its pages as pictures, where on them a quote stands, and the file as it lies.

A file is named by its place and its name in that place's index, so no path from outside is ever opened; the place is one of those of the
browser's own room, and where the page asks for a log-in, it is asked for here too.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from rag.answers import Sheets, Span
from rag.errors import RagError, UsageError
from rag.messages import Say, speaker
from rag.pipeline import Rag
from rag.web.pressed import whole_number
from rag.web.rendering import render
from rag.web.rooms import COOKIE, Rooms

MAX_WORDS = 200
"""Characters that are searched for in a file."""
_KEPT = {"Cache-Control": "private, max-age=3600"}
"""Of a page's picture, whose address names the file's state."""
_FRESH = {"Cache-Control": "no-store"}


class Papers:
    """Answers GET requests below /papers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def routes(self) -> list[Route]:
        answers = {"sheets": self._sheets, "page": self._page, "original": self._original}
        return [Route(f"/papers/{name}", self._guarded(answer)) for name, answer in answers.items()]

    def _guarded(self, answer: Callable[[Request, Rag, str, Say], Response]) -> Callable[[Request], Response]:
        def answered(request: Request) -> Response:
            say = speaker(request.headers.get("accept-language", ""))
            try:
                room = self._rooms.enter(request.cookies.get(COOKIE, ""))
                place = request.query_params.get("place", "")
                if place not in room.places():
                    raise UsageError("that place is not there.")
                return answer(request, room.rag(place), request.query_params.get("source", ""), say)
            except RagError as error:
                return PlainTextResponse(error.told(say), 404, headers=_FRESH)

        return answered

    def _sheets(self, request: Request, rag: Rag, source: str, say: Say) -> Response:
        """The pages without their pictures; those are marked where the file is still what the answer was given from."""
        asked = request.query_params
        span = _span(asked.get("start", ""), asked.get("end", ""))
        sheets = rag.sheets(source, span, asked.get("words", "")[:MAX_WORDS])
        if sheets.sha256 != asked.get("version", "") and span:
            sheets = rag.sheets(source, None, asked.get("words", "")[:MAX_WORDS])
            return HTMLResponse(sheets_html(sheets, say("edited meanwhile"), say), headers=_FRESH)
        return HTMLResponse(sheets_html(sheets, say("quote not placed") if sheets.lost else "", say), headers=_FRESH)

    def _page(self, request: Request, rag: Rag, source: str, say: Say) -> Response:
        number = whole_number(request.query_params.get("page", ""))
        return Response(rag.page_drawn(source, -1 if number is None else number), media_type="image/png", headers=_KEPT)

    def _original(self, request: Request, rag: Rag, source: str, say: Say) -> Response:
        """To be kept and not to be shown, so that nothing in it is run."""
        name = quote(source.rpartition("/")[2], safe="")
        told = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(rag.original(source), media_type="application/octet-stream", headers=_FRESH | told)


def sheets_html(sheets: Sheets, note: str, say: Say) -> str:
    return render("sheets.html.j2", sheets=sheets, note=note, say=say)


def _span(start: str, end: str) -> Span | None:
    first, last = whole_number(start), whole_number(end)
    return (first, last) if first is not None and last is not None and first < last else None
