"""The server beneath the page: its public endpoint, its headers, the log-in and the MCP tools."""

import asyncio
import base64
import http.client
import json
import re
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from rag.shell.cli import WRONG_USE
from rag.web.guard import HEADERS
from rag.web.rooms import MAX_FILES, MAX_ROOM_BYTES, MAX_UPLOAD_BYTES
from rag.web.uploads import MAX_BODY_BYTES
from tests.conftest import ROOT, SEEDS, Site, start
from tests.proxy_harness import proxy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Over the seeds, with MCP tools."""
    yield from start(SEEDS, tmp_path_factory.mktemp("index"), "--mcp")


def test_the_public_endpoint(site: Site) -> None:
    client = Client(site.address, verbose=False)
    found = client.predict("What is the swap amount?", api_name="/ask")
    citation = found["citations"][0]
    text = (site.docs / citation["source"]).read_bytes().decode("utf-8")
    assert found["answered"] and text[citation["start"] : citation["end"]] == citation["quote"]
    for named in ("001_94b5f37b355229ad.txt", "./001_*"):
        found = client.predict("What is the swap amount?", [named], api_name="/ask")
        assert not found["answered"] and found["trace"]["sources"] == ["001_94b5f37b355229ad.txt"]
    for question, sources, said in (
        ("a\0b", [], "control character at character 2"),
        (None, [], "the question is None"),
        ("a", ["none.txt"], "none.txt is not an indexed file"),
        ("a", [5], r"sources\[0\] is 5"),
        ("a", "none.txt", "it must be a list"),
    ):
        with pytest.raises(AppError, match=said):
            client.predict(question, sources, api_name="/ask")
    assert len(client.predict("swap", 3, api_name="/search")) == 3
    for query, top_k, said in (("a\x1b", 3, "control character"), ("swap", 0, "top_k is 0"), ("swap", "many", "top_k")):
        with pytest.raises(AppError, match=said):
            client.predict(query, top_k, api_name="/search")
    half = urllib.request.Request(
        f"{site.address}gradio_api/call/ask", b'{"data": ["\\ud800", []]}', {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(half) as begun, urllib.request.urlopen(f"{half.full_url}/{json.load(begun)['event_id']}") as told:
        assert b"not valid Unicode at character 1" in told.read()
    assert list(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == ["/ask", "/search"]


def test_headers_and_hosts(site: Site) -> None:
    with urllib.request.urlopen(site.address) as response:
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    with urllib.request.urlopen(urllib.request.Request(f"{site.address}config", headers=forwarded)) as response:
        assert json.loads(response.read())["root"] == site.address.rstrip("/")
    request = urllib.request.Request(site.address, headers={"Host": "rebound.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)


def test_a_proxy_that_passes_its_own_name_on_is_named(tmp_path: Path) -> None:
    for named in start(SEEDS, tmp_path, "--root-path", "https://docs.example/below"):
        for path in ("below/config", "config"):
            request = urllib.request.Request(named.address + path, headers={"Host": "docs.example"})
            with urllib.request.urlopen(request) as response:
                assert json.loads(response.read())["root"] == "https://docs.example/below"
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(urllib.request.Request(named.address, headers={"Host": "rebound.example"}))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """With a log-in, and MCP tools."""
    yield from start(SEEDS, tmp_path_factory.mktemp("index"), "--mcp", "--auth", "ada:lovelace", "--auth", "grace:hopper")


def test_health_is_told_to_anyone_and_nothing_else(guarded: Site) -> None:
    with urllib.request.urlopen(f"{guarded.address}health") as response:
        assert (response.status, response.read()) == (200, b"ok") and response.headers["set-cookie"] is None


def test_metrics_are_told_on_this_machine_and_not_through_a_proxy(site: Site, tmp_path: Path) -> None:
    Client(site.address, verbose=False).predict("What is the swap amount?", api_name="/ask")
    told = asked(site, "metrics")
    assert told.status == 200 and told.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert re.search(r"^rag_questions_total [1-9]", told.text, re.M) and 'stage="embed"' in told.text and "swap" not in told.text
    for proxied in start(SEEDS, tmp_path, "--root-path", "/below"):
        assert [asked(proxied, path).status for path in ("metrics", "below/metrics", "below/health")] == [403, 403, 200]


def test_a_port_that_is_taken_is_told_before_anything_is_indexed(docs: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ["--docs", str(docs), "--index-dir", str(tmp_path / "index"), "--port", str(port)]
        ended = subprocess.run([sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == WRONG_USE and f"port {port} is taken; name another one: rag serve --port " in ended.stderr
    assert not (tmp_path / "index").exists()


def test_without_a_log_in_nothing_is_told(guarded: Site) -> None:
    closed = [
        "",
        "config",
        "metrics",
        "theme.css",
        "gradio_api/info",
        "gradio_api/user",
        "gradio_api/mcp",
        "gradio_api/mcp/",
        "gradio_api/mcp/schema",
        *(f"papers/{what}?place=folder&source=001_94b5f37b355229ad.txt" for what in ("sheets", "page", "original")),
    ]
    for path in [*closed, "gradio_api/mcp/sse", "gradio_api/heartbeat/x", "gradio_api/queue/data?session_hash=x"]:
        told = asked(guarded, path)
        assert (told.status, told.text) == (401, '{"detail":"Log in first."}'), path
    for path in (
        "gradio_api/mcp/",
        "gradio_api/mcp/messages/",
        "gradio_api/cancel",
        "gradio_api/upload",
        "gradio_api/queue/join",
    ):
        assert asked(guarded, path, b"{}", ROOM).status == 401, path
    page = asked(guarded, "", None, {"Accept": "text/html", "Accept-Language": "zh"})
    assert page.status == 401 and '<html lang="zh">' in page.text and "密码" in page.text and "gradio" not in page.text
    assert "Set-Cookie" not in page.headers
    client = Client(guarded.address, auth=("ada", "lovelace"), verbose=False)
    assert client.predict("What is the swap amount?", api_name="/ask")["answered"]


def test_who_logs_in_gets_a_cookie_and_may_leave_again(guarded: Site) -> None:
    form = b"username=ada&password=lovelace"
    entered = asked(guarded, "login", form, {"Accept": "text/html"})
    cookie = entered.headers["Set-Cookie"]
    assert (entered.status, entered.headers["Location"]) == (303, "/") and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    inside = {"Cookie": cookie.partition(";")[0]}
    assert "Chapter &amp; Verse" in asked(guarded, "", None, inside).text and asked(guarded, "config", None, inside).status == 200
    assert asked(guarded, "logout", b"", inside).status == 303
    assert asked(guarded, "config", None, inside).status == 401


def test_wrong_passwords_have_to_wait_and_are_told_how_long(guarded: Site) -> None:
    statuses = [asked(guarded, "login", b"username=grace&password=x").status for _ in range(4)]
    assert statuses == [400, 400, 429, 429]
    told = asked(guarded, "login", b"username=grace&password=hopper", {"Accept": "text/html", "X-Forwarded-For": "192.0.2.7"})
    assert told.status == 429 and int(told.headers["Retry-After"]) >= 1 and "Too many wrong passwords. Wait 1 s" in told.text
    assert asked(guarded, "login", b"username=ada&password=lovelace").status == 200, "another name need not wait"
    time.sleep(1.2)
    assert asked(guarded, "login", b"username=grace&password=hopper").status == 200


def test_mcp_tools_work_with_a_log_in(guarded: Site) -> None:
    basic = {"Authorization": f"Basic {base64.b64encode(b'ada:lovelace').decode()}"}
    cookie = asked(guarded, "login", b"username=ada&password=lovelace").headers["Set-Cookie"].partition(";")[0]
    for headers in (basic, {"Cookie": cookie}):
        names, said, _ = asyncio.run(_use_tools(f"{guarded.address}gradio_api/mcp/", headers))
        assert names == ["ask", "search"] and "200 billon yuan" in said
    wrong = asked(guarded, "gradio_api/mcp/schema", None, {"Authorization": f"Basic {base64.b64encode(b'ada:x').decode()}"})
    assert wrong.status == 401 and wrong.headers["WWW-Authenticate"].startswith("Basic")


@dataclass(frozen=True)
class Told:
    """What a server answers."""

    status: int
    text: str
    headers: Message


ROOM = {"Cookie": f"room={'0123456789abcdef' * 2}"}


def asked(site: Site, path: str, body: bytes | Iterator[bytes] | None = None, headers: dict[str, str] | None = None) -> Told:
    """The answer to a request of a program that believes nothing; one with a body changes something."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(site.address).port, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded" if path == "login" else "application/json"}
    with closing(connection):
        with suppress(BrokenPipeError, ConnectionResetError):  # what is refused is not read to its end
            connection.request("GET" if body is None else "POST", f"/{path}", body, kind | (headers or {}))
        response = connection.getresponse()
        return Told(response.status, response.read().decode(), response.headers)


