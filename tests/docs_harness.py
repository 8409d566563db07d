"""The commands and examples of README, docs/ and CONTRIBUTING.md, parsed, and somebody who tries them: used by `test_docs.py`.

Every line of a block marked `sh` is a command, or some joined by `&&`, with what is piped in by `echo` and where its output goes; a comment that
ends with "exit code N" says how it ends, else it is 0. A command of a kind that is not in `KINDS` fails. What installs, or needs what
a test must not have, is checked as far as that goes without.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rag.shell.cli import main
from rag.testing.fake_llm import FakeLLM
from tests.conftest import LIBRARY, ROOT, free_port

_FILES = [*sorted(ROOT.glob("README*.md")), ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [str(path.relative_to(ROOT)) for path in _FILES]
SECONDS = 300
"""For a command to end, or for a page to be there."""


# --- the pages, parsed -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class Command:
    """One command of a line: its words, the variables before it, what comes in by a pipe, where its output goes."""

    place: str
    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    typed: str = ""
    into: str = ""
    code: int = 0

    @property
    def key(self) -> Command:
        """The same, wherever it stands."""
        return replace(self, place="")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[Block]:
    text = read(page)
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [Block(page, text[: m.start()].count("\n") + 2, m[1], m[2]) for m in found if m[1] == kind]


def prose(page: str) -> str:
    """The page without its blocks."""
    return re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)


def commands(block: Block) -> Iterator[Command]:
    """Of a block; what is exported counts for those that follow."""
    exported: dict[str, str] = {}
    for number, line in enumerate(block.text.splitlines()):
        comment = line.partition(" # ")[2]
        code = re.search(r"(?:exit code|退出码) (\d+)$", comment)
        for words in _split(line):
            given = dict(word.split("=", 1) for word in _leading(words))
            words = words[len(given) :]
            if words[:1] == ["export"]:
                exported |= dict(word.split("=", 1) for word in words[1:])
                continue
            typed, words = (" ".join(words[1 : words.index("|")]), words[words.index("|") + 1 :]) if "|" in words else ("", words)
            into, words = (words[-1], words[:-2]) if words[-2:-1] == [">"] else ("", words)
            if words:
                place = f"{block.page}:{block.line + number}"
                yield Command(place, tuple(words), tuple({**exported, **given}.items()), typed, into, int(code[1]) if code else 0)


def _split(line: str) -> Iterator[list[str]]:
    """The words of each command of a line."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    command: list[str] = []
    for word in words:
        if word == "&&":
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _leading(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if not re.match(r"[A-Z_]+=", word):
            return
        yield word


# --- the places that they are run in -----------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Somebody who tries what a page says: a home with notes, an empty folder to work in, and a language model that is none."""

    home: Path
    llm: FakeLLM
    bin: Path
    """Where its commands are."""
    python_path: str = ""
    done: dict[Command, str] = field(default_factory=dict)
    """What was run, with what it printed."""
    moved: dict[str, str] = field(default_factory=dict)
    """Addresses that the pages name → where that is now."""
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def work(self) -> Path:
        return self.home / "work"

    def environment(self, command: Command | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "XDG_", "PYTHON"))}
        path = f"{self.bin}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        own = {
            "HOME": str(self.home),
            "PATH": path,
            "TMPDIR": str(self.home / "tmp"),
            "COLUMNS": "80",
            "BROWSER": "true",
            "PYTHONUNBUFFERED": "1",
        }
        given = {name: self.meant(value) for name, value in (command.variables if command else ())}
        return {**kept, **own, **given, **({"PYTHONPATH": self.python_path} if self.python_path else {})}

    def meant(self, word: str) -> str:
        """As it is to be given here: `~` is the home, the language model the fake one, an address where its server is."""
        if word.startswith("~"):
            return str(self.home) + word[1:]
        if word.startswith("ollama:"):
            return f"{word}@{self.llm.url}"
        for said, found in self.moved.items():
            word = word.replace(said, found)
        return word

    def start(self, command: Command, **pipes: Any) -> subprocess.Popen[str]:
        words = [self.meant(word) for word in command.words]
        return subprocess.Popen(words, cwd=self.work, env=self.environment(command), text=True, **pipes)

    def run(self, command: Command) -> tuple[int, str]:
        with self.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            out, _ = process.communicate(command.typed, timeout=SECONDS)
        return process.returncode, out

    def run_python(self, code: str) -> tuple[int, str]:
        return self.run(Command("", ("python", "-c", code)))

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


