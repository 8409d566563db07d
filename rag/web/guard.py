"""What every request and response passes: headers that keep the page to itself, the cookie that names a browser's own room, and `/health`.

Behind a reverse proxy the page may lie below a path of another server's; with or without that path in front, a request means the same.
"""

from __future__ import annotations

import secrets
from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web.rooms import COOKIE, is_key

HEADERS = {
    # Gradio's page brings scripts and styles inline, and makes functions from text; everything comes from this server.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
HEALTH = "/health"
"""Answers to anyone that the page is up, and nothing else."""
_COOKIE_SECONDS = 30 * 24 * 3600
_FORWARDED = (b"forwarded", b"x-forwarded-", b"x-real-ip")
"""How the headers begin in which a proxy says what it was asked."""


class Guard:
    """ASGI middleware that adds HEADERS to every response, and gives a browser without a room the key to a new one.

    `below` is the path that a reverse proxy shows the page at, None where there is no proxy: what one would say is then not believed.
    """

    def __init__(self, app: ASGIApp, below: str | None = None) -> None:
        self.app = app
        self.proxied = below is not None
        self.below = below or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = self._meant(scope)
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        new = "" if is_key(connection.cookies.get(COOKIE, "")) else secrets.token_hex(16)
        secure = "https" in (scope["scheme"], connection.headers.get("x-forwarded-proto", "").split(",")[0].strip())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if new and scope["path"] == "/":
                    headers.append("Set-Cookie", _cookie(new, self.below or "/", secure=secure))
            await send(message)

        app = PlainTextResponse("ok") if scope["path"] == HEALTH else self.app
        await app(scope, receive, send_with_headers)

    def _meant(self, scope: Scope) -> Scope:
        """Without the path that the page lies below, and without what only a proxy may say where there is none."""
        if not self.proxied:
            return {**scope, "headers": [(name, value) for name, value in scope["headers"] if not name.startswith(_FORWARDED)]}
        path = scope["path"]
        if self.below and (path == self.below or path.startswith(f"{self.below}/")):
            path = path.removeprefix(self.below) or "/"
        return {**scope, "path": path}


def _cookie(key: str, path: str, *, secure: bool) -> str:
    cookie = SimpleCookie({COOKIE: key})
    facts = {"httponly": "true", "samesite": "Strict", "path": path, "max-age": str(_COOKIE_SECONDS)}
    cookie[COOKIE].update(facts | ({"secure": "true"} if secure else {}))
    return cookie[COOKIE].OutputString()
