"""An index that is written, damaged, or cannot be written: a question is answered all the same, and from a whole generation."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from rag.config import Config
from rag.corpus.deadlines import within
from rag.corpus.held import Held, parse, told
from rag.corpus.kept import CATALOG
from rag.corpus.sealed import Scratch, check, seal, sweep
from rag.errors import IndexDamaged, IndexLocked
from rag.formats.document import Document
from rag.formats.readers import READERS
from rag.messages import Reason
from rag.pipeline import Rag
from rag.shell.cli import main
from rag.web.rooms import UPLOADS, Room, Rooms
from tests.conftest import BOTH_CATALOGS, ROOT
from tests.damage_harness import ROWS

QUESTION, SHORT = "How high is the Elmet tower?", "48 metres"
Open = Callable[[], Rag]


@pytest.fixture
def open_rag(docs: Path, tmp_path: Path, library: Rag, catalog_url: str | None) -> Iterator[Open]:
    """Another Rag of the same index each time; the models are those of `library`."""
    opened: list[Rag] = []

    def make() -> Rag:
        config = Config(docs=docs, index_dir=tmp_path / "index", catalog_url=catalog_url, lock_timeout_seconds=0.2)
        opened.append(Rag(config, models=library))
        return opened[-1]

    yield make
    for rag in opened:
        rag.close()


def found(rag: Rag) -> list[tuple[str, float]]:
    """The store's arithmetic differs from ours in the sixth digit."""
    return [(p.chunk_id, round(p.score, 3)) for p in rag.retrieve(QUESTION)]


# readers and writers


@BOTH_CATALOGS
def test_a_snapshot_is_whole_for_as_long_as_it_is_held(open_rag: Open, docs: Path) -> None:
    rag, writer = open_rag(), open_rag()
    rag.sync()
    snapshot = rag.retriever.snapshot()
    before = found(rag)
    (docs / "tower.md").unlink()
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")
    for written in (writer, rag):
        written.sync()
    passages = rag.retriever.search(rag._checked_question(QUESTION), 10, snapshot)
    assert [(p.chunk_id, round(p.score, 3)) for p in passages] == before
    assert {p.source for p in rag.retrieve(QUESTION)} == {"bridge.txt", "mill.txt"}


def test_a_generation_whose_vectors_are_not_in_the_store_yet_is_searched_all_the_same(open_rag: Open, docs: Path) -> None:
    rag = open_rag()
    rag.sync()
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")

    def stop(step: str, done: int, total: int) -> None:
        if step == "store":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rag.sync(stop)
    assert rag.retriever.snapshot().dense._opened is None
    compared = rag.retrieve(QUESTION)
    rag.sync()
    assert rag.retriever.snapshot().dense._opened is not None
    searched = rag.retrieve(QUESTION)
    assert [p.chunk_id for p in searched] == [p.chunk_id for p in compared] and len(compared) == 3
    assert [p.score for p in searched] == pytest.approx([p.score for p in compared], abs=1e-4)


