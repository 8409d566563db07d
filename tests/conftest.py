"""Shared fixtures: the real models, and small made files and the shipped articles, each indexed once for the whole run."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.answers import Answer
from rag.config import Config
from rag.corpus.documents import read_text
from rag.models.encoder import Encoder
from rag.pipeline import Rag
from tests.postgres_server import PostgresServer, programs

if TYPE_CHECKING:
    from rag.web.page import Page
    from rag.web.rooms import Rooms

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as where a shell runs this in the background; what is started here would ignore Ctrl-C too
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
LIBRARY = ROOT / "tests" / "data" / "library"
"""Made files, English and Chinese, a page each at most: what a test asks of the whole way from a question to its answer stands here."""


@pytest.fixture(autouse=True, scope="session")
def no_folders_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept where a user keeps such things lies in a temporary folder, of what a test starts too."""
    with pytest.MonkeyPatch.context() as environment:
        for variable in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
            environment.setenv(variable, str(tmp_path_factory.mktemp(variable)))
        yield


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(variable)


@pytest.fixture(scope="session")
def embedding() -> Encoder:
    return Encoder()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rag]:
    """The made files, indexed."""
    with Rag(Config(docs=LIBRARY, index_dir=tmp_path_factory.mktemp("index"))) as rag:
        rag.sync()
        yield rag


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rag]:
    """The five articles, indexed."""
    with Rag(Config(docs=SEEDS, index_dir=tmp_path_factory.mktemp("index"))) as rag:
        rag.sync()
        yield rag


def check_receipts(answer: Answer, docs: Path) -> None:
    """All that an answer shows stands in its files, character for character."""
    for citation in answer.citations:
        assert read_text(docs / citation.source)[citation.start : citation.end] == citation.quote
        assert citation.sha256 == hashlib.sha256((docs / citation.source).read_bytes()).hexdigest()
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    if answer.short and not answer.computed:
        assert answer.short in answer.citations[0].quote
    for item in answer.items:
        source = answer.citations[item.number - 1].source
        assert read_text(docs / source)[item.start : item.end] == item.text


def syntax_tree(path: Path) -> ast.Module:
    """Of a file of Python. CPython 3.11 counts a tree's depth over all threads, so another thread's can spoil it: then once more."""
    code = path.read_text(encoding="utf-8")
    try:
        return ast.parse(code)
    except SystemError:
        return ast.parse(code)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChromaServer:
    """A Chroma server over one folder, which may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Does nothing where it runs."""
        if self._process:
            return
        command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(f"{self.address} does not answer")

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """It takes connections, and answers none."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ChromaServer]]:
    servers = [ChromaServer(tmp_path_factory.mktemp("chroma")) for _ in range(3)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


@pytest.fixture
def servers(three: list[ChromaServer]) -> list[ChromaServer]:
    """Three Chroma servers, which run."""
    for server in three:
        server.start()
    return three


@pytest.fixture
def server(three: list[ChromaServer]) -> str:
    """The address of a Chroma server."""
    three[0].start()
    return three[0].address


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Skipped where there is no PostgreSQL, unless POSTGRES_REQUIRED is set."""
    found = programs()
    if found is None or find_spec("psycopg") is None:
        said = "no PostgreSQL on this machine, or no psycopg; on Debian: apt-get install postgresql; make test"
        if os.environ.get("POSTGRES_REQUIRED"):
            pytest.fail(f"{said} (POSTGRES_REQUIRED is set)")
        pytest.skip(said)
    with contextlib.closing(PostgresServer(found)) as started:
        yield started


BOTH_CATALOGS = pytest.mark.parametrize("catalog_url", ["sqlite", "postgres"], indirect=True)
"""For tests of what holds wherever the catalog lies."""


@pytest.fixture
def catalog_url(request: pytest.FixtureRequest) -> str | None:
    """Where the catalog is to lie: in the index folder, unless a test asks for more."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    return str(request.getfixturevalue("postgres").url())


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A small folder that tests may change."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "bridge.txt").write_text(
        "The Marlow bridge\n\nThe Marlow bridge was opened in 1832 by the engineer Tierney Clark. "
        "It spans 72 metres and cost 21,000 pounds to build.\n",
        encoding="utf-8",
    )
    (folder / "tower.md").write_text(
        "# The Elmet tower\n\nThe Elmet tower is 48 metres high. Work on it ended in 1911, after six years. "
        "Its clock was made by Hannah Reyes in Leeds.\n",
        encoding="utf-8",
    )
    return folder


INDEXED = " chunks\n"
"""Ends the line that says what was indexed."""


class Site:
    """A running page over one folder."""

    def __init__(self, docs: Path, index: Path, *options: str, indexed: bool = True) -> None:
        """With `indexed` it is there once the folder is indexed."""
        self.indexed = indexed
        self.docs = docs
        self.index = index
        self.address = f"http://127.0.0.1:{(port := free_port())}/"
        self.log = index.with_suffix(".log")
        self._command = [sys.executable, "app.py", "--port", str(port), *options]
        self.again()

    def again(self) -> None:
        """Start the server, and wait until it answers and the folder is indexed."""
        before = self.log.read_text().count(INDEXED) if self.log.exists() else 0
        environment = {**os.environ, "RAG_INDEX_DIR": str(self.index), "RAG_DOCS": str(self.docs)}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self._command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"{self.address}health", timeout=1).close()
                if not self.indexed or self.log.read_text().count(INDEXED) > before:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"{self.address} does not answer")


def start(docs: Path, index: Path, *options: str) -> Iterator[Site]:
    site = Site(docs, index, *options)
    try:
        yield site
    finally:
        site.process.kill()
        site.process.wait()


def page_over(rooms: Rooms) -> Page:
    """The page, its folder indexed."""
    from rag.web.following import FirstIndex
    from rag.web.page import Page

    first = FirstIndex(rooms.shared, lambda *_: None)
    first.start()
    first.wait()
    return Page(rooms, first)