def sent(*sizes: int) -> Iterator[bytes]:
    """An upload of files of these sizes, piece by piece, so that nothing tells its length."""
    for size in sizes:
        yield b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        yield from (b"a" * min(1_000_000, size - at) for at in range(0, size, 1_000_000))
        yield b"\r\n"
    yield b"--edge--\r\n"


UPLOAD = {"Content-Type": "multipart/form-data; boundary=edge", **ROOM}


def test_another_page_s_request_changes_nothing(site: Site) -> None:
    own, other = site.address.rstrip("/"), "http://127.0.0.1:3000"
    strangers: list[dict[str, str]] = [
        {"Origin": other},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": own},
    ]
    for headers in strangers:
        for path in ("gradio_api/upload", "gradio_api/queue/join", "gradio_api/call/ask", "gradio_api/mcp/"):
            told = asked(site, path, b"{}", {**UPLOAD, **headers})
            assert told.status == 403 and told.text.startswith("This was sent by another page"), (path, headers)
    for headers in ({"Origin": own}, {"Sec-Fetch-Site": "same-origin", "Origin": own}, {}):
        assert asked(site, "gradio_api/upload", sent(5), {**UPLOAD, **headers}).status == 200


def test_no_other_origin_may_read_what_is_answered(site: Site) -> None:
    for origin in ("http://localhost:3000", site.address.rstrip("/"), "https://evil.example"):
        headers = asked(site, "config", None, {"Origin": origin}).headers
        assert not [name for name in headers if name.lower().startswith("access-control")]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    with pytest.raises(urllib.error.HTTPError, match="405") as refused:
        preflight = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
        urllib.request.urlopen(urllib.request.Request(f"{site.address}gradio_api/upload", headers=preflight, method="OPTIONS"))
    assert "Access-Control-Allow-Origin" not in refused.value.headers


