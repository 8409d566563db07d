"""A folder with nothing in it that is read says so, where it was looked, what was passed over and what is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.config import Config
from rag.errors import NothingToAsk
from rag.messages import say_in
from rag.pipeline import Rag
from rag.receipts import receipt
from rag.shell.cli import main
from rag.web.evidence import answer_html
from rag.web.rooms import FOLDER, UPLOADS, Rooms
from rag.web.taking import taken_html
from tests.conftest import page_over

HIGH = "How high is the Elmet tower?"
SAY = say_in("en")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    for name, content in (("a.doc", "a"), ("b.DOC", "b"), ("c.ppt", "c"), ("d.png", "d"), ("e.txt", " "), ("core", "\0" * 200)):
        (folder / name).write_text(content)
    return folder


def test_an_empty_folder_is_told_and_not_searched(empty: Path, tmp_path: Path) -> None:
    with Rag(Config(docs=empty, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        answers = [rag.answer(asked) for asked in (HIGH, "What is in this folder?", "Hello!", "塔有多高？")]
        for answer in answers:
            assert not answer.answered and [reason.code for reason in answer.reasons] == [
                "nothing indexed",
                "passed over",
                "kinds read",
            ]
            assert "Not in the documents" not in answer.text and "文档中没有答案" not in answer.text
        assert answers[0].text.startswith(
            f"There is nothing to ask.\n\n{empty} holds no document that is read. Passed over: 2 .doc "
        )
        for told in (
            "2 .doc (.doc is not read; save it as .docx)",
            "1 .ppt (",
            "1 .png (type .png is not read)",
            "1 .txt (empty)",
            "1 core (binary)",
        ):
            assert told in answers[0].reason
        assert "PDF, Word document" in answers[0].reason
        assert (
            answers[3].text.startswith("没有可问的文档。")
            and "2 个 .doc（不读取 .doc 类型；请另存为 .docx）" in answers[3].reason
        )
        with pytest.raises(NothingToAsk, match="holds no document that is read") as error:
            rag.answer_each(HIGH)
        assert "没有可读取的文档" in error.value.told(say_in("zh"))
        kept = json.loads(json.dumps(receipt(answers[0], rag.made_with())))
        first = kept["reasons"][1]["values"]["kinds"][0]
        assert first["code"] == "of a kind, why" and first["values"]["count"] == 2 and first["values"]["why"]["code"] == "save as"
        assert "2 .doc (.doc is not read; save it as .docx)" in taken_html([(answers[0], rag.made_with())])
        assert "There is nothing to ask." in answer_html(answers[0], rag, SAY)


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Rag(Config(docs=tmp_path / "empty", index_dir=tmp_path / "index")) as rag:
        assert "There are no files in it." in rag.answer(HIGH).reason


def test_the_shell_says_it_too(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    ask = ["ask", HIGH, "--docs", str(empty)]
    assert main(ask) == 2 and "holds no document" in " ".join(capsys.readouterr().out.split())
    assert main([*ask, "--json"]) == 2 and json.loads(capsys.readouterr().out)["reasons"][0]["code"] == "nothing indexed"
    assert main([*ask, "--each"]) == 2 and "holds no document" in capsys.readouterr().err


def test_the_page_says_it_too_and_asks_what_was_uploaded(empty: Path, tmp_path: Path) -> None:
    rag = Rag(Config(docs=empty, index_dir=tmp_path / "index"))
    rag.sync()
    room = Rooms(rag).enter("0" * 32)
    welcome = page_over(Rooms(rag))._begun(room, SAY)[1]
    assert str(empty) in welcome and "2 .doc" in welcome and "These kinds are read" in welcome
    assert room.ask(HIGH).answer.reasons[0].code == "nothing indexed"
    with pytest.raises(NothingToAsk):
        room.ask_each(HIGH)
    (tmp_path / "tower.md").write_text("# The Elmet tower\n\nThe Elmet tower is 48 metres high.\n")
    room.add([tmp_path / "tower.md"])
    room.sync()
    assert (room.ask(HIGH).place, room.ask(HIGH).answer.short) == (UPLOADS, "48 metres")
    refused = room.ask("Who discovered penicillin?").answer
    assert "Not in the documents." in refused.text and "nothing indexed" not in {reason.code for reason in refused.reasons}
    assert room.ask("Hello!").answer.kind == "none"  # and not that there is nothing to ask
    assert room.ask_each(HIGH)[0] == 1
    assert FOLDER in room.places()
    room.close()
    rag.close()


def test_what_is_not_read_is_counted_in_a_refusal(docs: Path, tmp_path: Path) -> None:
    asked, other = "Who discovered penicillin?", "谁发现了青霉素？"
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        (docs / "empty.txt").write_text("")
        (docs / "link.md").symlink_to(docs / "tower.md")
        rag.sync()
        assert "not read" not in rag.answer(asked).reason  # nothing is in them that is not searched
        (docs / "a.doc").write_text("a")
        rag.sync()
        assert "1 file was not read, so not searched: 1 .doc." in rag.answer(asked).reason
        (docs / "b.doc").write_text("b")
        (docs / "c.ppt").write_text("c")
        (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
        rag.sync()
        refused = rag.answer(asked)
        assert "4 files were not read, so not searched: torn.txt, 2 .doc, 1 .ppt." in refused.reason
        assert "4 个文件没有读取，因而未检索：torn.txt, 2 个 .doc, 1 个 .ppt。" in rag.answer(other).reason
        assert "4 files were not read" in answer_html(refused, rag, SAY)
        assert "4 files were not read" in taken_html([(refused, rag.made_with())])
        assert "not read" not in rag.answer(asked, sources=["tower.md"]).reason
        assert "not read" not in " ".join(each.answer.reason for each in rag.answer_each(asked))