@BOTH_CATALOGS
def test_closing_does_not_take_the_store_from_a_question(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    snapshot = rag.retriever.snapshot()
    rag.close()
    assert rag.retriever.search(rag._checked_question(QUESTION), 1, snapshot)[0].source == "tower.md"


@BOTH_CATALOGS
def test_a_server_that_has_gone_on_is_not_asked_for_an_older_generation(
    open_rag: Open, docs: Path, server: str, catalog_url: str | None
) -> None:
    for number in range(10):  # so many that the collection is not made anew for one that goes
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    config = Config(docs=docs, index_dir=docs.parent / "served", chroma_url=server, catalog_url=catalog_url)
    with Rag(config, models=open_rag()._models) as rag, Rag(config, models=open_rag()._models) as writer:
        rag.sync()
        asked = rag._checked_question("塔有多高？")  # no word of it is in the files: the vectors alone find them
        snapshot = rag.retriever.snapshot()
        before = rag.retriever.search(asked, 10, snapshot)
        (docs / "tower.md").unlink()
        writer.sync()
        after = rag.retriever.search(asked, 10, snapshot)
        assert [p.chunk_id for p in after] == [p.chunk_id for p in before] and "tower.md" in {p.source for p in after}
        assert [p.score for p in after] == pytest.approx([p.score for p in before], abs=1e-4)


@BOTH_CATALOGS
def test_a_question_does_not_wait_for_a_writer_and_says_so(
    docs: Path, tmp_path: Path, catalog_url: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("RAG_CATALOG_URL", catalog_url or "")
    assert main(["sync", str(docs)]) == 0
    lock = next((tmp_path / "index").glob("*/write.lock"))
    (docs / "tower.md").rename(docs / "spire.md")
    with FileLock(lock):
        began = time.monotonic()
        assert main(["ask", "Who built the Marlow bridge?", "--docs", str(docs)]) == 0
        assert time.monotonic() - began < Config().lock_timeout_seconds
    said = capsys.readouterr()
    assert "Tierney Clark" in said.out and "is being written by process" in said.err and "last whole" in said.err


@BOTH_CATALOGS
def test_without_a_generation_the_first_writer_is_waited_for(open_rag: Open, docs: Path, tmp_path: Path) -> None:
    rag = open_rag()
    with FileLock(rag.indexer.folder / "write.lock"):
        with pytest.raises(IndexLocked):
            rag.refresh()
        with pytest.raises(IndexLocked):
            rag.sync(rebuild=True)
    report, unwritten = rag.refresh()
    assert report and not unwritten


def test_a_sync_with_nothing_to_do_leaves_the_index_as_it_is(open_rag: Open, docs: Path) -> None:
    aged(docs, 1)
    rag = open_rag()
    rag.sync()
    rag.close()

    def all_files() -> dict[str, bytes]:
        paths = [path for path in rag.indexer.folder.rglob("*") if path.is_file() and not path.name.startswith("write.")]
        return {str(path): path.read_bytes() for path in paths}

    before = all_files()
    again = open_rag()
    again.sync()
    again.close()
    assert all_files() == before


@pytest.mark.slow
def test_a_crowd_is_answered_while_the_index_is_written() -> None:
    command = [sys.executable, "-m", "tests.crowd_harness", "10", "1", "1"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    told = json.loads(result.stdout)
    assert result.returncode == 0, told
    assert told["syncs"] > 1 and told["asked"] > 10


# damage


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not stored"])
@pytest.mark.parametrize("name", ROWS)
def test_rows_that_are_not_as_they_were_written_are_not_believed(open_rag: Open, docs: Path, name: str, stored: bool) -> None:
    rag = open_rag()
    rag.sync()
    before = found(rag)
    rag.close()
    folder = rag.indexer.folder
    if not stored:
        shutil.rmtree(folder / rag.indexer.mirror.held().name)
    ROWS[name](folder)
    again = open_rag()
    assert found(again) == before and again.answer(QUESTION).short == SHORT
    again.sync()
    assert found(again) == before


@pytest.mark.parametrize(
    ("row", "embedded", "said"),
    [("vectors: one gone", 1, "vectors are missing"), ("chunks: one gone", 0, "made anew from the files")],
)
def test_a_row_that_is_gone_is_noticed_and_what_was_embedded_is_not_embedded_again(
    open_rag: Open, row: str, embedded: int, said: str
) -> None:
    rag = open_rag()
    rag.sync()
    rag.close()
    ROWS[row](rag.indexer.folder)
    report = open_rag().sync()
    assert report.embedded == embedded and said in report.notes[0]


def test_another_catalog_in_the_place_of_one_that_is_open_is_noticed(open_rag: Open, docs: Path) -> None:
    reader, writer = open_rag(), open_rag()
    reader.sync()
    assert found(reader)
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")
    writer.sync(rebuild=True)
    assert "mill.txt" in {p.source for p in reader.retrieve("Which mill has nine wheels?")}
    shutil.rmtree(writer.indexer.folder)
    assert reader.answer(QUESTION).short == SHORT


@pytest.mark.slow
def test_every_damage_of_a_file_ends_well() -> None:
    command = [sys.executable, "-m", "tests.damage_harness", "5", "catalog", "chroma", "folder", "open", "write"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert result.returncode == 0, result.stdout


def test_a_record_of_the_store_that_is_none_is_left_out() -> None:
    for text in ("", "{", "[]", "3", "null", '{"name": 3}', '{"x": ""}', '{"files": []}', '["x", 3, null, {"among": {}}]'):
        assert parse(text) == []
    assert parse('{"name": "chroma-1", "generation": 4}') == [Held("chroma-1", generation=4)]
    several = [Held("cv-1", "http://a:1", 3, among=["http://a:1", "http://b:1"]), Held("cv-2", "http://b:1", 2)]
    assert parse(told(several)) == several and parse(told(several[0])) == several[:1]


# sealed folders


def test_a_sealed_folder_is_told_whole_or_damaged(tmp_path: Path) -> None:
    (tmp_path / "made" / "in").mkdir(parents=True)
    (tmp_path / "made" / "in" / "a").write_bytes(b"12345")
    manifest = seal(tmp_path / "made", tmp_path / "sealed")
    check(tmp_path / "sealed", manifest, tmp_path / "copy")
    assert (tmp_path / "copy" / "in" / "a").read_bytes() == b"12345"
    inner = tmp_path / "sealed" / "in" / "a"
    for damage in (b"12346", b"1234", b""):
        inner.write_bytes(damage)
        with pytest.raises(IndexDamaged, match="as it was written"):
            check(tmp_path / "sealed", manifest)
    inner.write_bytes(b"12345")
    check(tmp_path / "sealed", manifest)
    (tmp_path / "sealed" / "b").touch()
    with pytest.raises(IndexDamaged, match="others"):
        check(tmp_path / "sealed", manifest)


def test_what_a_dead_process_left_is_swept_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    used = Scratch(tmp_path)
    code = f"import os; from pathlib import Path; from rag.corpus.sealed import Scratch; s = Scratch(Path({str(tmp_path)!r})); os._exit(0)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [used.path]
    path = used.path
    del used
    assert not path.exists()


def test_a_call_that_takes_too_long_is_stopped() -> None:
    ended = threading.Event()

    def call() -> None:
        try:
            while True:
                pass
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        within(0.05, call)
    assert ended.wait(60)


def test_a_file_that_takes_too_long_is_one_file_s_reason(open_rag: Open, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, free = READERS[".txt"], threading.Event()

    def read(content: bytes) -> Document:
        if b"endless" in content:
            free.wait()
        return given(content)

    monkeypatch.setitem(READERS, ".txt", read)
    monkeypatch.setattr("rag.corpus.rows.MAX_FILE_SECONDS", 2.0)
    (docs / "endless.txt").write_text("This is endless.")
    rag = open_rag()
    [slow] = rag.sync().in_state("failed")
    free.set()
    assert slow.source == "endless.txt" and slow.reason == Reason("too slow", {"seconds": 2.0})
    assert rag.answer(QUESTION).short == SHORT


# rooms


@pytest.fixture
def rooms(open_rag: Open) -> Rooms:
    rag = open_rag()
    rag.sync()
    rooms = Rooms(rag)
    rooms.path.mkdir(parents=True)
    return rooms


def aged(path: Path, days: int) -> None:
    for each in [*path.rglob("*"), path]:
        os.utime(each, (time.time() - days * 86400,) * 2, follow_symlinks=False)


def test_what_is_no_room_stops_no_sweep(rooms: Rooms) -> None:
    (rooms.path / ".DS_Store").write_bytes(b"x")
    (rooms.path / "dangling").symlink_to(rooms.path / "nowhere")
    for name in ("old", "used"):
        (rooms.path / name / "files").mkdir(parents=True)
        (rooms.path / name / "files" / "a.txt").write_text("A.")
        aged(rooms.path / name, 40)
    os.utime(rooms.path / "used" / "files" / "a.txt")
    aged(rooms.path / ".DS_Store", 40)
    rooms.sweep()
    assert sorted(path.name for path in rooms.path.iterdir()) == [".DS_Store", "dangling", "used"]


@pytest.mark.parametrize("damage", ["rows", "garbage", "newer"])
def test_a_room_with_a_damaged_index_mends_itself(rooms: Rooms, damage: str) -> None:
    key = "0" * 32
    room = rooms.enter(key)
    room.files.mkdir(parents=True)
    (room.files / "mill.txt").write_text("The Otley mill has nine wheels.")
    room.sync()
    own = room.rag(UPLOADS)
    room.close()
    if damage == "rows":
        ROWS["chunks: all gone"](own.indexer.folder)
    if damage == "garbage":
        (own.indexer.folder / CATALOG).write_bytes(b"garbage" * 1000)
    if damage == "newer":
        own.indexer.catalog.set_meta(schema="99")
        own.close()
    again = Room(rooms.shared, room.path)
    assert again.rag(UPLOADS).status()["files"][0]["chunks"] == 1
    assert again.ask("How many wheels has the Otley mill?").answer.short == "nine"
    again.close()
