"""A small reverse proxy that shows a page below a path of its own, as nginx (which takes the path off) or Traefik (which leaves it) would.

`python -m tests.proxy_harness TARGET PATH PORT on|off`: whether it takes the path off.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import ROOT, free_port

HOP = {"host", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "accept-encoding"}


@contextmanager
def proxy(target: str, below: str, *, strips: bool) -> Iterator[str]:
    """Serve `target` below a path; gives the address there. The proxy's own name goes in X-Forwarded-Host."""
    port = free_port()
    command = [sys.executable, "-m", "tests.proxy_harness", target.rstrip("/"), below, str(port), "on" if strips else "off"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/another", timeout=1).close()
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}{below}/"
    finally:
        process.kill()
        process.wait()


def serve(target: str, below: str, port: int, *, strips: bool) -> None:
    import httpx
    import uvicorn
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.requests import Request
    from starlette.responses import Response, StreamingResponse
    from starlette.routing import Route

    client = httpx.AsyncClient(timeout=None)

    async def forward(request: Request) -> Response:
        path = request.url.path
        if path != below and not path.startswith(f"{below}/"):
            return Response("another site", 404)
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP]
        headers += [("x-forwarded-host", request.headers["host"]), ("x-forwarded-proto", "http")]
        url = target + (path.removeprefix(below) or "/" if strips else path)
        sent = client.build_request(request.method, url, params=request.query_params, headers=headers, content=request.stream())
        answer = await client.send(sent, stream=True)
        response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
        response.raw_headers = [(n.lower(), v) for n, v in answer.headers.raw if n.lower().decode() not in HOP]
        return response

    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
    app = Starlette(routes=[Route("/{path:path}", forward, methods=methods)])
    uvicorn.run(app, port=port, log_level="error")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), strips=sys.argv[4] == "on")