def test_uploads_need_a_room_and_have_limits_while_they_come(site: Site) -> None:
    without = {name: value for name, value in UPLOAD.items() if name != "Cookie"}
    for headers in (without, {**without, "Cookie": "room=../../x"}):
        told = asked(site, "gradio_api/upload", sent(5), headers)
        assert told.status == 403 and "no cookies" in told.text
    for sizes, said in (
        ([5] * (MAX_FILES + 1), f"More than {MAX_FILES} files"),
        ([MAX_UPLOAD_BYTES], "A file is too large; the limit is 20 MB."),
        ([MAX_UPLOAD_BYTES - 1000] * 11, "Your uploads may take 200 MB"),
    ):
        told = asked(site, "gradio_api/upload", sent(*sizes), UPLOAD)
        assert told.status == 413 and said in told.text
    declared = asked(site, "gradio_api/upload", b"", {**UPLOAD, "Content-Length": str(MAX_ROOM_BYTES + 1)})
    assert declared.status == 413, "nothing is waited for"
    assert asked(site, "gradio_api/queue/join", b" " * (MAX_BODY_BYTES + 1)).status == 413
    assert asked(site, "gradio_api/upload", b"{}", {**UPLOAD, "Content-Type": "application/json"}).status == 400
    taken = asked(site, "gradio_api/upload", sent(*[5] * MAX_FILES), UPLOAD)
    assert taken.status == 200 and len(json.loads(taken.text)) == MAX_FILES
    waiting = Path(json.loads(taken.text)[0]).parent.parent
    assert stat.S_IMODE(waiting.stat().st_mode) == 0o700
    assert sum(path.stat().st_size for path in waiting.rglob("*") if path.is_file()) < 1000, "nothing refused is left on the disk"


