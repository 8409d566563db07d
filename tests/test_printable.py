"""What files, their names and models hold is shown at a terminal and never obeyed; JSON loses none of it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from rag.printable import all_printable, printable, to_json
from rag.terminal import Console
from rag.testing.fake_llm import FakeLLM
from tests.conftest import ROOT, syntax_tree
from tests.terminal_harness import Terminal
from tests.test_architecture import imported

RAW = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
STYLED = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""Colours and the moves of a bar, as rich writes them."""
TITLE = "\x1b]0;owned\x07\x1b[7mThe \u202eElmet\u2066 tower\x9b5n"
NAME = "tower\x1b]8;;http:\x7f\u202e\x9d.md"
DAMAGED = "torn\x1b[2J\x9b\u202d.txt"
SAID = "The Elmet tower is 48 metres\x1b[5m\u202e high."
PLAIN = "Work on the tower began in the spring and went on for years, with pauses when the river stood high. " * 4


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose name, files' names, titles, authors and texts hold what a terminal would obey."""
    folder = tmp_path / "docs\x1b[7m\u202e"
    folder.mkdir()
    (folder / NAME).write_text(f"---\nauthor: Ann\x9b\u202e\n---\n# {TITLE}\n\n{SAID}\n\n{PLAIN}\n")
    (folder / DAMAGED).write_bytes(b"\xef\xbb\xbfabc\xff")
    (folder / "wall\x1b.csv").write_text("stone\x1b[7m,height in metres\nred\u202e,4\nblue\x9b,6\n")
    return folder


def shown(arguments: list[str], tmp_path: Path, expected: int) -> str:
    """All that the command shows on a terminal."""
    with Terminal(
        arguments, {"RAG_INDEX_DIR": str(tmp_path / "index"), "OPENAI_LIKE_API_KEY": "x", "LC_ALL": "C.UTF-8"}
    ) as terminal:
        code, told = terminal.end()
    assert code == expected and "Traceback" not in told, told
    return told


def check(told: str) -> None:
    """Raw are a line's end and a tab, and what rich writes."""
    assert not re.search(r"\x1b\[(5m|7m|2J)", told)
    assert not RAW.findall(STYLED.sub("", told).replace("\r", "")), told


QUESTION = "How high is the Elmet tower in metres?"


@pytest.mark.slow
def test_no_command_lets_it_through(hostile: Path, tmp_path: Path) -> None:
    docs = ["--docs", str(hostile)]
    told = shown(["-vv", "ask", QUESTION, *docs, "--explain"], tmp_path, 0)
    assert "48 metres" in told and "tower␛]8;;http:␡" in told and "␛[5m" in told
    assert "torn␛[2J\ufffd\ufffd.txt: failed" in told  # the log, above the bar
    check(told)
    for arguments, code, said in (
        (["ask", QUESTION, *docs, "--each"], 0, "tower␛]8;;http:␡"),
        (["ask", QUESTION, *docs, "--each", "--csv", "-"], 0, "tower␛]8;;http:␡"),
        (["ask", "Which files are there?", *docs], 0, "tower␛]8"),
        (["ask", "Who wrote it?", *docs, "--source", NAME], None, ""),
        (["ask", QUESTION, *docs, "--source", DAMAGED], 2, "torn␛[2J"),
        (["ask", QUESTION, *docs, "--source", "none\x1b[1m"], 2, "none␛[1m"),
        (["ask", QUESTION, "--docs", f"{hostile}\x1b\x9b"], 2, "is not a folder"),
        (["ask", QUESTION, "--none\x1b[1m"], 2, "--none␛[1m"),
        (["sync", str(hostile), "--rebuild"], 3, "torn␛[2J"),
        (["status", *docs], 3, "torn␛[2J"),
        (["status", "--all"], 0, "docs␛"),
        (["doctor", *docs], 0, "docs␛[7m"),
        (["eval", "check", str(hostile / NAME), *docs], 2, "tower␛]8"),
    ):
        with Terminal(arguments, {"RAG_INDEX_DIR": str(tmp_path / "index")}) as terminal:
            found, told = terminal.end()
        assert code in (None, found) and said in told and "Traceback" not in told, told
        check(told)


