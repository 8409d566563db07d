"""Conversations are kept and read back, damage costs what is damaged alone, and questions are answered in the order they came. No browser."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag.answers import Answer, Citation, Stated
from rag.errors import UsageError
from rag.messages import speaker
from rag.pipeline import Rag
from rag.receipts import answer_of
from rag.web.conversations import MAX_CONVERSATIONS, NOTEBOOK, Conversations, Exchange
from rag.web.desk import Desk
from rag.web.page import _earlier_html
from rag.web.pressed import Pressed
from rag.web.rooms import COOKIE, FOLDER, Room, Rooms, Turn
from tests.conftest import page_over
from tests.test_templates import filled

KEY, OTHER = "0123456789abcdef" * 2, "fedcba9876543210" * 2
ONE, TWO = "1" * 32, "2" * 32
SAY = speaker("en")


@pytest.fixture(scope="module")
def rooms(library: Rag, tmp_path_factory: pytest.TempPathFactory) -> Rooms:
    rooms = Rooms(library)
    rooms.path = tmp_path_factory.mktemp("rooms")
    return rooms


def answered(question: str) -> Exchange:
    return Exchange(question, turn=Turn(Answer(question, True, question.upper(), short=question[:1])))


def test_an_answer_is_read_back_as_it_was(library: Rag) -> None:
    questions = ("What is the harbour loan worth?", "What is the capital of Mongolia?", "Which files are there?", "面包有多重？")
    made = filled(replace(Answer("", True, "")).__class__, "words")
    made = replace(made, parts=(made,))
    for answer in (made, *map(library.answer, questions)):
        kept = json.loads(json.dumps(answer.to_dict()))
        assert json.loads(json.dumps(answer_of(kept).to_dict())) == kept
        assert answer_of({**kept, "of a later version": 1}).question == answer.question
    assert answer_of(kept).citations == answer.citations


@pytest.mark.parametrize(
    "damage",
    [
        {"question": 5}, {"answered": "yes"}, {"confidence": True}, {"reasons": [{"code": "of a later version", "values": {}}]},
        {"reasons": [{"code": "stale", "values": {}}]}, {"citations": [{}]}, {"items": "x"}, {"band": "later"}, {"language": "xx"},
        {"text": "a\0b"}, {"trace": None}, {"parts": [[]]}, {"readings": [3]}, {"trace": {"question": "", "stages": [{"name": "?", "milliseconds": 1}]}},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told(library: Rag, damage: dict[str, Any]) -> None:
    kept = json.loads(json.dumps(library.answer("What is the harbour loan worth?").to_dict()))
    with pytest.raises(ValueError):
        answer_of({**kept, **damage})


def test_a_conversation_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    kept = Conversations(tmp_path / "conversations")
    assert kept.titles() == [] and kept.read(ONE) == {}
    first, second = answered("How high?"), Exchange("And how old?", (("folder", "a.txt"),), standalone=True)
    assert [kept.add(ONE, first), kept.add(ONE, second), kept.add(TWO, answered("Who?"))] == [1, 2, 1]
    again = Conversations(tmp_path / "conversations")
    assert again.read(ONE) == {1: first, 2: second} and second.waits and not first.waits
    assert [(title.key, title.name) for title in again.titles()] == [(TWO, "Who?"), (ONE, "How high?")]
    again.put(ONE, 2, replace(second, ended="Gone."))
    assert again.titles()[0].key == ONE and again.titles()[0].questions == ("How high?", "And how old?")
    again.rename(ONE, "  Towers \n of Elmet ")
    assert again.titles()[0].name == "Towers of Elmet"
    for path in (tmp_path / "conversations").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    again.delete(ONE)
    again.put(ONE, 2, second)
    assert [title.key for title in again.titles()] == [TWO] and again.read(ONE) == {}


@pytest.mark.parametrize("key", ["", "..", "../../etc", "x" * 32, "A" * 32, KEY + "0", KEY + "\n"])
def test_what_is_no_key_reaches_no_file(tmp_path: Path, key: str) -> None:
    kept = Conversations(tmp_path / "room" / "conversations")
    (tmp_path / "room" / "1.json").parent.mkdir()
    with pytest.raises(UsageError):
        kept.add(key, answered("How high?"))
    kept.rename(key, "x")
    kept.delete(key)
    assert kept.read(key) == {} and list(tmp_path.rglob("*")) == [tmp_path / "room"]


def test_damage_costs_what_is_damaged_alone(tmp_path: Path) -> None:
    kept = Conversations(tmp_path)
    for question in ("One?", "Two?", "Three?"):
        kept.add(ONE, answered(question))
    path = tmp_path / ONE / "2.json"
    whole = path.read_bytes()
    sound = whole.partition(b"\n")[2]
    for damaged in (
        b"", b"\0" * len(whole), whole[:-30], whole[:80] + b"\0" + whole[81:], whole.replace(b"Two", b"Owt", 1), b"{}", sound, b"\xff",
        b"[" * 100_000,
    ):  # fmt: skip
        path.write_bytes(damaged)
        assert list(Conversations(tmp_path).read(ONE)) == [1, 3], damaged[:80]
        assert Conversations(tmp_path).titles()[0].questions == ("One?", "Three?")
    (tmp_path / ONE / "4.json").mkdir()
    (tmp_path / "stray").write_text("x")
    (tmp_path / ONE / "name.json").write_bytes(b"\0")
    assert list(kept.read(ONE)) == [1, 3] and Conversations(tmp_path).titles()[0].name == "One?"


def test_the_oldest_conversations_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_CONVERSATIONS > 100
    monkeypatch.setattr("rag.web.conversations.MAX_CONVERSATIONS", 2)
    kept = Conversations(tmp_path)
    for key in "abcd":
        kept.add(key * 32, answered(key))
    assert [title.name for title in kept.titles()] == ["d", "c"]


class Slow(Room):
    """Answers each question when it is let, and remembers what was asked behind which others."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shared = SimpleNamespace()  # type: ignore[assignment]
        self.let = threading.Semaphore(0)
        self.asked: list[tuple[str, list[str]]] = []
        self._own, self._opening = None, threading.Lock()

    def ask_stream(self, question: str, turns: Any = (), chosen: Any = (), *, standalone: bool = False) -> Iterator[Any]:  # type: ignore[override]
        self.asked.append((question, [turn.answer.question for turn in turns]))
        yield "text"
        assert self.let.acquire(timeout=10)
        if question == "fails":
            raise ZeroDivisionError
        yield Turn(Answer(question, True, question))


