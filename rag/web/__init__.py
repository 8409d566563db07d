"""The web page: question in, answer and marked documents out. `page` builds it, this module starts it.

`evidence`, `each`, `documents`, `search` and `evaluation` turn what the product knows into plain values, and by `templates/` into HTML, in the
`words` of the browser's language; `rooms` keeps browsers apart, `following` the index in step with the folder, and `guard` the page to itself. The only package that imports gradio. Everything shown comes
from `Answer`, the index and the eval suite; nothing is worked out here.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from rag.config import Config
from rag.errors import UsageError
from rag.messages import say_in
from rag.pipeline import Rag

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
    """Index the folder, then serve the page until stopped, on `port` or the next free one.

    `users` are (name, password) pairs that may log in; everyone may where it is empty. `mcp` also offers ask and search as MCP tools;
    `browser` opens the page in the browser.
    With `watch` the index follows the folder's changes. `root_path` is where a reverse proxy shows the page, a path or a whole address;
    where it is None no header of a proxy is believed. Raises RagError's children.
    """
    from rag.web import ports

    outside = _outside(root_path)
    chosen = ports.choose(address, port)
    at = f"http://{f'[{address}]' if ':' in address else address}:{chosen}"
    if port is None and chosen != ports.FIRST:
        print(say_in("en")("another port", taken=ports.FIRST, address=at), file=sys.stderr)
    rag = Rag(config)
    rag.load()
    report, unwritten = rag.refresh()
    if report:
        counts = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count)
        print(f"{config.docs}: {counts}; {report.chunks} chunks", file=sys.stderr)
    else:
        print(f"{config.docs}: {say_in('en')('as it was', why=unwritten)}", file=sys.stderr)

    # Before Gradio starts its server, which believes a proxy on this machine by itself.
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "" if outside is None else "127.0.0.1")
    import gradio as gr
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from rag.web.following import Follower
    from rag.web.guard import Guard
    from rag.web.page import CSS, SCRIPT, Page, t
    from rag.web.rooms import MAX_UPLOAD_BYTES, Rooms

    # Another name for this machine means that some other page sent the browser here.
    hosts = [*LOOPBACK, "[::1]", *filter(None, [outside.hostname if outside else None])]
    own = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)] if address in LOOPBACK else []
    guard = Middleware(Guard, below=None if outside is None else outside.path)
    theme = gr.themes.Default(primary_hue="blue", font=FONTS, font_mono="monospace").set(**READABLE)
    rooms = Rooms(rag)
    rooms.sweep()
    held = rag.hold()
    follower = Follower(rag)
    if watch:
        follower.start()
    page = Page(rooms)
    _log.info("page: %s, %s", at, "with a log-in" if users else "open")
    try:
        page.build(tools=mcp).launch(
            server_name=address, server_port=chosen, css=CSS, js=SCRIPT, i18n=t, theme=theme,
            inbrowser=browser, run_history=False, share=False, footer_links=["api", "settings"], auth=list(users) or None, mcp_server=mcp,
            max_file_size=MAX_UPLOAD_BYTES, app_kwargs={"middleware": [*own, guard]}, root_path=outside.geturl() if outside else None,
        )  # fmt: skip
    except OSError as error:
        raise UsageError(f"port {chosen} was taken meanwhile; start the page again.") from error
    finally:
        follower.close()
        page.desk.close()
        rooms.close()
        rag.close()
        del held


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
