"""`rag ask` without a question, at a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag.answers import Answer
from rag.errors import FileFailed, UsageError
from rag.shell.cli import main
from rag.shell.conversation import PROMPT, converse
from rag.testing.fake_llm import FakeLLM
from tests.terminal_harness import Terminal

HIGH = "How high is the Elmet tower?"


@pytest.mark.slow
def test_questions_lean_on_earlier_ones_and_changed_files_count(docs: Path, tmp_path: Path) -> None:
    with Terminal(["ask", "--docs", str(docs)], {"RAG_INDEX_DIR": str(tmp_path / "index")}) as terminal:
        assert f"{docs}: 2 document(s)." in terminal.wait_for(f"Ctrl-D ends.\r\n{PROMPT}")
        terminal.type(f"{HIGH}\n")
        assert "48 metres" in terminal.wait_for("tower.md:3") and terminal.wait_for(PROMPT)
        terminal.type("Who made its clock?\n")
        assert "Read as: Who made Elmet’s clock?" in terminal.wait_for("tower.md:3") and terminal.wait_for(PROMPT)
        terminal.type("\x1b[A\x1b[A\n")  # two lines up
        assert "48 metres" in terminal.wait_for("tower.md:3") and terminal.wait_for(PROMPT)
        tower = docs / "tower.md"
        tower.write_text(tower.read_text().replace("48", "52"))
        terminal.type(f"{HIGH}\n")
        assert "52 metres" in terminal.wait_for("tower.md:3") and terminal.wait_for(PROMPT)
        terminal.type("x" * 2_001 + "\n")
        terminal.wait_for("rag: the question has 2,001 characters; the limit is 2,000.")
        terminal.wait_for(PROMPT)
        terminal.type("half a line")
        terminal.wait_for("half a line")
        terminal.type("\x03")
        terminal.wait_for(PROMPT)
        terminal.type("\n")
        terminal.wait_for(PROMPT)
        terminal.type("/quit\n")
        code, shown = terminal.end()
    assert code == 0 and "Traceback" not in shown


@pytest.mark.slow
def test_ctrl_c_stops_the_answer_and_ctrl_d_the_conversation(docs: Path, tmp_path: Path) -> None:
    with FakeLLM("slow", delay=0.5) as fake:
        arguments = ["ask", "--docs", str(docs), "--llm", fake.openai_like, "--after", HIGH, "--source", "*.md"]
        with Terminal(arguments, {"RAG_INDEX_DIR": str(tmp_path / "index"), "OPENAI_LIKE_API_KEY": "x"}) as terminal:
            assert f"{docs}: 1 document(s)." in terminal.wait_for(PROMPT)
            for _ in range(2):
                terminal.type(f"{HIGH}\n")
                terminal.wait_for("The E")  # the first piece of what is being written
                terminal.type("\x03")
                terminal.wait_for("rag: stopped; ask on.")
                terminal.wait_for(PROMPT)
            terminal.type("\x04")
            code, shown = terminal.end()
    assert code == 0 and "Traceback" not in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--json"], "--json and --each take one question"),
        (["--each"], "take one question"),
        (["--source", "none.md"], "none.md is not an indexed file"),
    ],
)
def test_what_a_conversation_cannot_do_is_wrong_use(options: list[str], said: str, docs: Path, tmp_path: Path) -> None:
    with Terminal(["ask", "--docs", str(docs), *options], {"RAG_INDEX_DIR": str(tmp_path / "index")}) as terminal:
        code, shown = terminal.end()
    assert code == 2 and said in shown and PROMPT not in shown


def test_what_fails_for_one_question_is_no_turn(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[tuple[str, list[str | Answer]]] = []

    def answered(question: str, turns: Sequence[str | Answer]) -> Answer:
        heard.append((question, [*turns]))
        if question == "gone":
            raise FileFailed("cannot be read", error="it is gone")
        if question == "bad":
            raise UsageError("it is no question.")
        return Answer(question, False, "")

    monkeypatch.setattr(sys, "stdin", io.StringIO("gone\nbad\none\n\ntwo\n/quit\nthree\n"))
    converse(answered, ["before"], "welcome")
    assert [question for question, _ in heard] == ["gone", "bad", "one", "two"]
    assert heard[2][1] == ["before"] and heard[3][1] == ["before", Answer("one", False, "")]
    said = capsys.readouterr().err
    assert "welcome" in said and "rag: cannot be read (it is gone)" in said and "rag: it is no question." in said


def test_what_looks_like_a_command_is_no_question(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = iter(["/help", "/quit"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(lines))
    converse(lambda question, turns: pytest.fail(question), [], "welcome")
    assert "/help is no command here; /quit ends" in capsys.readouterr().err


def test_a_question_is_read_from_standard_input(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    for piped, said in ((f"\ufeff{HIGH}\n", "48 metres"), ("玛洛桥 Marlow bridge 是哪年建成的？", "1832")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))
        main(["ask", "--docs", str(docs)])
        assert said in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["ask", "--docs", str(docs)]) == 2