def until(true: Any) -> None:
    for _ in range(400):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it does not become so")


def test_questions_are_answered_in_their_order_whoever_watches(tmp_path: Path) -> None:
    desk, room = Desk(2, 10), Slow(tmp_path)
    for question in ("a", "b", "fails", "c", "d"):
        desk.ask(room, ONE, Exchange(question), SAY)
    assert [work.question for work in desk.waiting(room, ONE)] == ["a", "b", "fails", "c", "d"]
    assert list(desk.conversations(room).read(ONE)) == [1, 2, 3, 4, 5]
    desk.stop(room, ONE, [4])
    for _ in range(4):
        room.let.release()
    until(lambda: not desk.waiting(room, ONE))
    assert room.asked == [("a", []), ("b", ["a"]), ("fails", ["a", "b"]), ("d", ["a", "b"])]
    there = desk.conversations(room).read(ONE)
    assert [bool(each.turn) for each in there.values()] == [True, True, False, False, True]
    assert "went wrong" in there[3].ended and there[4].ended == "You stopped this question."
    desk.close()


def test_a_question_that_is_stopped_while_it_is_answered_stays_so(tmp_path: Path) -> None:
    desk, room = Desk(1, 10), Slow(tmp_path)
    desk.ask(room, ONE, Exchange("a"), SAY)
    until(lambda: room.asked and desk.waiting(room, ONE)[0].text == "text")
    desk.stop(room, ONE, [1])
    assert desk.waiting(room, ONE) == []
    room.let.release()
    desk.ask(room, ONE, Exchange("b"), SAY)
    room.let.release()
    until(lambda: not desk.waiting(room, ONE))
    there = desk.conversations(room).read(ONE)
    assert there[1].turn is None and there[1].ended and there[2].turn and room.asked[1] == ("b", [])
    desk.close()


