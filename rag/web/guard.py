"""What every request and response passes: who may ask for what, and headers that keep the page to itself.

A request that changes something comes from the page itself or from a program, never from another page in the browser; where there is a
log-in, all but the log-in and `/health` is closed without one; a body has a limit. A browser's own room is named by a cookie. `/metrics`
is told to this machine or behind a log-in.
Behind a reverse proxy the page may lie below a path of another server's; with or without that path in front, a request means the same.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.messages import language_of, say_in, speaker
from rag.web.logins import Logins, Tried
from rag.web.metrics import TYPE
from rag.web.rendering import render
from rag.web.rooms import COOKIE, is_key
from rag.web.uploads import Refused, Upload, Uploads, taken_in

HEADERS = {
    # Gradio's page brings scripts and styles inline, and makes functions from text; everything comes from this server.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
HEALTH, METRICS, LOGIN, LOGOUT = "/health", "/metrics", "/login", "/logout"
"""HEALTH answers to anyone that the page is up, and nothing else."""
STARTED, UPLOAD, MCP = "/gradio_api/startup-events", "/gradio_api/upload", "/gradio_api/mcp"
"""Gradio's; at STARTED it looks, as a stranger, whether its server is up."""
LOGIN_COOKIE = "login"
_log = logging.getLogger(__name__)
_CHANGING_NOTHING = {"GET", "HEAD", "OPTIONS"}
_COOKIE_SECONDS = 30 * 24 * 3600
_FORWARDED = (b"forwarded", b"x-forwarded-", b"x-real-ip")
"""How the headers begin in which a proxy says what it was asked."""


