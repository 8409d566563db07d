"""What every response carries: headers that keep the page to itself, and the cookie that names a browser's own room."""

from __future__ import annotations

import secrets
from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
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
_COOKIE_SECONDS = 30 * 24 * 3600


class Guard:
    """ASGI middleware that adds HEADERS to every response, and gives a browser without a room the key to a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        new = "" if is_key(HTTPConnection(scope).cookies.get(COOKIE, "")) else secrets.token_hex(16)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if new and scope["path"] == "/":
                    headers.append("Set-Cookie", _cookie(new))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _cookie(key: str) -> str:
    cookie = SimpleCookie({COOKIE: key})
    facts = {"httponly": "true", "samesite": "Strict", "path": "/", "max-age": str(_COOKIE_SECONDS)}
    cookie[COOKIE].update(facts)
    return cookie[COOKIE].OutputString()