@pytest.mark.slow
def test_json_on_a_terminal_loses_nothing(hostile: Path, tmp_path: Path) -> None:
    told = shown(["ask", QUESTION, "--docs", str(hostile), "--json"], tmp_path, 0)
    check(told)
    kept = json.loads(told[told.index("{\r\n") :])
    assert kept["citations"][0]["source"] == NAME and SAID in kept["citations"][0]["quote"]
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps(kept))
    check(shown(["verify", str(receipt), "--docs", str(hostile)], tmp_path, 0))
    kept["citations"][0]["source"] = f"../{NAME}"
    receipt.write_text(json.dumps(kept))
    told = shown(["verify", str(receipt), "--docs", str(hostile)], tmp_path, 2)
    assert "the receipt names ../tower␛]8" in told
    check(told)


@pytest.mark.slow
def test_a_language_model_s_text_is_shown(hostile: Path, tmp_path: Path) -> None:
    with FakeLLM("good", reply=f"\x1b[31m{SAID}\x1b]0;owned\x07 \ud800\u202e [1]") as fake:
        check(shown(["ask", QUESTION, "--docs", str(hostile), "--llm", fake.openai_like], tmp_path, 0))


@pytest.mark.slow
def test_to_a_file_csv_is_as_it_is(hostile: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--docs", str(hostile), "--each", "--csv", "-"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, env={"RAG_INDEX_DIR": str(tmp_path / "index"), "PYTHONPATH": str(ROOT)}
    )
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8-sig"), newline="")))
    assert NAME in {row["file"] for row in rows} and any(SAID in row["quote"] for row in rows)


def test_a_symbol_stands_for_each_character() -> None:
    text = "".join(map(chr, range(0x250))) + "\u202e\u2066\ud800 灯笼 \U0001f3ee"
    told = printable(text)
    assert len(told) == len(text) and not RAW.search(told) and printable(told) == told
    assert told.encode() and told[9:11] == "\t\n" and told[27] == "␛" and told[-4:] == text[-4:]


def test_json_is_valid_and_holds_every_character() -> None:
    text = "".join(map(chr, range(0x3000))) + "\ud800 灯笼 \U0001f3ee"
    written = to_json({text: [text]})
    assert (
        json.loads(written) == {text: [text]} and not RAW.search(written) and "灯笼" in written and printable(written) == written
    )


def test_streams_are_put_back(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout, sys.stderr
    with all_printable(), all_printable():
        print("a\x1bb", file=sys.stderr)
        sys.stdout.writelines(["c\x9b", "d\n"])
        assert not sys.stdout.isatty()
    assert (sys.stdout, sys.stderr) == before
    said = capsys.readouterr()
    assert (said.out, said.err) == ("c\ufffdd\n", "a␛b\n")


def test_a_stream_that_is_closed_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with all_printable():
        print("a\x1b")
        Console().print("b\x1b")
        assert sys.stdout is None


def test_what_is_drawn_keeps_its_width(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("file")
    table.add_row(Text("\x1b\x9ba " * 40, "bold"))
    table.add_row("e\x1bf")
    Console().print("a\x1bb", Text("c\x9bd"))
    Console().print(table)
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "a␛b c\ufffdd" and len(set(map(len, rows))) == 1 and "".join(rows).count("␛") == 41


def test_one_console_draws_all_that_is_drawn() -> None:
    files = [*ROOT.glob("rag/**/*.py"), *ROOT.glob("eval/**/*.py")]
    users = {
        path.relative_to(ROOT).as_posix() for path in files for name in imported(syntax_tree(path)) if name == "rich.console"
    }
    assert users == {"rag/terminal.py"}
