"""What the README says is run here."""

import re
from pathlib import Path

import pytest

from rag.answers import Answer
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.chdir(ROOT)
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example is not None
    names: dict[str, object] = {}
    exec(compile(example[1], "README.md", "exec"), names)
    answer = names["a"]
    assert isinstance(answer, Answer) and answer.short == "950"


def test_its_commands_and_files_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for name in re.findall(r"`((?:rag|eval|training|tests)/[\w./-]*)`", README):
        assert (ROOT / name).exists(), name
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().endswith("make test")
