"""Where things lie: the same index for the same folder however it is named, for its owner alone, and never in the folder itself."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rag.config import Config
from rag.places import eval_folder, index_folder, indexes_folder, make_private, rooms_folder
from rag.shell.cli import BROKEN, main
from tests.conftest import ROOT


def test_by_itself_all_lies_in_the_user_s_cache_and_data_folders(docs: Path) -> None:
    cache, data = (Path(os.environ[name]) / "chapter-verse" for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"))
    config = Config(docs=docs)
    assert index_folder(config).parent == indexes_folder(config) == cache / "indexes"
    assert eval_folder(config) == cache / "eval"
    assert rooms_folder(config) == data / "rooms" / index_folder(config).name


def test_with_an_index_dir_all_lies_below_it(docs: Path, tmp_path: Path) -> None:
    config = Config(docs=docs, index_dir=tmp_path / "kept")
    assert all((tmp_path / "kept") in each(config).parents for each in (index_folder, rooms_folder, eval_folder))


def test_one_folder_has_one_index_and_two_have_two(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(docs=docs)
    (tmp_path / "link").symlink_to(docs)
    for directory, name in ((tmp_path, "docs"), (docs, "."), (tmp_path, "link"), (docs, "../link/../docs")):
        monkeypatch.chdir(directory)
        assert index_folder(Config(docs=name)) == index_folder(config), (directory, name)
    other = tmp_path / "other" / "docs"
    other.mkdir(parents=True)
    assert index_folder(replace(config, docs=other)) != index_folder(config)
    assert rooms_folder(replace(config, docs=other)) != rooms_folder(config)


def test_what_is_made_is_its_owner_s_alone(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    make_private(tmp_path / "there" / "kept" / "deeper")
    assert main(["sync", str(docs), "--index-dir", str(tmp_path / "there" / "index")]) == 0
    made = ["kept", "kept/deeper", "index", f"index/{index_folder(Config(docs=docs)).name}"]
    assert {stat.S_IMODE((tmp_path / "there" / name).stat().st_mode) for name in made} == {0o700}
    assert stat.S_IMODE((tmp_path / "there").stat().st_mode) == 0o755


@pytest.mark.parametrize("command", ["ask", "sync", "doctor"])
def test_a_place_that_cannot_be_written_is_named(
    docs: Path, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    asked = {"ask": ["How high is it?", "--docs", str(docs)], "sync": [str(docs)], "doctor": ["--docs", str(docs)]}[command]
    assert main([command, *asked, "--index-dir", str(tmp_path / "file" / "index")]) == BROKEN
    captured = capsys.readouterr()
    said = " ".join((captured.out + captured.err).replace("│", " ").split())
    assert "cannot be written" in said and "--index-dir" in said
    assert command == "doctor" or str(tmp_path / "file" / "index") in said


def test_nothing_is_written_into_the_folder_of_documents(docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(docs)
    before = sorted(docs.rglob("*"))
    assert main(["ask", "How high is the Elmet tower?", "--docs", "."]) == 0
    assert sorted(docs.rglob("*")) == before
    assert index_folder(Config(docs=docs)).is_dir()


def test_a_question_writes_nothing_but_its_index_into_a_home(docs: Path, tmp_path: Path) -> None:
    (home := tmp_path / "home").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_") and name != "ORT_DISABLE_TELEMETRY"}
    ask = [sys.executable, "-m", "rag", "ask", "How high is the Elmet tower?", "--docs", str(docs)]
    subprocess.run(ask, check=True, cwd=tmp_path, env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT)}, capture_output=True)
    (cache,) = (path for path in home.rglob("indexes"))
    assert [path for path in home.rglob("*") if path.is_file() and cache not in path.parents] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "home"]