def test_questions_are_taken_before_they_can_be_answered(tmp_path: Path) -> None:
    may = threading.Event()
    desk, room = Desk(1, 10, lambda: assert_true(may.wait(20))), Slow(tmp_path)
    desk.ask(room, ONE, Exchange("a"), SAY)
    assert not desk.waiting(room, ONE)[0].begun and not room.asked
    may.set()
    room.let.release()
    until(lambda: not desk.waiting(room, ONE))
    assert room.asked == [("a", [])]
    desk.close()


def test_why_nothing_can_be_answered_is_said_of_each_question(tmp_path: Path) -> None:
    def never() -> None:
        raise UsageError("the folder could not be indexed.")

    desk, room = Desk(1, 10, never), Slow(tmp_path)
    desk.ask(room, ONE, Exchange("a"), SAY)
    until(lambda: not desk.waiting(room, ONE))
    assert desk.conversations(room).read(ONE)[1].ended == "the folder could not be indexed." and not room.asked
    desk.close()


def assert_true(value: bool) -> None:
    assert value


def test_what_waits_is_taken_up_when_the_page_is_started_again(tmp_path: Path) -> None:
    desk, room = Desk(1, 2), Slow(tmp_path)
    for question in ("a", "b"):
        desk.ask(room, ONE, Exchange(question), SAY)
    with pytest.raises(UsageError, match="too many"):
        desk.ask(room, TWO, Exchange("c"), SAY)
    desk.close()
    room.let.release()
    until(lambda: [work.question for work in desk.waiting(room, ONE)] == ["b"])
    after = Desk(1, 2)
    after.resume(room, ONE, SAY)
    after.resume(room, ONE, SAY)
    room.let.release()
    until(lambda: not after.waiting(room, ONE))
    assert room.asked[1:] == [("b", ["a"])]
    after.close()


def test_all_that_a_room_holds_is_forgotten(tmp_path: Path) -> None:
    desk, room = Desk(1, 10), Slow(tmp_path / "room")
    desk.ask(room, ONE, Exchange("a"), SAY)
    (room.path / "files").mkdir()
    room.questions(FOLDER).write_text("{}")
    until(lambda: room.asked)
    desk.forget(room)
    room.let.release()
    until(lambda: not desk._waiting)
    assert not room.path.exists()
    desk.close()


def request(key: str) -> Any:
    return SimpleNamespace(cookies={COOKIE: key}, headers={}, session_hash="of another")


def test_a_conversation_is_shown_in_its_own_room_alone(rooms: Rooms) -> None:
    page = page_over(rooms)
    room = rooms.enter(KEY)
    page.desk.ask(room, ONE, Exchange("What is the harbour loan worth?"), SAY)
    until(lambda: not page.desk.waiting(room, ONE))
    at = {"c": ONE, "t": 1}
    assert "harbour loan" in page.open(at, request(KEY))[2]
    for do, more in (("open", {}), ("show", {"turn": 1}), ("right", {}), ("watch", {"w": [1]}), ("rename", {"key": ONE, "text": "mine"}), ("delete", {"key": ONE})):  # fmt: skip
        event: Any = SimpleNamespace(_data={**at, **more, "do": do})
        assert "harbour loan" not in str(page.act(event, [], request(OTHER))), do
    assert "harbour loan" not in str(page.open(at, request(OTHER))) and "not in this browser" in page.open(at, request(OTHER))[2]
    follow: Any = SimpleNamespace(_data=at)
    assert "harbour" not in str(page.follow(follow, request(OTHER)))
    assert [title.name for title in page.desk.conversations(room).titles()] == ["What is the harbour loan worth?"]
    assert page.desk.conversations(rooms.enter(OTHER)).titles() == []
    page.desk.close()


def test_what_waits_is_taken_up_by_whoever_opens_it(rooms: Rooms) -> None:
    page = page_over(rooms)
    room = rooms.enter(KEY)
    page.desk.conversations(room).add(TWO, Exchange("What is the harbour loan worth?"))
    assert page.open({"c": TWO}, request(KEY))[7]["w"] == [1]
    until(lambda: not page.desk.waiting(room, TWO))
    watch: Any = SimpleNamespace(_data={"do": "watch", "c": TWO, "t": 0, "w": [1]})
    working, said, *_, at = page.act(watch, [], request(KEY))
    assert "asked" not in working and "harbour loan" in said and (at["t"], at["w"]) == (1, [])
    page.desk.close()


