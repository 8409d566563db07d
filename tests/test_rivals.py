"""Comparing search tools: what needs none of the others' packages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import pytest
from rich.console import Console

from eval import rivals
from eval.rivals import RememberingEncoder, Search, Tool, disk_bytes, installed, measure, table
from rag.errors import UsageError

TEXTS = ("The bridge was opened in 1932.", "The mill grinds rye and wheat.", "The school has four hundred pupils.")
QUESTIONS = ("When was the bridge opened?", "What does the mill grind?", "How many pupils are there?")


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    paragraphs = [{"context": text, "qas": [{"question": question}]} for text, question in zip(TEXTS, QUESTIONS)]
    path = tmp_path / "three.en.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs[:2]}, {"paragraphs": paragraphs[2:]}]}), encoding="utf-8")
    return path


@contextmanager
def _alphabetical(docs: Path, encoder: RememberingEncoder) -> Iterator[Search]:
    names = sorted(path.name for path in docs.iterdir())
    encoder.embed(names)
    yield lambda question: names


def test_recall_is_the_share_of_questions_whose_own_text_is_among_the_first(squad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rivals.TOOLS, "alphabetical", Tool(("rich",), _alphabetical))
    found = measure("alphabetical", [squad])
    assert (found["recall@1 en"], found["recall@5 en"]) == (pytest.approx(1 / 3), 1.0)
    assert (found["texts"], found["chunks"]) == (3, 3), "the warm-up is not counted"
    assert found["version"] == metadata.version("rich")


@pytest.mark.parametrize("tool", ["ours", "llama-index"])
def test_tools_at_hand_find_the_text_that_answers(tool: str, squad: Path) -> None:
    found = measure(tool, [squad])
    assert found["recall@1 en"] == 1.0
    assert found["chunks"] == 3
    assert found["texts indexed per CPU s"] > 0


def test_a_missing_package_is_named_with_the_command_that_installs_it(squad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rivals.TOOLS, "absent", Tool(("no-such-package-here",), _alphabetical))
    with pytest.raises(UsageError, match=r"absent needs no-such-package-here: pip install no-such-package-here numpy"):
        measure("absent", [squad])


def test_packages_are_counted_with_what_they_require_and_no_others() -> None:
    assert set(installed(["rich"])) == {"rich", "markdown-it-py", "mdurl", "pygments"}
    assert "mcp" in installed(["gradio[mcp]"])
    assert disk_bytes([metadata.distribution("rich")]) > 100_000


def test_a_question_is_embedded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = RememberingEncoder()
    first = encoder.embed_question(QUESTIONS[0])
    monkeypatch.setattr(RememberingEncoder, "as_it_is", None)
    assert encoder.embed_question(QUESTIONS[0]) is first


def test_the_table_has_a_column_for_each_tool_and_a_dash_where_a_figure_is_missing() -> None:
    console = Console(width=80)
    with console.capture() as shown:
        console.print(table([{"tool": "a", "recall": 0.25, "texts": 3}, {"tool": "b", "recall": 0.5}]))
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown.get().splitlines() if "│" in line]
    assert rows == [["recall", "0.250", "0.500"], ["texts", "3", "–"]]
