"""The web page: question in, answer and marked documents out. `page` builds it, this module starts it.

`evidence`, `each`, `documents`, `checklist`, `search` and `evaluation` turn what the product knows into plain values, and by `templates/` into HTML, in the
`words` of the browser's language; `papers` answers what the page fetches of a file; `rooms` keeps browsers apart, `following` the index in step with the folder, and `guard` the page to itself. The only package that imports gradio. Everything shown comes
from `Answer`, the index and the eval suite; nothing is worked out here.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import SplitResult, urlsplit

from rag.config import Config
from rag.errors import UsageError
from rag.messages import say_in
from rag.pipeline import Rag
from rag.reports import SyncReport

# Before gradio is imported: no telemetry, no look for a newer version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif")
"""The system's own: nothing to load, and Chinese looks as it does elsewhere."""
READABLE = {
    "button_primary_background_fill": "*primary_700",
    "button_primary_background_fill_hover": "*primary_800",
    "button_primary_background_fill_dark": "*primary_700",
    "body_text_color_subdued": "#565e69",
    "body_text_color_subdued_dark": "#a9b1bd",
}
"""Colours of Gradio's parts that have a contrast of 4.5 on their ground (WCAG 2.1, 1.4.3)."""
_log = logging.getLogger(__name__)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def launch(
    config: Config,
    *,
    port: int | None = None,
    address: str = "127.0.0.1",
    users: Sequence[tuple[str, str]] = (),
    mcp: bool = False,
    browser: bool = False,
    watch: bool = True,
    root_path: str | None = None,
) -> None:
    """Serve the page until stopped, on `port` or the next free one; a folder that has no index is indexed meanwhile.

    `users` are (name, password) pairs that may log in; everyone may where it is empty. `mcp` also offers ask and search as MCP tools;
    `browser` opens the page in the browser.
    With `watch` the index follows the folder's changes. `root_path` is where a reverse proxy shows the page, a path or a whole address;
    where it is None no header of a proxy is believed. Raises RagError's children.
    """
    from rag.web import ports
    from rag.web.following import FirstIndex, Follower

    outside = _outside(root_path)
    chosen = ports.choose(address, port)
    at = f"http://{f'[{address}]' if ':' in address else address}:{chosen}"
    if port is None and chosen != ports.FIRST:
        print(say_in("en")("another port", taken=ports.FIRST, address=at), file=sys.stderr)
    rag = Rag(config)
    rag.load()
    first = FirstIndex(rag, partial(_print_report, config.docs))
    first.start()

    # Before Gradio starts its server, which believes a proxy on this machine by itself.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "" if outside is None else "127.0.0.1")
    waiting = TemporaryDirectory(prefix="chapter-verse-")
    os.environ["GRADIO_TEMP_DIR"] = waiting.name
    import gradio as gr
    from gradio.routes import App, ORJSONResponse
    from gradio_client import Client
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.types import ASGIApp

    from rag.web.guard import LOGOUT, Guard, login_cookie
    from rag.web.logins import Logins
    from rag.web.page import CSS, SCRIPT, Page, t
    from rag.web.papers import Papers
    from rag.web.rooms import MAX_UPLOAD_BYTES, Rooms
    from rag.web.uploads import Uploads

    # Another name for this machine means that some other page sent the browser here.
    hosts = [*LOOPBACK, "[::1]", *filter(None, [outside.hostname if outside else None])] if address in LOOPBACK else ["*"]
    below = None if outside is None else outside.path
    logins = Logins(dict(users)) if users else None

    rooms = Rooms(rag)
    rooms.sweep()

    def guarded() -> ASGIApp:
        uploads = Uploads(rooms, Path(waiting.name))
        guard = Guard(
            unguarded(),
            below,
            uploads,
            logins,
            port=chosen,
            metrics=lambda: rooms.metrics.text(rag),
            alone=address in LOOPBACK,
        )
        return TrustedHostMiddleware(guard, allowed_hosts=hosts)

    app = App(default_response_class=ORJSONResponse, routes=Papers(rooms).routes())
    unguarded, app.build_middleware_stack = app.build_middleware_stack, guarded  # around all that Gradio puts around its page
    theme = gr.themes.Default(primary_hue="blue", font=FONTS, font_mono="monospace").set(**READABLE)
    held = rag.hold()
    follower = Follower(rag, first)
    if watch:
        follower.start()
    page = Page(rooms, first, log_out=(below or "") + LOGOUT if logins else "")
    _log.info("page: %s, %s", at, "with a log-in" if users else "open")
    try:
        blocks = page.build(tools=mcp)
        blocks.launch(
            server_name=address, server_port=chosen, css=CSS, js=SCRIPT, i18n=t, theme=theme, prevent_thread_lock=True, quiet=True,
            inbrowser=browser, run_history=False, share=False, footer_links=["api"], mcp_server=mcp,
            max_file_size=MAX_UPLOAD_BYTES, _app=app, root_path=outside.geturl() if outside else None,
        )  # fmt: skip
        if logins and blocks.mcp_server_obj:  # Gradio's tools ask the page over HTTP, as everyone does
            headers = {"x-gradio-user": "mcp", "cookie": f"{login_cookie(chosen)}={logins.enter()}"}
            client = Client(
                blocks.local_url,
                headers=headers,
                verbose=False,
                analytics_enabled=False,
                download_files=False,
                _skip_components=False,
            )
            blocks.mcp_server_obj._client_instance = client
        print(say_in("en")("page at", address=f"{at}/"), file=sys.stderr)
        blocks.block_thread()
    except OSError as error:
        raise UsageError(f"port {chosen} was taken meanwhile; start the page again.") from error
    finally:
        first.close()
        follower.close()
        page.desk.close()
        rooms.close()
        rag.close()
        waiting.cleanup()
        del held


def _print_report(docs: Path | str, report: SyncReport | None, unwritten: str) -> None:
    """What was indexed, or why the index is as it was."""
    if report:
        told = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count) or say_in("en")("no files")
        print(f"{docs}: {told}; {report.chunks} chunks", *report.notes, sep="\n", file=sys.stderr)
    else:
        print(f"{docs}: {say_in('en')('as it was', why=unwritten)}", file=sys.stderr)


def _outside(root_path: str | None) -> SplitResult | None:
    """Where a reverse proxy shows the page. Raises UsageError."""
    if root_path is None:
        return None
    url = urlsplit(root_path)
    whole = url.scheme in ("http", "https") and bool(url.hostname)
    path = root_path.startswith("/") and not url.netloc
    if url.query or url.fragment or not (whole or path):
        raise UsageError(f"{root_path!r} is no path of the page; write /docs or https://example.org/docs.")
    return url._replace(path=url.path.rstrip("/"))
