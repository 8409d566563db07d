"""The web page: question in, answer and marked documents out. `page` draws, this module starts it.

The only package that imports gradio. Everything shown comes from `Answer`; nothing is worked out here.
"""

from __future__ import annotations

import os
import sys

from rag.config import Config
from rag.errors import UsageError
from rag.pipeline import Rag

# Before gradio is imported: no telemetry, no look for a newer version.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def launch(config: Config, *, port: int = 7860) -> None:
    """Index the folder, then serve the page on this machine until stopped. Raises RagError's children."""
    rag = Rag(config)
    report = rag.sync()
    counts = ", ".join(f"{count} {state}" for state, count in report.counts.items() if count)
    print(f"{config.docs}: {counts}; {report.chunks} chunks", file=sys.stderr)

    from starlette.middleware import Middleware

    from rag.web.headers import PrivateHeaders
    from rag.web.page import CSS, SCRIPT, build_page

    page = build_page(rag)
    try:
        page.launch(
            server_name="127.0.0.1", server_port=port, css=CSS, js=SCRIPT, run_history=False, share=False, footer_links=["api"],
            app_kwargs={"middleware": [Middleware(PrivateHeaders)]},
        )  # fmt: skip
    except OSError as error:
        raise UsageError(f"port {port} is taken; name another one: rag serve --port {port + 1}") from error
    finally:
        rag.close()
