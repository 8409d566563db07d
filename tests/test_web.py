"""The page's HTML is safe and exact, rooms keep browsers apart, and the guard is on every response. No browser: see test_browser."""

import json
import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from eval.questions import load_questions
from rag.answers import (
    Answer,
    Citation,
    ClosePassage,
    Considered,
    File,
    Gaps,
    Item,
    Passage,
    Stage,
    Trace,
    UnknownWord,
    UnreadFile,
)
from rag.config import Config
from rag.errors import FileFailed, UsageError
from rag.formats.document import Document
from rag.formats.parts import FLOWING, parts_between
from rag.formats.readers import parse
from rag.messages import Reason, speaker
from rag.pipeline import Rag
from rag.reading.citing import CHANGED, UNREADABLE, VERBATIM
from rag.shell.cli import WRONG_USE, main
from rag.web import ports
from rag.web.documents import documents_html, preview_html
from rag.web.each import Run, Stop, each_html, kept, opened_html, progress_html
from rag.web.evaluation import case_count, drop_case, keep_case, question_sets, verdict
from rag.web.evidence import answer_html, evidence_html
from rag.web.guard import HEADERS, Guard
from rag.web.marks import marked, merged
from rag.web.page import _in_file
from rag.web.rooms import COOKIE, FOLDER, KEPT_DAYS, UPLOADS, NoRoom, Room, Rooms, Turn
from rag.web.search import search_html
from tests.conftest import page_over

NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
KEY = "0123456789abcdef" * 2
SAY = speaker("en")


def file_of(name: str, text: str) -> File:
    """A file as the reader of its suffix takes it; `text` as it stands where that is empty."""
    document = parse(Path(name), text.encode()) if Path(name).suffix else Document(text)
    return File(name, document.text, document.markup in FLOWING, partial(parts_between, document))


class OneFile(Rag):
    """Every file has the same text."""

    def __init__(self, text: str | None, outline: Sequence[tuple[int, int]] = (), name: str = "") -> None:
        self._text = text
        self._outline = outline
        self._name = name

    def file(self, source: str) -> File:
        if self._text is None:
            raise FileFailed("cannot be read", error=source)
        return replace(file_of(self._name, self._text), source=source)

    def checked(self, citation: Citation) -> tuple[str, File | None]:
        if self._text is None:
            return UNREADABLE, None
        file = self.file(citation.source)
        return (VERBATIM if file.text[citation.start : citation.end] == citation.quote else CHANGED), file

    def outline(self, source: str) -> list[tuple[int, int]]:
        return [*self._outline] or [(0, len(self._text or ""))]

    def made_with(self) -> dict[str, str]:
        return {"docs": NASTY}


def citation(text: str, start: int, end: int) -> Citation:
    return Citation(1, f"{NASTY}.txt", start, end, text[start:end], NASTY, "0" * 64, 1.0)


def document_of(html: str) -> str:
    """The box with a document's text."""
    return html[html.index('<div class="document') :].partition("</div>")[0]