class Guard:
    """ASGI middleware around all others: refuses what may not be, and gives a browser without a room the key to a new one.

    `below` is the path that a reverse proxy shows the page at, None where there is no proxy: what one would say is then not believed.
    Without `uploads` none is taken, without `logins` everyone may come in; their cookie's name ends with `port`, since a browser sends
    cookies to all ports of a machine.
    """

    def __init__(
        self,
        app: ASGIApp,
        below: str | None = None,
        uploads: Uploads | None = None,
        logins: Logins | None = None,
        *,
        port: int = 0,
        metrics: Callable[[], str] | None = None,
        alone: bool = True,
    ) -> None:
        """`metrics` makes the text for METRICS; `alone` says that no other machine reaches the page but by a proxy."""
        self.app = app
        self.proxied = below is not None
        self.below = below or ""
        self.uploads = uploads
        self.logins = logins
        self.login_cookie = login_cookie(port)
        self.metrics = metrics
        self.alone = alone and not self.proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # the page has none
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = self._meant(scope)
        connection = HTTPConnection(scope)
        new = "" if is_key(connection.cookies.get(COOKIE, "")) else secrets.token_hex(16)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if new and scope["path"] == "/" and message["status"] == 200:
                    headers.append("Set-Cookie", self._cookie(COOKIE, new, connection))
            await send(message)

        try:
            app, receive = await self._chosen(scope, receive, connection)
        except Refused as refused:
            app = _told(connection, refused)
        except ClientDisconnect:
            return
        try:
            await app(scope, receive, send_with_headers)
        except Exception as error:  # has been answered with 500
            _log.warning("%s %s failed: %r", scope["method"], scope["path"], error)
            _log.debug("", exc_info=True)

    async def _chosen(self, scope: Scope, receive: Receive, connection: HTTPConnection) -> tuple[ASGIApp, Receive]:
        """What answers the request, and what receives its body. Raises Refused, ClientDisconnect."""
        method, path = scope["method"], scope["path"].rstrip("/") or "/"
        if path == HEALTH:
            return PlainTextResponse("ok"), receive
        changes = method not in _CHANGING_NOTHING
        if changes and not self._is_own(connection.headers):
            raise Refused("other page", 403)
        if self.logins and path == LOGIN and method == "POST":
            return await self._log_in(self.logins, await taken_in(receive, _length(connection), None), connection), receive
        if self.logins and path == LOGOUT and method == "POST":
            self.logins.leave(connection.cookies.get(self.login_cookie, ""))
            return RedirectResponse(f"{self.below}/", 303), receive
        if self.logins and path != STARTED and (closed := self._closed(self.logins, path, connection)):
            return closed, receive
        if self.metrics and path == METRICS:
            if not (self.logins or self.alone):
                raise Refused("metrics closed", 403)
            return PlainTextResponse(await run_in_threadpool(self.metrics), media_type=TYPE), receive
        if changes:
            upload = self._upload(connection) if path == UPLOAD else None
            receive = await taken_in(receive, _length(connection), upload)
        return self._without_origin, receive

    async def _without_origin(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Where Gradio is told of no other origin, it lets none read what it answers."""
        await self.app(_without((b"origin",), scope), receive, send)

    def _meant(self, scope: Scope) -> Scope:
        """Without the path that the page lies below, and without what only a proxy may say where there is none."""
        if not self.proxied:
            return _without(_FORWARDED, scope)
        path = scope["path"]
        if self.below and (path == self.below or path.startswith(f"{self.below}/")):
            path = path.removeprefix(self.below) or "/"
        return {**scope, "path": path}

    def _is_own(self, headers: Headers) -> bool:
        """Whether the page itself sends a request, or no page at all. What a browser says of itself goes first: no page can set it."""
        if site := headers.get("sec-fetch-site"):
            return site in ("same-origin", "none")
        if not (origin := headers.get("origin")):
            return True
        name = origin.partition("://")[2]  # a proxy may tell its name without its port
        return name == headers.get("host") or headers.get("x-forwarded-host") in (name, name.rpartition(":")[0] or name)

    def _upload(self, connection: HTTPConnection) -> Upload:
        key = connection.cookies.get(COOKIE, "")
        if not is_key(key):
            raise Refused("no cookies", 403)
        if self.uploads is None:
            raise Refused("no upload", 403)
        return self.uploads.begin(key, connection.headers.get("content-type", ""))

    # the log-in

    def _closed(self, logins: Logins, path: str, connection: HTTPConnection) -> Response | None:
        """What someone sees who is not logged in; None for one who is, by the cookie or by Basic."""
        if logins.knows(connection.cookies.get(self.login_cookie, "")):
            return None
        tried = Tried()
        if authorization := connection.headers.get("authorization"):
            tried = logins.try_header(_address(connection), authorization)
            if tried.right:
                return None
        return self._ask_in(connection, tried, 401, basic=path.startswith(MCP))

    async def _log_in(self, logins: Logins, receive: Receive, connection: HTTPConnection) -> Response:
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event["body"]
            if not event["more_body"]:
                break
        form = parse_qs(body.decode("utf-8", "replace"))
        tried = logins.try_password(_address(connection), form.get("username", [""])[0].strip(), form.get("password", [""])[0])
        if not tried.right:
            return self._ask_in(connection, tried, 400, wrong=True)
        response = RedirectResponse(f"{self.below}/", 303) if _is_for_people(connection) else JSONResponse({"success": True})
        response.headers.append("Set-Cookie", self._cookie(self.login_cookie, logins.enter(), connection))
        return response

    def _ask_in(
        self, connection: HTTPConnection, tried: Tried, status: int, *, wrong: bool = False, basic: bool = False
    ) -> Response:
        """Asks for a name and a password, and tells how long none is looked at."""
        language = language_of(connection.headers.get("accept-language", ""))
        say = say_in(language)
        told = say("wait to log in", seconds=tried.wait) if tried.wait else say("wrong password") if wrong else ""
        headers = {"Retry-After": str(tried.wait)} if tried.wait else {}
        headers |= {"WWW-Authenticate": 'Basic charset="UTF-8"'} if basic else {}
        status = 429 if tried.wait else status
        if _is_for_people(connection):
            page = render("login.html.j2", told=told, action=f"{self.below}{LOGIN}", language=language, say=say)
            return HTMLResponse(page, status, headers)
        return JSONResponse({"detail": told or say("not logged in")}, status, headers)

    def _cookie(self, name: str, value: str, connection: HTTPConnection) -> str:
        secure = "https" in (connection.scope["scheme"], connection.headers.get("x-forwarded-proto", "").split(",")[0].strip())
        cookie = SimpleCookie({name: value})
        facts = {"httponly": "true", "samesite": "Strict", "path": self.below or "/", "max-age": str(_COOKIE_SECONDS)}
        cookie[name].update(facts | ({"secure": "true"} if secure else {}))
        return cookie[name].OutputString()


def _without(beginnings: tuple[bytes, ...], scope: Scope) -> Scope:
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if not name.startswith(beginnings)]}


def login_cookie(port: int) -> str:
    return f"{LOGIN_COOKIE}-{port}"


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def _length(connection: HTTPConnection) -> int:
    told = connection.headers.get("content-length", "")
    return int(told) if told.isdecimal() else 0


def _is_for_people(connection: HTTPConnection) -> bool:
    return "text/html" in connection.headers.get("accept", "")


def _told(connection: HTTPConnection, refused: Refused) -> Response:
    return PlainTextResponse(refused.told(speaker(connection.headers.get("accept-language", ""))), refused.status)
