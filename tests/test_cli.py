import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import rag
from rag.config import Config
from rag.corpus.catalog import Catalog
from rag.errors import UsageError
from rag.shell.cli import main


@pytest.fixture(autouse=True)
def own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))


def test_ask_answers_with_the_place(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How high is the Elmet tower?", "--docs", str(docs)]) == 0
    out = capsys.readouterr().out
    assert "48 metres" in out and "tower.md:3" in out


def test_ask_json_is_one_object(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How high is the Elmet tower?", "--docs", str(docs), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    citation = answer["citations"][0]
    assert (docs / citation["source"]).read_text()[citation["start"] : citation["end"]] == citation["quote"]


def test_one_file_alone_is_asked(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ask = ["ask", "How high is the Elmet tower?", "--docs", str(docs)]
    assert main([*ask, "--source", "bridge.txt"]) == 1
    assert main([*ask, "--source", "tower.md", "--source", "bridge.txt"]) == 0
    assert main([*ask, "--source", "nowhere.txt"]) == 2
    assert "nowhere.txt is not an indexed file" in capsys.readouterr().err


def test_explain_adds_up_to_the_confidence(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How high is the Elmet tower?", "--docs", str(docs), "--explain"]) == 0
    out = capsys.readouterr().out
    assert "What the confidence is made of" in out and "margin" in out and "intercept" in out


def test_a_mended_word_is_told(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How high is the Elmett tower?", "--docs", str(docs)]) == 0
    assert "“Elmett” is in no file; read as “Elmet”." in capsys.readouterr().out


def test_the_items_of_a_list_are_shown_one_by_one(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (docs / "fair.txt").write_text("The fair has three halls: one for bread, one for cloth, and one for tin.")
    assert main(["ask", "What are the three halls of the fair?", "--docs", str(docs)]) == 0
    out = capsys.readouterr().out
    assert "• one for bread [1]" in out and "• one for tin [1]" in out


def test_not_in_the_documents_is_exit_one(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "Who discovered penicillin?", "--docs", str(docs)]) == 1
    assert "penicillin" in capsys.readouterr().out


def test_a_question_about_an_unchanged_folder_loads_no_framework(docs: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from rag.shell.cli import main; "
        "main(['ask', 'How high is the tower?']); "
        "sys.exit(str({'llama_index', 'chromadb', 'gradio'} & set(sys.modules)))"
    )
    environment = {**os.environ, "RAG_DOCS": str(docs), "RAG_INDEX_DIR": str(tmp_path / "index")}
    loaded = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False).stderr.strip()
        for _ in ("first", "then")
    ]
    assert "llama_index" in loaded[0] and loaded[1] == "set()"


def test_wrong_use_is_exit_two(docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "x", "--docs", str(tmp_path / "none")]) == 2
    assert main(["ask", " ", "--docs", str(docs)]) == 2
    with pytest.raises(SystemExit) as stop:
        main(["ask", "--nothing"])
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_failed_files_are_exit_three(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    assert main(["sync", str(docs)]) == 3
    assert "failed: torn.txt: starts like utf-8 but is damaged at byte 6" in capsys.readouterr().out
    assert main(["status", "--docs", str(docs)]) == 3


def test_broken_index_is_exit_four_and_rebuild_mends_it(docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", str(docs)]) == 0
    catalog = next((tmp_path / "index").glob("*/catalog.sqlite3"))
    Catalog.at(catalog).set_meta(schema="99")
    assert main(["sync", str(docs)]) == 4
    assert "rag sync --rebuild" in capsys.readouterr().err
    assert main(["sync", str(docs), "--rebuild"]) == 0


def test_a_damaged_index_is_mended_and_said(docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", str(docs)]) == 0
    next((tmp_path / "index").glob("*/catalog.sqlite3")).write_bytes(b"garbage" * 1000)
    assert main(["ask", "How high is the Elmet tower?", "--docs", str(docs)]) == 0
    said = capsys.readouterr()
    assert "48 metres" in said.out and "made anew from the files" in said.err


def test_the_command_alone_lists_what_it_can(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "answer a question, with its sources" in capsys.readouterr().err


def test_without_a_folder_the_sample_is_asked_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "What is the swap amount?"]) == 0
    assert "the five sample articles are asked" in capsys.readouterr().err


def test_a_receipt_is_held_against_the_folder_that_was_asked(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ask", "How high is the Elmet tower?", "--docs", str(docs), "--json"])
    printed = capsys.readouterr()
    assert "sample" not in printed.err
    kept = tmp_path / "kept.json"
    kept.write_text(printed.out, encoding="utf-8")
    assert main(["verify", str(kept)]) == 0
    assert str(docs) in capsys.readouterr().err
    assert main(["verify", str(kept), "--docs", str(tmp_path)]) == 1


def test_the_folder_is_an_argument_or_an_option(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "--docs", str(docs)]) == main(["sync", str(docs)]) == 0
    capsys.readouterr()
    for arguments in (["status", str(docs)], ["status", "--docs", str(docs)]):
        assert main(arguments) == 0
        assert "tower.md" in capsys.readouterr().out


def test_a_package_that_is_missing_is_told_apart_from_a_bad_file(
    docs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    (docs / "page.html").write_text("<html><body><main><p>The lighthouse is 30 metres high.</p></main></body></html>")
    assert main(["doctor", "--docs", str(docs)]) == 4
    assert main(["sync", str(docs)]) == 3
    assert "page.html: a package that reads such files is not there" in capsys.readouterr().out


def test_status_before_the_first_sync(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--docs", str(docs)]) == 0
    assert "not indexed yet" in capsys.readouterr().out


def test_answer_from_python_refreshes_the_index(docs: Path) -> None:
    question = "How high is the Elmet tower?"
    assert rag.answer(question, docs=docs).short == "48 metres"
    (docs / "tower.md").write_text("# The Elmet tower\n\nThe Elmet tower is 52 metres high since its new roof.\n")
    assert rag.answer(question, docs=docs).short == "52 metres"


def test_settings_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for values in ({"top_k": 0}, {"dense_weight": 2.0}, {"chunk_tokens": 240}, {"overlap_tokens": 100}, {"chroma_url": "x"}):
        with pytest.raises(UsageError):
            Config(**values)
    monkeypatch.setenv("RAG_THREADS", "many")
    with pytest.raises(UsageError, match="RAG_THREADS"):
        Config.from_environment()
    monkeypatch.setenv("RAG_THREADS", "3")
    assert Config.from_environment(docs="x").threads == 3


def test_the_fingerprint_covers_exactly_the_settings_that_change_the_index() -> None:
    plain = Config()
    others = {"docs": "x", "index_dir": "x", "chroma_url": "http://x:1", "min_confidence": 0.5, "llm": "ollama:x", "threads": 1}
    others |= {"catalog_url": "postgresql://x/y"}
    others |= {name: value / 2 for name, value in vars(plain).items() if isinstance(value, float)}
    others |= {name: value - 1 for name, value in vars(plain).items() if isinstance(value, int) and value}
    assert set(others) == set(vars(plain))
    changing = {name for name, value in others.items() if replace(plain, **{name: value}).fingerprint() != plain.fingerprint()}  # type: ignore[arg-type]
    assert changing == {"max_file_bytes", "chunk_tokens", "overlap_tokens", "context_tokens"}
