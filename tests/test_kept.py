"""An index follows its documents when they are moved, never another's; and it can be listed and forgotten."""

import json
import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.config import Config
from rag.corpus import kept
from rag.corpus.catalog import Catalog
from rag.corpus.kept import CATALOG, docs_of, writing
from rag.pipeline import Rag
from rag.places import index_folder, rooms_folder
from rag.reports import SyncReport
from rag.shell.cli import main
from rag.shell.keeping import all_kept

Sync = Callable[[Path], SyncReport]


@pytest.fixture
def sync(tmp_path: Path, library: Rag) -> Sync:
    """Sync a folder, its index below the test's own."""

    def synced(docs: Path) -> SyncReport:
        with Rag(Config(docs=docs, index_dir=tmp_path / "index"), models=library) as rag:
            return rag.sync()

    return synced


def indexes(tmp_path: Path) -> list[str]:
    return sorted(path.parent.name for path in (tmp_path / "index").glob(f"*/{CATALOG}"))


def test_moved_documents_keep_their_index_and_rooms(docs: Path, tmp_path: Path, sync: Sync) -> None:
    assert sync(docs).embedded > 0
    old, new = (
        Config(docs=docs, index_dir=tmp_path / "index"),
        Config(docs=tmp_path / "moved" / "files", index_dir=tmp_path / "index"),
    )
    room = rooms_folder(old) / "0123"
    room.mkdir(parents=True)
    (room / "questions-folder.jsonl").write_text("{}\n")
    (tmp_path / "moved").mkdir()
    docs.rename(new.docs)
    report = sync(Path(new.docs))
    assert report.embedded == 0 and report.counts["unchanged"] == 2
    assert report.notes == (f"the documents lay in {docs}; their index was taken over",)
    assert indexes(tmp_path) == [index_folder(new).name]
    assert (rooms_folder(new) / "0123" / "questions-folder.jsonl").read_text() == "{}\n"
    assert sync(Path(new.docs)).notes == ()


def test_a_copy_elsewhere_is_known_by_what_it_holds(docs: Path, tmp_path: Path, sync: Sync) -> None:
    """Other times and inodes, a file more, and one changed."""
    (docs / "mill.txt").write_text("The Garth mill was built in 1702 and grinds barley for the valley.\n")
    sync(docs)
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in docs.iterdir():
        (moved / path.name).write_bytes(path.read_bytes())
    shutil.rmtree(docs)
    (moved / "new.txt").write_text("The Ashby lake is 31 metres deep and lies north of the village.\n")
    (moved / "bridge.txt").write_text("The Marlow bridge was closed in 1960.\n")
    report = sync(moved)
    assert report.embedded == 2 and "taken over" in report.notes[0]


def test_the_index_of_a_folder_that_is_there_is_never_taken(docs: Path, tmp_path: Path, sync: Sync) -> None:
    sync(docs)
    shutil.copytree(docs, tmp_path / "copy")
    report = sync(tmp_path / "copy")
    assert report.embedded == report.chunks and not report.notes
    assert len(indexes(tmp_path)) == 2 and sync(docs).counts["unchanged"] == 2


def test_the_index_of_other_files_is_not_taken(docs: Path, tmp_path: Path, sync: Sync) -> None:
    """One file of three is the same, in either."""
    (docs / "mill.txt").write_text("The Garth mill was built in 1702.\n")
    sync(docs)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(docs / "tower.md", other)
    shutil.rmtree(docs)
    for name in ("lake", "hall"):
        (other / f"{name}.txt").write_text(f"The Ashby {name} was sold in 1880.\n")
    assert not sync(other).notes and len(indexes(tmp_path)) == 2
    small = tmp_path / "small"
    small.mkdir()
    shutil.copy(other / "tower.md", small)
    assert not sync(small).notes, "one file of three, and all that there is"


def test_an_index_that_is_written_or_open_is_not_taken(docs: Path, tmp_path: Path, sync: Sync) -> None:
    sync(docs)
    old = index_folder(Config(docs=docs, index_dir=tmp_path / "index"))
    docs.rename(tmp_path / "first")
    with writing(old, 0):
        assert sync(tmp_path / "first").embedded > 0
    (tmp_path / "first").rename(tmp_path / "second")
    held = [kept.hold(old), kept.hold(index_folder(Config(docs=tmp_path / "first", index_dir=tmp_path / "index")))]
    assert sync(tmp_path / "second").embedded > 0 and len(indexes(tmp_path)) == 3
    (tmp_path / "second").rename(tmp_path / "third")
    held.clear()
    assert sync(tmp_path / "third").embedded == 0 and len(indexes(tmp_path)) == 3


@pytest.mark.parametrize("at", ["set_meta", "rename"])
def test_killed_while_it_changes_hands_it_is_found_again(
    docs: Path, tmp_path: Path, sync: Sync, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(docs)
    docs.rename(tmp_path / "moved")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalog if at == "set_meta" else Path, at, killed)
        with pytest.raises(KeyboardInterrupt):
            sync(tmp_path / "moved")
    report = sync(tmp_path / "moved")
    assert report.embedded == 0 and report.notes == (f"the documents lay in {docs}; their index was taken over",)
    assert len(indexes(tmp_path)) == 1


def _sync_there(docs: Path, index: Path, gate: "multiprocessing.synchronize.Barrier", told: "multiprocessing.Queue[int]") -> None:
    gate.wait()
    with Rag(Config(docs=docs, index_dir=index)) as rag:
        told.put(rag.sync().embedded)