class CheckoutReader(Reader):
    """Runs the shell command and the blocks of Python in this process, which has loaded what they need."""

    def run(self, command: Command) -> tuple[int, str]:
        if command.words[0] != "rag":
            return super().run(command)
        with self._here(command) as out:
            try:
                code = main([self.meant(word) for word in command.words[1:]])
            except SystemExit as stop:
                code = int(stop.code or 0)
            return code, out()

    def run_python(self, code: str) -> tuple[int, str]:
        with self._here() as out:
            exec(compile(code, "example.py", "exec"), {"__name__": "__main__"})
            return 0, out()

    @contextlib.contextmanager
    def _here(self, command: Command | None = None) -> Iterator[Callable[[], str]]:
        """This process as if it were run there; gives what it printed."""
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        typed = io.TextIOWrapper(io.BytesIO((command.typed if command else "").encode()), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            for name in set(os.environ) - set(environment := self.environment(command)):
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.chdir(self.work)
            for name, stream in (("stdin", typed), ("stdout", out), ("stderr", out)):
                patch.setattr(sys, name, stream)
            yield lambda: out.buffer.getvalue().decode()


def home(path: Path) -> Path:
    """A home with an empty folder to work in, and with notes."""
    for name in ("work", "tmp"):
        (path / name).mkdir()
    shutil.copytree(LIBRARY, path / "notes")
    return path


# --- each kind of command, and how it is checked -----------------------------------------------------------------------------


def check(reader: Reader, command: Command) -> str:
    """Run it, unless the same was run before; gives what it printed."""
    if command.key not in reader.done:
        name = Path(command.words[0]).name if command.words[0].startswith(".venv/bin/") else command.words[0]
        assert name in KINDS, f"{command.place}: {name} is of no kind that is checked"
        reader.done[command.key] = KINDS[name](reader, command)
    return reader.done[command.key]


def _rag(reader: Reader, command: Command) -> str:
    words = [word for word in command.words[1:] if word not in ("-v", "-vv")]
    if words[0] == "serve" or (words[0] == "demo" and "--no-page" not in words):
        return _serves(reader, command)
    if "--watch" in words:
        return _watches(reader, command)
    if words == ["ask"] and not command.typed:
        return _talks(reader, command)
    if words == ["eval"]:
        return _evaluates(reader, command)
    return _ends(reader, command)


def _ends(reader: Reader, command: Command) -> str:
    code, out = reader.run(command)
    assert code == command.code, f"{command.place}: exit code {code}\n{out}"
    if command.into:
        (reader.work / command.into).write_text(out, encoding="utf-8")
    return out


def _evaluates(reader: Reader, command: Command) -> str:
    """Some of it, and whether the rest is there as the page says: all of it takes minutes, and is what `make test` runs."""
    out = _ends(reader, replace(command, words=(*command.words, "--limit", "20")))
    said = re.findall(r"(\d+) (?:known questions|about eight made)", read(command.place.partition(":")[0]))
    code, counts = reader.run_python(_COUNT)
    assert code == 0 and counts.split() == said, f"{command.place}: {counts}"
    return out


_COUNT = """
from eval.cli import SHIPPED
from eval.gate import load_folders
from rag import Config

print(len(SHIPPED.read_text(encoding="utf-8").splitlines()), sum(len(each.questions) for each in load_folders(Config())))
"""


def _serves(reader: Reader, command: Command) -> str:
    """The page is at an address that it prints; that of the demonstration stays, for programs to ask."""
    log = reader.home / "tmp" / "page.log"
    with log.open("w") as out:
        process = reader.start(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    reader.running.append(process)
    address = _printed(log, process, r"http://[\w.]+:\d+").replace("0.0.0.0", "127.0.0.1")
    assert _got(f"{address}/health", log, process) == b"ok", command.place
    first = b'type="password"' if "--auth" in command.words else b"<gradio-app"
    assert first in _got(f"{address}/", log, process), command.place
    if command.words == ("rag", "demo"):
        reader.moved["http://127.0.0.1:7860"] = address
    else:
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) in (0, 130), f"{command.place}\n{log.read_text()}"
    return log.read_text()


def _got(address: str, log: Path, process: subprocess.Popen[str]) -> bytes:
    """What the server gives, once it is there."""
    for _ in range(SECONDS * 10):
        try:
            asked = urllib.request.Request(address, headers={"Accept": "text/html"})
            with urllib.request.urlopen(asked, timeout=SECONDS) as page:
                return bytes(page.read())
        except urllib.error.HTTPError as error:  # a log-in, say
            return bytes(error.read())
        except OSError:  # not yet
            assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def _watches(reader: Reader, command: Command) -> str:
    """It goes on until it is stopped, and takes in a file that comes."""
    log = reader.home / "tmp" / "watch.log"
    with log.open("w") as out:
        process = reader.start(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    reader.running.append(process)
    _printed(log, process, "Ctrl-C")
    new = reader.home / "notes" / "watched.txt"
    new.write_text("The watchman of Tarn has a lamp of brass.\n")
    _printed(log, process, f"added {new.name}")
    new.unlink()
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) in (0, 130), f"{command.place}\n{log.read_text()}"
    return log.read_text()


def _printed(log: Path, process: subprocess.Popen[str], pattern: str) -> str:
    """What fits `pattern` in the log, once it is there."""
    for _ in range(SECONDS * 10):
        if found := re.search(pattern, log.read_text()):
            return found[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise TimeoutError(log.read_text())


def _talks(reader: Reader, command: Command) -> str:
    """At a terminal it takes questions until it is told to end."""
    terminal, theirs = pty.openpty()
    process = reader.start(command, stdin=theirs, stdout=theirs, stderr=theirs)
    reader.running.append(process)
    os.close(theirs)
    heard = ""
    for awaited, typed in (("Ctrl-D", "How long is rye bread baked?"), ("55 minutes", "/quit")):
        while awaited not in heard:
            assert select.select([terminal], [], [], SECONDS)[0], f"{command.place}\n{heard}"
            heard += os.read(terminal, 10_000).decode()
        os.write(terminal, f"{typed}\n".encode())
    assert process.wait(SECONDS) == 0, f"{command.place}\n{heard}"
    os.close(terminal)
    return heard


def _make(reader: Reader, command: Command) -> str:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in command.words[1:]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{command.place}: make {target}"
    return ""


def _installs(reader: Reader, command: Command) -> str:
    """From the checkout, with an extra that there is: the product is on no index."""
    assert command.words[1:-1] in (("install",), ("tool", "install")), command.place
    target = re.fullmatch(r"\.(?:\[([\w-]+)\])?", command.words[-1])
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert target and (not target[1] or target[1] in extras), command.place
    return ""


def _apt(reader: Reader, command: Command) -> str:
    """What is asked of Debian is what the Makefile or the continuous integration asks of it."""
    named = (ROOT / "Makefile").read_text(encoding="utf-8") + (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert command.words[-2] == "install" and re.search(rf"apt-get .*install .*\b{command.words[-1]}\b", named), command.place
    return ""


def _podman(reader: Reader, command: Command) -> str:
    """Image, port and folders are those of the Containerfile."""
    container = (ROOT / "Containerfile").read_text(encoding="utf-8")
    words = list(command.words)
    assert words[-1] == ("." if words[1] == "build" else "chapter-verse"), command.place
    for option, value in pairwise(words):
        if option == "-t":
            assert value == "chapter-verse", command.place
        if option == "-p":
            assert re.search(rf"^EXPOSE {value.rpartition(':')[2]}$", container, re.MULTILINE), command.place
        if option == "-v":
            assert re.search(rf"{value.removesuffix(':ro').rpartition(':')[2]}\b", container), command.place
    return ""


def _chroma(reader: Reader, command: Command) -> str:
    """It stays for the commands that follow."""
    port, words = str(free_port()), list(command.words)
    said = words[words.index("--port") + 1]
    words[words.index("--port") + 1] = port
    log = reader.home / "tmp" / "chroma.log"
    with log.open("w") as out:
        process = reader.start(replace(command, words=tuple(words)), stdout=out, stderr=subprocess.STDOUT)
    reader.running.append(process)
    _printed(log, process, r"http://[\w.]+:\d+")
    reader.moved[f"http://127.0.0.1:{said}"] = f"http://127.0.0.1:{port}"
    return ""


def _python(reader: Reader, command: Command) -> str:
    return _ends(reader, command) if command.words[2] != "pytest" else _development(reader, command)


def _development(reader: Reader, command: Command) -> str:
    """A tool of the development packages, with files and markers that there are."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    words = [word.removeprefix(".venv/bin/") for word in command.words]
    tool = words[2] if words[0] == "python" else words[0]
    packages = [package for package in project["dependency-groups"]["dev"] if isinstance(package, str)]
    assert any(package.startswith(tool) for package in packages), command.place
    for word in words:
        assert "/" not in word or (ROOT / word).exists(), command.place
        if word.startswith("not "):
            markers = project["tool"]["pytest"]["ini_options"]["markers"]
            assert any(marker.startswith(word.removeprefix("not ")) for marker in markers), command.place
    return ""


def _as_root(reader: Reader, command: Command) -> str:
    return check(reader, replace(command, words=command.words[1:]))


KINDS: Mapping[str, Callable[[Reader, Command], str]] = {
    "rag": _rag, "python": _python, "make": _make, "sudo": _as_root, "apt-get": _apt, "podman": _podman, "chroma": _chroma,
    "pip": _installs, "pipx": _installs, "uv": _installs, "ruff": _development, "mypy": _development,
}  # fmt: skip