def plain(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


def test_a_document_is_the_file_and_its_mark_is_the_quote() -> None:
    text = f"Menu | Home\n  Before & after.\r\n\t{NASTY} The tower is 48 metres high. <b>End</b>\n\n"
    start = text.index("The tower")
    answer = Answer("q", True, "", "48 metres", 0.5, citations=(citation(text, start, start + 28),))
    html = document_of(evidence_html(answer, OneFile(text, outline=[(12, len(text))]), FOLDER, SAY))
    mark = re.search("<mark>(.*)</mark>", html, re.DOTALL)
    assert mark is not None and plain(mark[1]) == text[start : start + 28] and "<strong>48 metres</strong>" in mark[1]
    assert plain(html) == text
    assert '<span class="clutter">Menu | Home\n</span>' in html
    assert "<script" not in html and "<img" not in html


def test_of_a_long_document_what_is_around_the_mark_is_shown() -> None:
    text = "a" * 300_000 + "The tower" + "b" * 300_000
    shown = marked(file_of("", text), [(0, len(text))], (300_000, 300_009), "", FOLDER)
    assert "".join(node.text for node in shown.nodes) == text[200_000:400_009] and shown.is_cut
    answer = Answer("q", True, "", "", 0.5, citations=(citation(text, 300_000, 300_009),))
    html = evidence_html(answer, OneFile(text), FOLDER, SAY)
    assert "<mark>The tower</mark>" in html and len(html) < 210_000 and "of 600009 are shown" in html


def test_chunks_are_outlined_and_the_text_is_untouched() -> None:
    text = f"clutter\n{NASTY} one. two. three."
    html = preview_html(file_of("", text), [(8, len(text) - 7), (len(text) - 12, len(text))], FOLDER, SAY)
    document = document_of(html)
    assert plain(document) == text
    assert document.count('class="number"') == 2 and '<span class="shared"> two.</span>' in document
    assert '<span class="clutter">clutter\n</span>' in document and "<script" not in html


def test_what_a_file_loses_is_counted_and_shown(docs: Path, tmp_path: Path) -> None:
    page = "<nav><a href='/'>Home and all our pages</a></nav><h1>The mill</h1><p>The old mill was built of brick in the year 1832.</p>"
    (docs / "mill.html").write_text(f"<html><body>{page}</body></html>", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        hidden = {file["source"]: file["hidden"] for file in rag.status()["files"]}
        assert hidden == {"bridge.txt": 0, "mill.html": 5, "tower.md": 0}
        assert documents_html(Rooms(rag).enter(KEY), SAY).count('data-show="clutter"') == 1
        preview = preview_html(rag.file("mill.html"), rag.outline("mill.html"), FOLDER, SAY, "clutter")
    assert 'data-show="clutter"' in preview and '<span class="clutter">Home and all our pages' in preview


def test_touching_and_overlapping_spans_are_joined() -> None:
    assert merged([(0, 4), (3, 6), (6, 8), (10, 12)]) == [(0, 8), (10, 12)]


def test_a_quote_is_held_against_the_file_whenever_it_is_shown() -> None:
    text = "The tower is 48 metres high."
    answer = Answer("q", True, "", "48 metres", 0.5, citations=(citation(text, 0, 28),))
    verbatim, edited, deleted = (
        evidence_html(answer, OneFile(now), FOLDER, SAY) for now in (text, text.replace("48", "52"), None)
    )
    assert "verbatim ✓" in verbatim and "<mark>" in verbatim
    assert "edited since" in edited and "52 metres" in edited and "<mark>" not in edited
    assert "deleted since" in deleted and "<mark>" not in deleted


def test_every_part_of_an_answer_is_escaped() -> None:
    text = NASTY * 2
    considered = (Considered(NASTY, 0, 1, 0.5, 0.5, 0.5, True, NASTY, 1.0),)
    trace = Trace(NASTY, (Stage("search", 1.0),), considered)
    gaps = Gaps(
        (UnknownWord(NASTY, (NASTY,)), UnknownWord(NASTY, (NASTY,), NASTY)),
        (ClosePassage(NASTY, 0, len(NASTY), NASTY, 0.1, (NASTY,)),),
        (UnreadFile(NASTY, "failed", Reason("bad PDF", {"error": NASTY})),),
    )
    nasty = Answer(NASTY, True, NASTY, NASTY, 0.5, citations=(citation(text, 0, len(NASTY)),), gaps=gaps, trace=trace)
    refused = Answer(NASTY, False, NASTY, reasons=(Reason("words in no file", {"words": [NASTY]}),), gaps=gaps, trace=trace)
    for answer in (nasty, refused):
        html = answer_html(answer, OneFile(text), SAY) + evidence_html(answer, OneFile(text), FOLDER, SAY)
        assert "<script" not in html and "<img" not in html and NASTY in unescape(html)


def test_a_refusal_shows_what_is_missing_and_what_came_close(library: Rag) -> None:
    answer = library.answer("What is the capital of Mongolia?")
    html = answer_html(answer, library, SAY)
    assert not answer.answered and "No file contains: Mongolia" in html
    close = evidence_html(answer, library, FOLDER, SAY)
    assert close.count("<mark>") == len(answer.gaps.closest) > 0 and "Closest passages" in close


def test_only_what_is_near_an_answer_is_named_among_the_closest(library: Rag) -> None:
    answer = library.answer("What is the capital of Mongolia?")
    place = answer.gaps.closest[0]
    for share, is_named in ((0.4, False), (0.6, True)):
        held = replace(place, confidence=share * answer.trace.threshold)
        html = evidence_html(replace(answer, gaps=replace(answer.gaps, closest=(held,))), library, FOLDER, SAY)
        assert ("<strong>" in html) is ("right with a probability of" in html) is is_named


def test_the_work_is_shown_folded(library: Rag) -> None:
    answer = library.answer("What is the harbour loan worth?")
    html = answer_html(answer, library, SAY)
    assert (
        '<details class="work">' in html
        and f"Searched {sum(library.indexer.catalog.chunk_counts().values())} passages" in html
        and "not read" in html
        and "search " in html
    )


def test_items_and_readings_are_shown() -> None:
    citation = Citation(1, "a.txt", 0, 12, "bread & tin.", "", "", 1.0)
    items = (Item(1, 0, 5, "bread"), Item(1, 8, 11, "tin"))
    gaps = Gaps(unknown=(UnknownWord("bred", ("bread",), "bread"), UnknownWord("gold")))
    html = answer_html(Answer("q", True, "", "bread & tin", 0.5, citations=(citation,), items=items, gaps=gaps), OneFile(""), SAY)
    assert re.findall("<li>(\\w+)&#8288;", html) == ["bread", "tin"]
    assert "“bred” is in no file; read as “bread”." in html and "gold" not in html


def test_what_was_found_and_not_cited_is_beside_the_cards(library: Rag) -> None:
    html = evidence_html(library.answer("What is the harbour loan worth?"), library, FOLDER, SAY)
    assert (
        html.count('<section class="card cited"') == 1
        and '<details class="card"' in html
        and "rye bread weighs 900 grams" in html
    )


def test_rankings_and_the_rank_of_a_quote() -> None:
    def passage(name: str, text: str, score: float, dense: float, lexical: float) -> Passage:
        return Passage(name, f"{name}.txt", 0, len(text), text, score, dense=dense, lexical=lexical)

    found = [passage("a", NASTY, 0.9, 0.2, 3.0), passage("b", "The  tower\nis high.", 0.5, 0.8, 0.0)]
    html = search_html(found, "tower is high", SAY)
    assert "Rank by meaning 1, by words –, fused 2." in html and "<script" not in html
    assert "None of the 2 passages" in search_html(found, "elsewhere", SAY)
    row = replace(found[0], context=f"Prices · prices.xlsx\n{NASTY}\nItem | Price")
    above = re.search(r'<p class="above">(.*?)</p>', search_html([row], "", SAY))
    assert above is not None and "<script" not in above[1]
    assert re.sub("</?span>", "·", above[1]).startswith("·Prices · prices.xlsx··") and above[1].endswith(
        "<span>Item | Price</span>"
    )
    assert "above" not in search_html([found[1]], "", SAY), "nothing stands above it"
    assert "No passage" in search_html([], "", SAY)


def test_every_response_is_guarded_and_a_browser_gets_one_key() -> None:
    app = Guard(
        Starlette(routes=[Route("/", lambda _: PlainTextResponse("page")), Route("/x", lambda _: PlainTextResponse("x"))])
    )
    with TestClient(app) as browser:
        other = browser.get("/x")
        first, second = browser.get("/"), browser.get("/")
    for response in (other, first, second):
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= dict(response.headers).items()
    cookie = first.headers["set-cookie"]
    assert re.search(rf"{COOKIE}=[0-9a-f]{{32}};", cookie) and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "set-cookie" not in other.headers and "set-cookie" not in second.headers


def seen_through(below: str | None, path: str, headers: dict[str, str]) -> tuple[Any, str]:
    """The response, and what the page behind the guard saw: the path, and the names of proxies' headers."""
    saw = ""

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal saw
        named = sorted(name.decode() for name, _ in scope["headers"] if b"forwarded" in name)
        saw = " ".join([scope["path"], *named])
        await PlainTextResponse("page")(scope, receive, send)

    response = TestClient(Guard(page, below)).get(path, headers=headers)
    return response, saw


def test_a_proxy_is_believed_where_it_is_told_of() -> None:
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    response, saw = seen_through(None, "/docs/x", forwarded)
    assert saw == "/docs/x"
    response, saw = seen_through(None, "/", forwarded)
    assert saw == "/" and "Path=/;" in response.headers["set-cookie"] and "Secure" not in response.headers["set-cookie"]
    for path, meant in (("/docs/x", "/x"), ("/docs", "/"), ("/docs/", "/"), ("/x", "/x"), ("/docsy", "/docsy")):
        assert seen_through("/docs", path, forwarded)[1] == f"{meant} forwarded x-forwarded-host x-forwarded-proto"
    cookie = seen_through("/docs", "/docs/", forwarded)[0].headers["set-cookie"]
    assert "Path=/docs;" in cookie and "Secure" in cookie
    assert "Path=/;" in seen_through("", "/", {})[0].headers["set-cookie"]


@pytest.mark.parametrize(
    ("below", "headers", "own"),
    [
        (None, {}, True),
        (None, {"Origin": "http://testserver"}, True),
        (None, {"Origin": "http://testserver:81"}, False),
        (None, {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"}, False),
        ("/docs", {"Origin": "https://docs.example:8443", "X-Forwarded-Host": "docs.example"}, True),
        ("/docs", {"Origin": "https://docs.example:8443", "X-Forwarded-Host": "docs.example:8443"}, True),
        ("/docs", {"Origin": "https://evil.example", "X-Forwarded-Host": "docs.example"}, False),
        ("/docs", {"Origin": "https://docs.example", "Sec-Fetch-Site": "same-origin"}, True),
        (None, {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"}, False),
        (None, {"Origin": "null"}, False),
    ],
)
def test_another_page_changes_nothing(below: str | None, headers: dict[str, str], own: bool) -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("done")(scope, receive, send)

    told = TestClient(Guard(page, below)).post("/x", headers=headers)
    assert (told.status_code, told.text == "done") == ((200, True) if own else (403, False))


def test_health_reaches_no_page() -> None:
    for below, path in ((None, "/health"), ("/docs", "/docs/health"), ("/docs", "/health")):
        response, saw = seen_through(below, path, {})
        assert (response.status_code, response.text, saw) == (200, "ok", "")


def test_a_port_is_chosen_before_the_work() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(UsageError, match=rf"port {taken} is taken; name another one: rag serve --port \d+"):
            ports.choose("127.0.0.1", taken)
        with pytest.raises(UsageError, match="taken"):
            ports.choose("0.0.0.0", taken)
    assert ports.choose("127.0.0.1", taken) == taken
    for address, port in (("203.0.113.1", taken), ("no.such.name.invalid", taken), ("127.0.0.1", 0), ("127.0.0.1", 65_536)):
        with pytest.raises(UsageError):
            ports.choose(address, port)


def test_by_itself_the_next_free_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(ports, "FIRST", other.getsockname()[1])
        assert ports.FIRST < ports.choose("127.0.0.1", None) < ports.FIRST + 100


@pytest.mark.parametrize("text", ["docs", "ftp://x/docs", "https:///docs", "/docs?x=1", "//evil/docs", ""])
def test_a_root_path_is_a_path_or_an_address(text: str, docs: Path) -> None:
    assert main(["serve", "--docs", str(docs), "--root-path", text]) == WRONG_USE


@pytest.fixture
def room(docs: Path, tmp_path: Path) -> Room:
    rag = Rag(Config(docs=docs, index_dir=tmp_path / "index"))
    rag.sync()
    return Rooms(rag).enter(KEY)


def upload(room: Room, folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    room.add([path])
    room.sync()


def test_a_room_s_files_answer_in_that_room_alone(room: Room, tmp_path: Path) -> None:
    question = "How deep is the Ashby lake?"
    assert not room.ask(question).answer.answered
    upload(room, tmp_path, "lake.txt", "The Ashby lake\n\nThe Ashby lake is 31 metres deep and lies north of the village.\n")
    turn = room.ask(question)
    assert (turn.answer.short, turn.place) == ("31 metres", UPLOADS)
    assert room.ask("How high is the Elmet tower?").place == FOLDER
    assert not room.ask(question, (), [(FOLDER, "tower.md")]).answer.answered
    other = Rooms(room.shared).enter(KEY[::-1])
    assert not other.ask(question).answer.answered and other.uploads() == []
    assert "lake.txt" in documents_html(room, SAY) and "lake.txt" not in documents_html(other, SAY)
    room.remove("lake.txt")
    room.sync()
    assert not room.ask(question).answer.answered
    with pytest.raises(UsageError, match="no longer there"):
        room.ask(question, (), [(UPLOADS, "lake.txt")])
    room.close()


LAKE = "The Ashby lake\n\nThe Ashby lake is 31 metres deep and lies north of the village.\n"


def test_every_document_of_the_room_is_asked_uploads_too(room: Room, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", LAKE)
    total, answers = room.ask_each("How deep is the Ashby lake?")
    asked = [*answers]
    assert [(each.place, each.found.source, each.found.answer.short) for each in asked] == [
        (FOLDER, "bridge.txt", ""),
        (FOLDER, "tower.md", ""),
        (UPLOADS, "lake.txt", "31 metres"),
    ]
    assert total == 3
    total, answers = room.ask_each("How deep is the Ashby lake?", [(UPLOADS, "lake.txt"), (FOLDER, "tower.md")])
    assert total == 2 and [each.found.source for each in answers] == ["tower.md", "lake.txt"]
    with pytest.raises(UsageError, match="no longer there"):
        Rooms(room.shared).enter(KEY[::-1]).ask_each("How deep?", [(UPLOADS, "lake.txt")])
    room.close()


def run_of(room: Room, question: str, most: int | None = None) -> Run:
    total, answers = room.ask_each(question)
    return Run(question, total, tuple(answers)[:most])


def test_the_table_of_every_document_begins_with_those_that_answer(room: Room, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", LAKE)
    run = run_of(room, "How deep is the Ashby lake?")
    rows = re.findall(r'<tr data-do="open" data-row="(\d)"( class="answered")?>(.*?)</tr>', each_html(run, room, SAY), re.DOTALL)
    assert run.asked[int(rows[0][0])].found.source == "lake.txt"
    assert [bool(answered) for _, answered, _ in rows] == [True, False, False]
    assert all(words in plain(rows[0][2]) for words in ("31 metres", "lies north of the village.", "uploaded", "answered"))
    assert all("—" in plain(html) and "no answer" in plain(html) for _, _, html in rows[1:])
    opened = opened_html(run, int(rows[0][0]), room, SAY)
    assert '<section class="card cited" id="each-1-source-1">' in opened and "verbatim ✓" in opened
    assert 'data-place="uploads"' in opened and opened.count('class="side"') == 1
    assert "Closest passages" in opened_html(run, int(rows[1][0]), room, SAY)
    room.close()


def test_two_documents_stand_side_by_side_with_their_evidence(room: Room) -> None:
    html = each_html(run_of(room, "How high is the Elmet tower?"), room, SAY)
    sides = html.split('<section class="side"')[1:]
    assert len(sides) == 2 and "<table" not in html.split("<blockquote")[0]
    assert "no answer" in sides[0] and 'id="each-1-close-1"' in sides[0]
    assert "48 metres" in sides[1] and 'id="each-2-source-1"' in sides[1]


def test_a_file_that_changed_is_told_from_one_that_does_not_answer(room: Room, docs: Path, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", LAKE)
    (docs / "tower.md").write_text("Gone.", encoding="utf-8")
    html = each_html(run_of(room, "How high is the Elmet tower?"), room, SAY)
    (row,) = [row for row in html.split("<tr ") if "tower.md</button>" in row]
    assert "changed on disk" in row and html.count("changed on disk") == 1 and "no answer" not in row
    room.close()


def test_how_far_it_has_come_is_told(room: Room) -> None:
    half, whole = (run_of(room, "How high is the Elmet tower?", most) for most in (1, None))
    assert '<progress value="1" max="2" aria-label="1 of 2">' in progress_html(half, SAY)
    assert "Stopped: 1 of 2 documents asked, 0 with an answer." in progress_html(replace(half, stop=Stop(True)), SAY)
    assert "2 documents asked, 1 with an answer." in progress_html(whole, SAY) and "<progress" not in progress_html(whole, SAY)


def test_the_answers_of_every_document_are_kept_as_a_table_and_as_receipts(room: Room, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", LAKE)
    run = run_of(room, "How deep is the Ashby lake?")
    table, receipts = kept(run, room, "csv"), kept(run, room, "json")
    assert table["text"].startswith("\ufefffile,") and table["text"].splitlines()[1].startswith("lake.txt,")
    assert (table["name"], table["type"], receipts["type"]) == ("answers.csv", "text/csv", "application/json")
    made = {each["source"]: each["made"]["docs"] for each in json.loads(receipts["text"])}
    assert made == {
        "bridge.txt": str(room.shared.config.docs),
        "tower.md": str(room.shared.config.docs),
        "lake.txt": str(room.files),
    }
    room.close()


def test_a_word_that_one_place_holds_is_not_said_to_be_in_no_file(room: Room, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", "The Ashby lake\n\nThe Ashby lake lies north of the village, near Wexcombe.\n")
    answer = room.ask("Who is the mayor of Wexcombe and Zanzibar?").answer
    assert [word.word for word in answer.gaps.unknown] == ["Zanzibar", "mayor"]
    assert "No file contains: Zanzibar, mayor." in answer.reason
    room.close()


def test_a_word_is_in_no_file_only_where_neither_folder_nor_uploads_hold_it(room: Room, tmp_path: Path) -> None:
    upload(room, tmp_path, "lake.txt", "The Ashby lake\n\nThe Ashby lake lies north of the village, near Wexcombe.\n")
    for question in ("Did Zanzibar buy Marlow or Wexcombe?", "Did Zanzibar buy Wexcombe or Marlow or Elmet?"):
        answer = room.ask(question).answer
        assert [word.word for word in answer.gaps.unknown] == ["Zanzibar", "buy"] and not answer.answered
        assert "No file contains: Zanzibar, buy." in answer.reason
    room.close()


@pytest.mark.parametrize(
    ("name", "said"), [("a.exe", "of this type"), (".env.txt", "begin with a dot"), ("noextension", "of this type")]
)
def test_uploads_that_cannot_be_used_are_turned_away(room: Room, tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("text", encoding="utf-8")
    (tmp_path / "good.txt").write_text("text", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        room.add([tmp_path / "good.txt", tmp_path / name])
    assert room.uploads() == []


def test_of_two_uploads_of_one_name_both_stay(room: Room, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "read me.md" for folder in "abc"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"From {path.parent.name}.", encoding="utf-8")
    room.add(paths)
    kept = {name: (room.files / name).read_text() for name in room.uploads()}
    assert kept == {"read me.md": "From a.", "read me (2).md": "From b.", "read me (3).md": "From c."}
    room.add(paths[1:2])
    assert (room.files / "read me.md").read_text() == "From b." and len(room.uploads()) == 3


def test_uploads_have_limits(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.web.rooms.MAX_FILES", 1)
    monkeypatch.setattr("rag.web.rooms.MAX_UPLOAD_BYTES", 10)
    paths = [tmp_path / name for name in ("a.txt", "b.txt", "large.txt")]
    for path in paths:
        path.write_text("x" * (11 if path.name == "large.txt" else 5), encoding="utf-8")
    room.add(paths[:1])
    room.add(paths[:1])
    with pytest.raises(UsageError, match="at most 1"):
        room.add(paths[1:2])
    with pytest.raises(UsageError, match="too large"):
        room.add(paths[2:])
    with pytest.raises(UsageError, match="none of your"):
        room.remove("../index")


def test_a_browser_without_a_key_is_told(room: Room) -> None:
    for key in ("", "../../etc", KEY + "0", KEY.upper()):
        with pytest.raises(NoRoom, match="cookies"):
            Rooms(room.shared).enter(key)


def test_old_rooms_are_thrown_away(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(room, tmp_path, "lake.txt", "The Ashby lake is deep.")
    room.close()
    rooms = Rooms(room.shared)
    (of_another_page := rooms.path.with_name("letters-0123") / "0123" / "files").mkdir(parents=True)
    rooms.sweep()
    assert room.path.exists() and of_another_page.exists()
    now = (room.path / "files").stat().st_mtime
    monkeypatch.setattr("rag.web.rooms.time.time", lambda: now + (KEPT_DAYS - 1) * 24 * 3600)
    rooms.sweep()
    assert room.path.exists()
    monkeypatch.setattr("rag.web.rooms.time.time", lambda: now + (KEPT_DAYS + 1) * 24 * 3600)
    rooms.sweep()
    assert not room.path.exists() and not of_another_page.parent.exists()


def test_judgements_become_test_cases(room: Room) -> None:
    right = Turn(room.ask("How high is the Elmet tower?").answer)
    wrong = Turn(room.ask("Who made the clock?").answer)
    keep_case(room, right, (), None, right=True)
    keep_case(room, wrong, (), ("tower.md", "Hannah Reyes"), right=False)
    assert keep_case(room, Turn(room.ask("What is the capital of Mongolia?").answer), (), None, right=False) == 3
    rows = [json.loads(line) for line in room.questions(FOLDER).read_text(encoding="utf-8").splitlines()]
    assert [row["answers"] for row in rows] == [["48 metres"], ["Hannah Reyes"], []]
    assert [row["answerable"] for row in rows] == [True, True, False] and case_count(room, FOLDER) == 3
    with pytest.raises(UsageError, match="quote"):
        keep_case(room, wrong, (), ("tower.md", "Nobody"), right=False)


def test_an_answer_has_one_verdict_that_can_be_taken_back(room: Room) -> None:
    turn = Turn(room.ask("How high is the Elmet tower?").answer)
    other = Turn(room.ask("Who made the clock?").answer)
    keep_case(room, other, (), None, right=True)
    assert verdict(room, turn, ()) == "" and verdict(room, other, ()) == "right"
    for said, gold, right in (
        ("right", None, True),
        ("wrong", ("tower.md", "Hannah Reyes"), False),
        ("wrong", None, False),
        ("right", None, True),
    ):
        assert keep_case(room, turn, (), gold, right=right) == 2, "the one before goes"
        assert verdict(room, turn, ()) == said
    with pytest.raises(UsageError, match="quote"):
        keep_case(room, turn, (), ("tower.md", "Nobody"), right=False)
    assert verdict(room, turn, ()) == "right", "nothing is lost by one that cannot be kept"
    assert drop_case(room, turn, ()) == 1 and verdict(room, turn, ()) == "" and verdict(room, other, ()) == "right"
    assert drop_case(room, turn, ()) == 1 and drop_case(room, other, ()) == 0 and question_sets(room, SAY) == []


def test_a_follow_up_is_kept_with_the_questions_before_it(room: Room) -> None:
    first = room.ask("How high is the Elmet tower?")
    leant = room.ask("Who made its clock?", [first])
    assert leant.answer.read_as
    alone = room.ask("Who was the engineer of the Marlow bridge?", [first, leant])
    earlier = [first.answer.question, leant.answer.question]
    keep_case(room, leant, earlier[:1], None, right=True)
    keep_case(room, alone, earlier, None, right=True)
    rows = [json.loads(line) for line in room.questions(FOLDER).read_text(encoding="utf-8").splitlines()]
    assert [row.get("history") for row in rows] == [earlier[:1], None], "what is right as it stands needs none"
    keep_case(room, alone, earlier, ("tower.md", "Hannah Reyes"), right=False)
    (kept,) = [
        row for row in map(json.loads, room.questions(FOLDER).read_text("utf-8").splitlines()) if "Marlow" in row["question"]
    ]
    assert kept["history"] == earlier and verdict(room, alone, earlier) == "wrong"
    assert verdict(room, leant, ["Another question?"]) == "", "after another question it is another"
    assert load_questions(room.questions(FOLDER), Path(room.shared.config.docs), Path()).questions[0].history == (earlier[0],)


def test_a_selection_is_found_whatever_the_file_s_line_ends() -> None:
    assert _in_file("a.\r\nThe tower\r\nis high.", "The tower\nis") == "The tower\r\nis"
    assert _in_file("The tower (48 m)", "(48 m)") == "(48 m)"
    assert _in_file("The tower", "The bridge") == ""


def test_only_the_question_is_a_public_endpoint_and_search_where_tools_are_wanted(library: Rag) -> None:
    assert list(page_over(Rooms(library)).build().get_api_info()["named_endpoints"]) == ["/ask"]
    assert list(page_over(Rooms(library)).build(tools=True).get_api_info()["named_endpoints"]) == ["/ask", "/search"]


def test_other_addresses_need_to_say_who_may_come_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--address", "0.0.0.0"]) == WRONG_USE
    assert "--auth USER:PASSWORD" in capsys.readouterr().err
    assert main(["serve", "--address", "0.0.0.0", "--auth", "nobody"]) == WRONG_USE
    assert "USER:PASSWORD" in capsys.readouterr().err
