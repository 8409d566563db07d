"""The server beneath the page: its public endpoint, its headers, the log-in and the MCP tools."""

import asyncio
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from rag.shell.cli import WRONG_USE
from rag.web.guard import HEADERS
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
    """With a log-in."""
    yield from start(SEEDS, tmp_path_factory.mktemp("index"), "--auth", "ada:lovelace")


def test_health_is_told_to_anyone_and_nothing_else(guarded: Site) -> None:
    with urllib.request.urlopen(f"{guarded.address}health") as response:
        assert (response.status, response.read()) == (200, b"ok") and response.headers["set-cookie"] is None


def test_a_port_that_is_taken_is_told_before_anything_is_indexed(docs: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ["--docs", str(docs), "--index-dir", str(tmp_path / "index"), "--port", str(port)]
        ended = subprocess.run([sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == WRONG_USE and f"port {port} is taken; name another one: rag serve --port " in ended.stderr
    assert not (tmp_path / "index").exists()


def test_without_a_log_in_nothing_is_told(guarded: Site) -> None:
    for path in ("config", "gradio_api/info"):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(guarded.address + path)
    client = Client(guarded.address, auth=("ada", "lovelace"), verbose=False)
    assert client.predict("What is the swap amount?", api_name="/ask")["answered"]


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


async def _use_tools(address: str) -> tuple[list[str], str, str]:
    async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        tools = await session.list_tools()
        answer = await session.call_tool("ask", {"question": "What is the swap amount?"})
        wrong = await session.call_tool("ask", {"question": "a\x1bb"})
        return [tool.name for tool in tools.tools], str(answer.content), str(wrong.content)
