"""An index follows its documents when they are moved, never another's; and it can be listed and forgotten."""

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
    catalog = Catalog(tmp_path / "index" / name / CATALOG)
    assert docs_of(catalog) == tmp_path / "moved"
    catalog.close()
