"""What is logged: a line a stage, at INFO, without a word of a question or an answer; and nothing shown unless it is asked for."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.config import Config
from rag.pipeline import Rag
from rag.shell.cli import main
from rag.testing.fake_llm import FakeLLM
from tests.conftest import ROOT

QUESTION = "How high is the Elmet tower?"
WORDS = ("high", "elmet", "tower", "48 metres", "metres")
"""Of the question and of its answer; file names are left out of what is looked through."""
KEY = "sk-sesame-1832"


@pytest.fixture(autouse=True)
def own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))


def above_debug(records: list[logging.LogRecord]) -> list[str]:
    return [record.getMessage() for record in records if record.levelno > logging.DEBUG]


def stages(lines: list[str]) -> list[str]:
    return [re.split(r"[: ]", line, maxsplit=1)[0] for line in lines]


def named(line: str) -> bool:
    return any(re.search(rf"\b{word}\b", line, re.IGNORECASE) for word in WORDS)


def test_each_stage_is_a_line_and_words_are_for_debug_alone(
    docs: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_LIKE_API_KEY", KEY)
    caplog.set_level(logging.DEBUG, logger="rag")
    with FakeLLM() as fake, Rag(Config(docs=docs, index_dir=tmp_path / "own", llm=fake.openai_like)) as rag:
        rag.sync()
        synced = above_debug(caplog.records)
        caplog.clear()
        assert rag.answer(QUESTION).short == "48 metres"
    assert stages(synced) == ["scan", "read", "embed", "commit", "words", "store", "sync"]
    answered = above_debug(caplog.records)
    assert stages(answered) == ["search", "read", "check", "answered", "write", "write"]
    assert not any(named(line) for line in synced + answered)
    assert any(QUESTION in record.getMessage() and "48 metres" in record.getMessage() for record in caplog.records)
    assert KEY not in caplog.text and {record.name.partition(".")[0] for record in caplog.records if "rag" in record.name} == {
        "rag"
    }


def test_a_model_that_fails_is_a_warning_without_its_words(
    docs: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_LIKE_API_KEY", KEY)
    caplog.set_level(logging.INFO, logger="rag")
    with FakeLLM("500") as fake, Rag(Config(docs=docs, index_dir=tmp_path / "own", llm=fake.openai_like)) as rag:
        assert rag.answer(QUESTION).engine == "reader"
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warned) == 4 and all("The model's server answered with 500" in line for line in warned)
    assert not any(named(line) for line in above_debug(caplog.records)) and KEY not in caplog.text


def test_nothing_is_shown_unless_it_is_asked_for(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--docs", str(docs)]) == 0
    assert capsys.readouterr().err == ""
    for command in (["-v", "ask", QUESTION], ["ask", QUESTION, "--verbose"]):
        assert main([*command, "--docs", str(docs)]) == 0
        said = capsys.readouterr().err
        assert said.count("rag.corpus.indexing scan: 2 files") == 1 and "rag.asking answered with confidence" in said
        assert not any(named(line) for line in said.splitlines())
    assert main(["-v", "ask", QUESTION, "-v", "--docs", str(docs)]) == 0
    assert QUESTION in capsys.readouterr().err
    assert main(["sync", str(docs)]) == 0
    assert capsys.readouterr().err == ""


def test_a_program_without_handlers_sees_no_line_either() -> None:
    code = "import logging, rag; logging.getLogger('rag.pipeline').warning('seen')"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT).stderr == b""