def test_events_that_no_page_sends_are_told_politely_and_leave_no_traceback(site: Site) -> None:
    """Every handler, given values and buttons of all kinds."""
    values: list[Any] = [None, "x", "\ud800", 5, {"a": 1}, [None]]
    pressed: list[Any] = [
        None,
        "x",
        [],
        {},
        {"do": ["a"]},
        {"do": "zap"},
        {"do": "right"},
        {"do": "ask"},
        {"do": "ask", "question": "\ud800"},
    ]
    pressed += [{"do": "show", "turn": turn} for turn in ("99", "-1", "x", None)] + [
        {"do": "open", "row": "7"},
        {"do": "remove", "source": "../x"},
    ]
    pressed += [{"do": "preview", "source": "x", "place": place} for place in ("folder", "zz", 5)]
    config = json.loads(asked(site, "config").text)
    kinds = {each["id"]: each["type"] for each in config["components"]}
    handlers = [each for each in config["dependencies"] if each["backend_fn"]]
    assert len(handlers) > 20
    for handler in handlers:
        session = f"session{handler['id']}"
        count = len(handler["inputs"])
        without_texts: list[Any] = [None if kinds[part] == "textbox" else [] for part in handler["inputs"]]
        rows: list[Any] = [[value] * count for value in values] + [[], without_texts]
        events = [{"data": row, "event_data": None} for row in rows] + [
            {"data": [""] * count, "event_data": each} for each in pressed
        ]
        for event in events:
            body = json.dumps({"fn_index": handler["id"], "session_hash": session, **event}).encode()
            assert asked(site, "gradio_api/queue/join", body, ROOM).status == 200
        told = asked(site, f"gradio_api/queue/data?session_hash={session}", None, ROOM).text
        ends = [json.loads(line[5:]) for line in told.splitlines() if '"process_completed"' in line]
        assert len(ends) == len(events)
        assert all(end["success"] or end["output"]["error"] for end in ends), "each says what was wrong"
    for path, body in (
        ("call/none", b'{"data": []}'),
        ("queue/join", b'{"fn_index": 999, "data": [], "session_hash": "x"}'),
        ("queue/join", b"x"),
    ):
        assert asked(site, f"gradio_api/{path}", body, ROOM).status >= 400
    assert not list(site.index.rglob("questions-*")), "no test case is written"
    assert "Traceback" not in site.log.read_text()


def test_ask_and_search_are_mcp_tools(site: Site) -> None:
    names, said, wrong = asyncio.run(_use_tools(f"{site.address}gradio_api/mcp/"))
    assert names == ["ask", "search"] and "200 billon yuan" in said and "control character at character 2" in wrong


@pytest.mark.parametrize("strips", [True, False])
def test_programs_and_tools_ask_through_a_reverse_proxy(strips: bool, tmp_path: Path) -> None:
    for below in start(SEEDS, tmp_path, "--mcp", "--root-path", "/docs"):
        with proxy(below.address, "/docs", strips=strips) as address:
            assert Client(address, verbose=False).predict("What is the swap amount?", api_name="/ask")["answered"]
            names, said, _ = asyncio.run(_use_tools(f"{address}gradio_api/mcp/"))
            assert names == ["ask", "search"] and "200 billon yuan" in said


async def _use_tools(address: str, headers: dict[str, str] | None = None) -> tuple[list[str], str, str]:
    async with (
        httpx.AsyncClient(headers=headers, timeout=60, follow_redirects=True) as client,
        streamable_http_client(address, http_client=client) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        tools = await session.list_tools()
        answer = await session.call_tool("ask", {"question": "What is the swap amount?"})
        wrong = await session.call_tool("ask", {"question": "a\x1bb"})
        return [tool.name for tool in tools.tools], str(answer.content), str(wrong.content)
