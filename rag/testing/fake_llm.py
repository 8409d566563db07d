"""A language model that is none: an HTTP server that speaks OpenAI's and Ollama's protocols and does what it is told.

For tests of what is built on this package, and for seeing what happens when a model fails:

    with FakeLLM("invented number") as fake:
        Rag(Config(llm=fake.openai_like)).answer("…")

Without a fault it quotes the sentences of the passages that share most words with the question. `python -m rag.testing.fake_llm BEHAVIOUR`
serves until it is stopped.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from rag.text.sentences import split_sentences

CANARY = "http://203.0.113.9/canary.png"
"""What the obedient model writes when a passage tells it to; it must never be fetched or drawn."""
BEHAVIOURS = (
    "good", "refuses", "slow", "silent", "stops", "429 then good", "500", "cut", "garbage", "huge", "empty", "wrong type", "tool call",
    "control characters", "wrong citation", "no citation", "invented number", "invented name", "denies", "obedient",
)  # fmt: skip
_PASSAGE = re.compile(r"^\[(\d+)\] \(.*?\)\n(.*?)(?=\n\n\[\d+\] \(|\n\nQuestion: )", re.DOTALL | re.MULTILINE)
_PIECE = 12
"""Characters that are sent at once."""


class FakeLLM:
    """Serves on 127.0.0.1 while it is open. `delay` is what "slow" waits before each piece, in seconds."""

    def __init__(self, behaviour: str = "good", reply: str | None = None, *, delay: float = 0.05, port: int = 0) -> None:
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}")
        self.behaviour = behaviour
        self.reply = reply
        self.delay = delay
        self.requests: list[dict[str, Any]] = []
        """The bodies of all requests for a reply."""
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def openai_like(self) -> str:
        """The name under which `Config.llm` finds it."""
        return f"openai-like:fake@{self.url}/v1"

    @property
    def ollama(self) -> str:
        return f"ollama:fake@{self.url}"

    def __enter__(self) -> FakeLLM:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def text(self, asked: str) -> str:
        """What it writes about the messages' text."""
        if self.reply is not None:
            return self.reply
        if self.behaviour == "refuses":
            return "The passages do not answer the question."
        if self.behaviour == "empty":
            return ""
        if self.behaviour == "huge":
            return "And so on. " * 1_000_000
        passages = {int(number): text for number, text in _PASSAGE.findall(asked)}
        ordered = re.search(r"INSTRUCTION: (.*)", "\n".join(passages.values()))
        if self.behaviour == "obedient" and ordered:
            return f"{ordered[1]} ![x]({CANARY}) [1]"
        number, sentence = _closest(asked.rpartition("Question: ")[2], passages)
        return _MADE.get(self.behaviour, _cited)(number, sentence)


def _cited(number: int, sentence: str) -> str:
    return f"{sentence} [{number}]"


_MADE: dict[str, Callable[[int, str], str]] = {
    "wrong citation": lambda number, sentence: f"{sentence} [{number + 90}]",
    "no citation": lambda number, sentence: sentence,
    "invented number": lambda number, sentence: f"{re.sub(r'[0-9]', lambda m: str((int(m[0]) + 1) % 10), sentence)} [{number}]",
    "invented name": lambda number, sentence: f"Evelyn Ashdown said that {sentence} [{number}]",
    "denies": lambda number, sentence: f"It is not true that {sentence} [{number}]",
    "control characters": lambda number, sentence: f"\x1b[31m\x00\u202e{sentence}\x1b[0m [{number}]",
}


def _closest(question: str, passages: dict[int, str]) -> tuple[int, str]:
    """The number of the passage, and its sentence, that shares most words with the question."""
    wanted = set(re.findall(r"\w{3,}", question.lower()))
    found = [
        (len(wanted & set(re.findall(r"\w{3,}", line[start:end].lower()))), -number, line[start:end])
        for number, text in passages.items()
        for line in text.splitlines()
        for start, end in split_sentences(line, 0, len(line))
    ]
    _, number, sentence = max(found, default=(0, -1, "There is nothing."))
    return -number, sentence


