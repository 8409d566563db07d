"""The tree of documents that can be ticked, and the files as they are listed, searched and sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import Config
from rag.errors import UsageError
from rag.messages import speaker
from rag.pipeline import Rag
from rag.web.checklist import MAX_LISTED, Entry, found, listed, still, tree
from rag.web.documents import Order, documents_html
from rag.web.page import _checklist
from rag.web.rooms import FOLDER, UPLOADS, Room, Rooms

KEY = "ef" * 16
SAY = speaker("en")


@pytest.fixture
def room(docs: Path, tmp_path: Path) -> Iterator[Room]:
    """A folder with folders in it, and an upload."""
    for name, text in {
        "minutes/2023/may.txt": "The council met on 4 May 2023. The toll was raised to 3 pounds.",
        "minutes/2023/june.txt": "The council met on 8 June 2023. The toll stayed as it was. " * 40,
        "minutes/list.txt": "Minutes are kept by Hannah Reyes in Leeds, in the tower.",
        "Annex/plan.md": "# Plan of the bridge\n\nDrawn by Tierney Clark.",
    }.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    (tmp_path / "lake.txt").write_text("The Ashby lake is 31 metres deep.", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rooms = Rooms(rag)
        room = rooms.enter(KEY)
        room.add([tmp_path / "lake.txt"])
        room.sync()
        yield room
        rooms.close()


def value(source: str, place: str = FOLDER) -> str:
    return json.dumps([place, source])


def sources(entries: list[Entry]) -> list[str]:
    return [json.loads(entry.value)[1] for entry in entries]


def test_uploads_come_first_and_files_stand_below_their_folders(room: Room) -> None:
    entries = tree(room, SAY)
    assert sources(entries) == [
        "lake.txt", "bridge.txt", "tower.md", "Annex/", "Annex/plan.md", "minutes/", "minutes/list.txt", "minutes/2023/",
        "minutes/2023/june.txt", "minutes/2023/may.txt",
    ]  # fmt: skip
    labels = dict(zip(sources(entries), (entry.label for entry in entries)))
    assert labels["minutes/"] == "minutes/ (all 3)" and labels["minutes/2023/"] == "\u00a0\u00a0\u00a0\u00a02023/ (all 2)"
    assert labels["tower.md"].startswith("The Elmet tower · tower.md") and labels["minutes/2023/may.txt"].startswith(
        "\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0may"
    )
    assert "uploaded" in labels["lake.txt"] and "uploaded" not in labels["bridge.txt"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("minutes", ["minutes/", "minutes/list.txt", "minutes/2023/", "minutes/2023/june.txt", "minutes/2023/may.txt"]),
        ("2023 MAY", ["minutes/", "minutes/2023/", "minutes/2023/may.txt"]),
        ("elmet", ["tower.md"]),
        ("tower.md", ["tower.md"]),
        ("plan bridge", ["Annex/", "Annex/plan.md"]),
        ("harbour", []),
    ],
)
def test_name_title_and_folders_are_searched(room: Room, text: str, names: list[str]) -> None:
    assert sources(found(tree(room, SAY), text)) == names
    table = documents_html(room, SAY, Order(text))
    rows = re.findall(r"<tr><td>([^<\n]+)", table)
    assert sorted(rows) == sorted(name for name in names if not name.endswith("/"))


def test_a_ticked_folder_is_all_that_lies_in_it(room: Room, docs: Path) -> None:
    assert room.ask("What was the toll raised to?", (), [(FOLDER, "minutes/2023/")]).answer.trace.sources == (
        "minutes/2023/june.txt",
        "minutes/2023/may.txt",
    )
    both = [(FOLDER, "minutes/"), (FOLDER, "minutes/list.txt"), (UPLOADS, "lake.txt")]
    assert room._asked(both) == {
        FOLDER: ["minutes/2023/june.txt", "minutes/2023/may.txt", "minutes/list.txt"], UPLOADS: ["lake.txt"],
    }  # fmt: skip
    (docs / "minutes" / "2024").mkdir()
    (docs / "minutes" / "2024" / "may.txt").write_text("The toll was raised to 4 pounds in 2024.", encoding="utf-8")
    room.sync()
    assert len(room._asked([(FOLDER, "minutes/")])[FOLDER]) == 4
    for gone in ("minut/", "min", "minutes", "/", ""):
        with pytest.raises(UsageError, match="no longer there"):
            room._asked([(FOLDER, gone)])


def test_ticks_stay_while_their_documents_do(room: Room, docs: Path) -> None:
    chosen = [value("minutes/"), value("bridge.txt"), value("lake.txt", UPLOADS)]
    (docs / "bridge.txt").unlink()
    room.sync()
    entries = tree(room, SAY)
    assert still(entries, chosen) == [chosen[0], chosen[2]]
    assert _checklist(entries, chosen, SAY).value == [chosen[0], chosen[2]]


def test_of_many_the_ticked_ones_and_the_folders_are_listed() -> None:
    entries = [Entry(f"{at}", value(f"{at}.txt"), f"{at}.txt") for at in range(2 * MAX_LISTED)] + [
        Entry("z", value("z/"), "z/", True)
    ]
    chosen = [value("399.txt"), value("250.txt")]
    shown = sources(listed(entries, chosen))
    assert len(shown) == MAX_LISTED and shown[-3:] == ["250.txt", "399.txt", "z/"] and shown[:3] == ["0.txt", "1.txt", "2.txt"]
    assert f"{MAX_LISTED + 1} more" in str(_checklist(entries, chosen, SAY).info)


@pytest.mark.parametrize(
    ("column", "names"),
    [
        (
            "file",
            ["Annex/plan.md", "bridge.txt", "minutes/2023/june.txt", "minutes/2023/may.txt", "minutes/list.txt", "tower.md"],
        ),
        (
            "size",
            ["Annex/plan.md", "minutes/list.txt", "minutes/2023/may.txt", "bridge.txt", "tower.md", "minutes/2023/june.txt"],
        ),
    ],
)
def test_files_are_sorted_by_a_column_the_uploads_first(room: Room, column: str, names: list[str]) -> None:
    once = Order().by(column)
    for order, expected in ((once, names), (once.by(column), names[::-1]), (once.by(column).by(column), names)):
        table = documents_html(room, SAY, order)
        assert re.findall(r"<tr><td>([^<\n]+)", table) == ["lake.txt", *expected]
        assert f'aria-sort="{"descending" if order.down else "ascending"}"' in table
    assert once.by("date") == Order("", "date", False)


def test_a_column_that_is_none_sorts_nothing(room: Room) -> None:
    assert documents_html(room, SAY, Order(column="__class__")) == documents_html(room, SAY)
