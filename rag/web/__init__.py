"""The web page: question in, answer and marked documents out. `page` builds it, this module starts it.

`evidence`, `each`, `documents`, `search` and `evaluation` turn what the product knows into plain values, and by `templates/` into HTML, in the
`words` of the browser's language; `rooms` keeps browsers apart, and `guard` keeps the page to itself. The only package that imports gradio. Everything shown comes
from `Answer`, the index and the eval suite; nothing is worked out here.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

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
    config: Config, *, port: int = 7860, address: str = "127.0.0.1", users: Sequence[tuple[str, str]] = (), mcp: bool = False,
    browser: bool = False,
) -> None:  # fmt: skip
    """Index the folder, then serve the page until stopped.

    `users` are (name, password) pairs that may log in; everyone may where it is empty. `mcp` also offers ask and search as MCP tools;
    `browser` opens the page in the browser.
    Raises RagError's children.
    """
    rag = Rag(config)
    rag.load()
    report, unwritten = rag.refresh()
    if report:
        counts = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count)
        print(f"{config.docs}: {counts}; {report.chunks} chunks", file=sys.stderr)
    else:
        print(f"{config.docs}: {say_in('en')('as it was', why=unwritten)}", file=sys.stderr)

    import gradio as gr
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from rag.web.guard import Guard
    from rag.web.page import CSS, SCRIPT, Page, t
    from rag.web.rooms import MAX_UPLOAD_BYTES, Rooms

    # Another name for this machine means that some other page sent the browser here.
    own = [Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]"])] if address in LOOPBACK else []
    theme = gr.themes.Default(primary_hue="blue", font=FONTS, font_mono="monospace").set(**READABLE)
    rooms = Rooms(rag)
    rooms.sweep()
    _log.info("page: http://%s:%d, %s", f"[{address}]" if ":" in address else address, port, "with a log-in" if users else "open")
    try:
        Page(rooms).build(tools=mcp).launch(
            server_name=address, server_port=port, css=CSS, js=SCRIPT, i18n=t, theme=theme,
            inbrowser=browser, run_history=False, share=False, footer_links=["api", "settings"], auth=list(users) or None, mcp_server=mcp,
            max_file_size=MAX_UPLOAD_BYTES, app_kwargs={"middleware": [*own, Middleware(Guard)]},
        )  # fmt: skip
    except OSError as error:
        raise UsageError(f"port {port} is taken; name another one: rag serve --port {port + 1}") from error
    finally:
        rooms.close()
        rag.close()