def test_two_at_once_embed_nothing_twice(docs: Path, tmp_path: Path, sync: Sync) -> None:
    sync(docs)
    docs.rename(tmp_path / "moved")
    spawn = multiprocessing.get_context("spawn")
    gate, told = spawn.Barrier(3), spawn.Queue()
    there = [spawn.Process(target=_sync_there, args=(tmp_path / "moved", tmp_path / "index", gate, told)) for _ in range(3)]
    for process in there:
        process.start()
    assert [told.get(timeout=60) for _ in there] == [0, 0, 0]
    for process in there:
        process.join()
    (name,) = indexes(tmp_path)
    catalog = Catalog.at(tmp_path / "index" / name / CATALOG)
    assert docs_of(catalog) == tmp_path / "moved"
    catalog.close()


def shell(index: Path, *arguments: str) -> int:
    return main([*arguments, "--index-dir", str(index)])


def room_of(docs: Path, index: Path) -> Path:
    """A room with an uploaded file and a test case."""
    room = rooms_folder(Config(docs=docs, index_dir=index)) / "0123"
    (room / "files").mkdir(parents=True)
    (room / "files" / "lake.txt").write_text("The Ashby lake is 31 metres deep.\n")
    (room / "questions-folder.jsonl").write_text("{}\n")
    return room


def test_all_that_is_kept_is_listed(docs: Path, tmp_path: Path, sync: Sync, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(docs, tmp_path / "gone")
    sync(docs)
    sync(tmp_path / "gone")
    room_of(tmp_path / "gone", tmp_path / "index")
    shutil.rmtree(tmp_path / "gone")
    assert shell(tmp_path / "index", "status", "--all", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    facts = {each["docs"]: (each["gone"], each["files"], each["rooms"], each["uploads"], each["cases"]) for each in told["kept"]}
    assert facts == {str(docs): (False, 2, 0, 0, 0), str(tmp_path / "gone"): (True, 2, 1, 1, 1)}
    for each in told["kept"]:
        assert each["index_bytes"] == sum(p.stat().st_size for p in Path(each["index"]).rglob("*") if p.is_file()) > 0
        assert each["chunks"] == 2 and each["indexed_at"] > "2026"
    assert told["places"]["rooms"]["bytes"] == len("The Ashby lake is 31 metres deep.\n{}\n")
    next((tmp_path / "index").glob(f"docs-*/{CATALOG}")).write_bytes(b"garbage" * 100)
    assert shell(tmp_path / "index", "status", "--all") == 0
    shown = capsys.readouterr().out
    assert "(gone)" in shown and "cannot be read" in " ".join(shown.replace("│", " ").split())


def test_forgetting_a_folder_deletes_what_is_kept_of_it_alone(
    docs: Path, tmp_path: Path, sync: Sync, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(docs, tmp_path / "gone")
    sync(docs)
    sync(tmp_path / "gone")
    rooms = [room_of(folder, tmp_path / "index") for folder in (docs, tmp_path / "gone")]
    shutil.rmtree(tmp_path / "gone")
    before = {path: path.read_bytes() for path in docs.rglob("*")}
    assert shell(tmp_path / "index", "forget", str(tmp_path / "gone")) == 2
    assert len(indexes(tmp_path)) == 2 and rooms[1].exists()
    capsys.readouterr()
    assert shell(tmp_path / "index", "forget", str(tmp_path / "gone"), "--yes") == 0
    assert "1 with 0 conversations, 1 uploaded files and 1 test cases" in capsys.readouterr().out
    assert [*map(Path.exists, rooms)] == [True, False] and sync(docs).counts["unchanged"] == 2
    assert [each.docs for each in all_kept(Config(index_dir=tmp_path / "index"))] == [str(docs)]
    assert shell(tmp_path / "index", "forget", str(tmp_path / "gone"), "--yes") == 2
    assert shell(tmp_path / "index", "forget", str(docs), "--yes") == 0
    assert [*all_kept(Config(index_dir=tmp_path / "index"))] == [] and not rooms[0].exists()
    assert {path: path.read_bytes() for path in docs.rglob("*")} == before


@pytest.mark.parametrize(("said", "left"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_is_asked(
    docs: Path, tmp_path: Path, sync: Sync, said: str, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(docs)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: said)
    assert shell(tmp_path / "index", "forget", str(docs)) == 0
    assert len(indexes(tmp_path)) == left


def test_what_is_written_or_served_is_not_forgotten(
    docs: Path, tmp_path: Path, sync: Sync, library: Rag, capsys: pytest.CaptureFixture[str]
) -> None:
    sync(docs)
    with writing(index_folder(Config(docs=docs, index_dir=tmp_path / "index")), 0):
        assert shell(tmp_path / "index", "forget", str(docs), "--yes") == 4
    with Rag(Config(docs=docs, index_dir=tmp_path / "index"), models=library) as rag:
        held = rag.hold()
        assert shell(tmp_path / "index", "forget", str(docs), "--yes") == 4
        del held
    assert "open in another process" in capsys.readouterr().err
    assert len(indexes(tmp_path)) == 1 and sync(docs).counts["unchanged"] == 2


def test_vectors_on_a_server_go_too(
    docs: Path, tmp_path: Path, library: Rag, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index", chroma_url=server), models=library) as rag:
        rag.sync()
        assert rag.indexer.mirror.servers
        name, store = rag.indexer.mirror.held().name, rag.indexer.mirror.servers.all[0].store
        assert store.has(name)
        monkeypatch.setenv("RAG_CHROMA_URL", server)
        assert shell(tmp_path / "index", "forget", str(docs), "--yes") == 0
        assert not store.has(name)