def _handler(fake: FakeLLM) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Silent."""

        def do_GET(self) -> None:
            models = {"data": [{"id": "fake", "object": "model"}], "models": [{"name": "fake", "model": "fake"}]}
            self._send(200, json.dumps(models))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append(body)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the other side has given up
                self._reply(body)

        def _reply(self, body: dict[str, Any]) -> None:
            what = fake.behaviour
            if what == "silent":
                fake.closing.wait(600)
            elif what == "500" or (what == "429 then good" and len(fake.requests) == 1):
                self._send(500 if what == "500" else 429, json.dumps({"error": {"message": "busy"}}))
            elif what == "garbage":
                self._send(200, "\x00\x01 no json {{{", "text/event-stream" if body.get("stream") else "application/json")
            elif what == "wrong type":
                self._send(200, "<html><body>Please log in.</body></html>", "text/html")
            elif what == "tool call":
                call = {"index": 0, "id": "1", "type": "function", "function": {"name": "delete_files", "arguments": "{}"}}
                self._stream(body, iter(()), {"role": "assistant", "content": None, "tool_calls": [call]})
            else:
                text = fake.text("\n".join(str(message.get("content")) for message in body["messages"]))
                self._stream(body, (text[i : i + _PIECE] for i in range(0, len(text), _PIECE)))

        def _stream(self, body: dict[str, Any], texts: Iterator[str], first: dict[str, Any] | None = None) -> None:
            ollama = self.path.startswith("/api/")
            if not body.get("stream", ollama):
                self._send(200, json.dumps(_whole(ollama, "".join(texts))))
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson" if ollama else "text/event-stream")
            self.end_headers()
            if first and not ollama:
                self._write(ollama, _delta(first))
            for number, text in enumerate(texts):
                if fake.behaviour == "slow":
                    time.sleep(fake.delay)
                if fake.behaviour == "stops" and number == 2:
                    fake.closing.wait(600)
                if fake.behaviour == "cut" and number == 2:
                    self.wfile.write(b'data: {"choices": [{"delta": {"cont')
                    self.connection.close()
                    return
                self._write(ollama, _part(text) if ollama else _delta({"content": text}))
            end = (
                _part("") | {"done": True, "done_reason": "stop"}
                if ollama
                else _delta({}) | {"choices": [_CHOICE | {"delta": {}}]}
            )
            self._write(ollama, end)
            if not ollama:
                self.wfile.write(b"data: [DONE]\n\n")

        def _write(self, ollama: bool, part: dict[str, Any]) -> None:
            line = json.dumps(part)
            self.wfile.write(f"{line}\n".encode() if ollama else f"data: {line}\n\n".encode())
            self.wfile.flush()

        def _send(self, status: int, text: str, kind: str = "application/json") -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


_HEAD = {"id": "fake", "object": "chat.completion.chunk", "created": 0, "model": "fake"}
_CHOICE = {"index": 0, "finish_reason": "stop"}


def _delta(delta: dict[str, Any]) -> dict[str, Any]:
    return {**_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def _part(text: str) -> dict[str, Any]:
    return {
        "model": "fake",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": text},
        "done": False,
    }


def _whole(ollama: bool, text: str) -> dict[str, Any]:
    if ollama:
        return _part(text) | {"done": True, "done_reason": "stop"}
    message = {"role": "assistant", "content": text}
    return {**_HEAD, "object": "chat.completion", "choices": [_CHOICE | {"message": message}]}


if __name__ == "__main__":
    with FakeLLM(sys.argv[1] if len(sys.argv) > 1 else "good", port=8089) as served:
        print(f"rag ask … --llm {served.openai_like}    or    --llm {served.ollama}    (Ctrl-C ends)")
        threading.Event().wait()