def test_what_is_seen_first_waits_for_no_example(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_over(rooms)
    begun: list[int] = []

    def examples(most: int) -> list[str]:
        begun.append(most)
        return ["How high?"]

    monkeypatch.setattr(rooms.shared, "examples", examples)
    page.open(None, request(KEY))
    assert begun == []
    new: Any = SimpleNamespace(_data={"c": "", "t": 0})
    assert "How high?" in page.follow(new, request(KEY)) and begun
    page.desk.close()


def test_a_run_over_every_document_is_its_room_s_alone(rooms: Rooms) -> None:
    page = page_over(rooms)
    event: Any = SimpleNamespace(_data=Pressed({"row": "0"}))
    (*_, drawn) = page.ask_each("What is the harbour loan worth?", [], request(KEY))
    run = drawn[0]
    own, other = (page.save_csv(run, request(key))["text"] for key in (KEY, OTHER))
    assert "harbour loan" in own and "harbour loan" not in other
    own, other = (page.open_one(event, run, request(key)) for key in (KEY, OTHER))
    assert "bakery.txt" in own and "bakery.txt" not in other
    page.stop_each(run, request(OTHER))
    assert not run.stop.told
    page.stop_each(run, request(KEY))
    assert run.stop.told
    page.desk.close()


@pytest.mark.parametrize("data", [None, {}, {"do": 1}, {"c": 5, "t": [], "w": "x", "v": {}, "fresh": None}, {"c": ONE, "t": "9" * 99, "w": [None, "1"]}, {"do": "show", "c": "../..", "turn": "-1"}, {"do": "right", "c": ONE, "t": 7}, {"do": "stop", "turn": "x"}, {"do": "rename", "key": "../x", "text": None}])  # fmt: skip
def test_whatever_a_browser_says_is_answered(rooms: Rooms, data: Any) -> None:
    page = page_over(rooms)
    event: Any = SimpleNamespace(_data=Pressed(data))
    assert len(page.act(event, [], request(KEY))) == 7
    assert len(page.open(data, request(KEY))) == 11
    page.desk.close()


def test_the_notebook_keeps_an_answer_of_which_the_conversation_is_gone(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path / "kept")
    turn, other = Turn(Answer("How high?", True, "1 m", short="1 m")), Turn(Answer("How high?", True, "2 m", short="2 m"))
    key = "a" * 32
    number = conversations.add(key, Exchange("How high?", turn=turn))
    assert conversations.noted(turn) == [] and conversations.note(turn) and conversations.note(other)
    conversations.delete(key)
    kept = Conversations(tmp_path / "kept")
    assert [each.turn for each in kept.read(NOTEBOOK).values()] == [turn, other] and number == 1
    assert not kept.note(turn) and [each.turn for each in kept.read(NOTEBOOK).values()] == [other]


def test_the_notebook_is_never_the_oldest_conversation_that_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.web.conversations.MAX_CONVERSATIONS", 2)
    conversations = Conversations(tmp_path)
    conversations.note(Turn(Answer("How high?", True, "1 m", short="1 m")))
    for letter in "abc":
        conversations.add(letter * 32, Exchange("How high?"))
    assert {title.key[0] for title in conversations.titles()} == {"0", "b", "c"}


def test_files_that_differ_are_told_of_among_the_earlier_answers() -> None:
    cited = tuple(Citation(n, f"{n}.txt", 0, 9, "48 metres", "", "", 1.0) for n in (1, 2))
    differ = Answer(
        "How high?",
        True,
        "",
        "48 metres",
        0.9,
        citations=cited,
        readings=(Stated("48 metres", (1,), "", 0.9), Stated("50 metres", (2,), "", 0.8)),
    )
    assert "How high? — 2 files differ: 48 metres, 50 metres" in _earlier_html(
        {1: Exchange("How high?", turn=Turn(differ))}, 0, SAY
    )
