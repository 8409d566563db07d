"""What the page fetches of a file by itself, and what it is not given: files outside the index, other browsers' uploads, without a log-in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rag.config import Config
from rag.pipeline import Rag
from rag.web.papers import Papers
from rag.web.rooms import COOKIE, FOLDER, UPLOADS, Rooms
from tests.test_formats import pdf

KEY, OTHER = "ab" * 16, "cd" * 16
MILL = pdf("50 700 The old mill by the river was sold in 1845.", "50 700 It was built of brick.")


class Door:
    """The routes over a folder with a PDF, as two browsers and a stranger meet them."""

    def __init__(self, rooms: Rooms) -> None:
        app: Any = Starlette(routes=Papers(rooms).routes())
        app.auth, app.tokens, app.cookie_id = None, {}, "x"
        self.app = app
        self.rooms = rooms

    def get(self, what: str, key: str = KEY, source: str = "mills/old mill.pdf", place: str = FOLDER, **more: str) -> Any:
        browser = TestClient(self.app, cookies={COOKIE: key})
        return browser.get(f"/papers/{what}", params={"source": source, "place": place, **more})


@pytest.fixture
def door(docs: Path, tmp_path: Path) -> Iterator[Door]:
    (docs / "mills").mkdir()
    (docs / "mills" / "old mill.pdf").write_bytes(MILL)
    (docs / "unread.bin").write_bytes(b"secret")
    (docs.parent / "outside.txt").write_text("secret", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        rooms = Rooms(rag)
        rooms.enter(OTHER).add([docs.parent / "outside.txt"])
        rooms.enter(OTHER).sync()
        yield Door(rooms)
        rooms.close()


def version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_pages_are_told_with_the_quote_and_what_is_found(door: Door) -> None:
    text = door.rooms.shared.text("mills/old mill.pdf")
    at = text.index("sold in 1845")
    span = {"start": str(at), "end": str(at + 12), "version": version(MILL)}
    told = door.get("sheets", words="it WAS", **span).text
    assert told.count('class="sheet"') == 2 and told.count('class="quoted"') == 1 and told.count('class="found"') == 1
    assert "not marked" not in told
    for nonsense in (
        {"start": "x", "end": "9"},
        {"start": "9", "end": "3"},
        {"start": "-1", "end": "3"},
        {"start": "²", "end": "9"},
    ):
        assert 'class="quoted"' not in door.get("sheets", **(span | nonsense)).text


def test_a_quote_of_a_file_that_was_edited_is_not_marked(door: Door) -> None:
    told = door.get("sheets", start="0", end="12", version=version(b"as it was")).text
    assert 'class="quoted"' not in told and "edited after the answer" in told and told.count('class="sheet"') == 2


def test_a_quote_whose_place_cannot_be_told_is_not_marked_and_the_page_says_so(door: Door) -> None:
    told = door.get("sheets", start="5000", end="5012", version=version(MILL)).text
    assert 'class="quoted"' not in told and "cannot be told" in told and told.count('class="sheet"') == 2


def test_a_page_is_a_picture(door: Door) -> None:
    drawn = door.get("page", page="1")
    assert drawn.content.startswith(b"\x89PNG") and drawn.headers["content-type"] == "image/png"
    assert [door.get("page", page=number).status_code for number in ("2", "-1", "x", "")] == [404] * 4
    assert door.get("page", source="bridge.txt", page="0").status_code == 404


def test_the_original_is_kept_and_never_shown(door: Door) -> None:
    kept = door.get("original")
    assert kept.content == MILL and kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"] == "attachment; filename*=UTF-8''old%20mill.pdf"
    assert door.get("original", source="bridge.txt").content == (Path(door.rooms.shared.config.docs) / "bridge.txt").read_bytes()


@pytest.mark.parametrize("what", ["sheets", "page", "original"])
@pytest.mark.parametrize(
    "source", ["unread.bin", "../outside.txt", "mills/../../outside.txt", "/etc/passwd", "", "mills", "mills/*", ".ragignore"]
)
def test_no_file_but_those_of_the_index_is_opened(door: Door, what: str, source: str) -> None:
    told = door.get(what, source=source, page="0")
    assert told.status_code == 404 and b"secret" not in told.content


def test_an_indexed_file_that_became_a_link_is_not_followed(door: Door) -> None:
    path = Path(door.rooms.shared.config.docs) / "bridge.txt"
    path.unlink()
    path.symlink_to(path.parent.parent / "outside.txt")
    told = door.get("original", source="bridge.txt")
    assert told.status_code == 404 and b"secret" not in told.content


def test_uploads_are_their_own_browser_s_alone(door: Door) -> None:
    mine, theirs = (door.get("original", key, "outside.txt", UPLOADS) for key in (OTHER, KEY))
    assert mine.content == b"secret" and theirs.status_code == 404 and b"secret" not in theirs.content
    assert [door.get("original", key).status_code for key in ("", "../" * 8, "a" * 31)] == [404] * 3
    assert [door.get("original", OTHER, "outside.txt", place).status_code for place in ("", "..", "elsewhere")] == [404] * 3
