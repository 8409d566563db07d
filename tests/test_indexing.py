import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow
from rag.corpus.indexing import Indexer
from rag.corpus.mirror import OpenStore
from rag.corpus.store import ChromaStore
from rag.errors import IndexBroken, IndexLocked, UsageError
from rag.pipeline import Rag
from rag.reports import SyncReport
from rag.search.dense import DenseIndex
from tests.conftest import BOTH_CATALOGS, ROOT

Open = Callable[..., Rag]


@pytest.fixture
def open_rag(docs: Path, tmp_path: Path, catalog_url: str | None) -> Iterator[Open]:
    opened: list[Rag] = []

    def make(**values: object) -> Rag:
        given = {"docs": docs, "index_dir": tmp_path / "index", "catalog_url": catalog_url, "lock_timeout_seconds": 0.2}
        rag = Rag(Config(**{**given, **values}))  # type: ignore[arg-type]
        opened.append(rag)
        return rag

    yield make
    for rag in opened:
        rag.close()


def states(report: SyncReport) -> dict[str, str]:
    return {file.source: file.state for file in report.files}


def held_ids(indexer: Indexer) -> set[str]:
    if indexer.mirror.servers:
        held = indexer.mirror.servers.held()
        return set().union(*(server.store.ids(held[server.place].name) for server in indexer.mirror.servers.all))
    opened = indexer.mirror.open(indexer.catalog.pinned(), indexer.embedding.model.fingerprint)
    assert isinstance(opened, OpenStore)
    return opened.store.ids(opened.name)


@BOTH_CATALOGS
def test_every_file_ends_in_one_state(open_rag: Open, docs: Path) -> None:
    (docs / "empty.txt").write_text("")
    (docs / "photo.jpg").write_bytes(b"\xff\xd8")
    (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    rag = open_rag()
    first = rag.sync()
    assert states(first) == {
        "bridge.txt": "added", "empty.txt": "skipped", "photo.jpg": "skipped", "torn.txt": "failed", "tower.md": "added",
    }  # fmt: skip
    assert first.embedded == first.chunks > 0
    (docs / "torn.txt").write_text("Now it is whole.")
    (docs / "bridge.txt").unlink()
    with (docs / "tower.md").open("a") as file:
        file.write("It was painted red in 1990.\n")
    second = rag.sync()
    assert states(second) == {
        "bridge.txt": "removed", "empty.txt": "skipped", "photo.jpg": "skipped", "torn.txt": "added", "tower.md": "changed",
    }  # fmt: skip
    assert sum(second.counts.values()) == len(second.files)
    assert held_ids(rag.indexer) == set(rag.indexer.catalog.chunk_ids())


@BOTH_CATALOGS
def test_nothing_changed_embeds_nothing(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    generation = rag.indexer.catalog.generation
    again = rag.sync()
    assert (again.embedded, set(states(again).values())) == (0, {"unchanged"})
    assert rag.indexer.catalog.generation == generation


@BOTH_CATALOGS
def test_edited_file_embeds_only_its_changed_chunks(open_rag: Open, docs: Path) -> None:
    paragraphs = [
        f"Paragraph {i} tells of the {w} valley and its river, which runs to the sea. " * 8 for i, w in enumerate("abcdef")
    ]
    (docs / "long.txt").write_text("\n\n".join(paragraphs))
    rag = open_rag()
    before = rag.sync()
    (docs / "long.txt").write_text("\n\n".join([*paragraphs[:-1], "A new end, with another mountain in it. " * 8]))
    after = rag.sync()
    assert states(after)["long.txt"] == "changed"
    assert 0 < after.embedded <= 3 < before.embedded


@BOTH_CATALOGS
def test_a_touched_file_is_unchanged(open_rag: Open, docs: Path) -> None:
    rag = open_rag()
    rag.sync()
    os.utime(docs / "bridge.txt", (1, 1))
    assert states(rag.sync())["bridge.txt"] == "unchanged"


def test_an_edit_of_the_same_size_at_once_is_seen(open_rag: Open, docs: Path) -> None:
    rag = open_rag()
    rag.sync()
    path = docs / "bridge.txt"
    path.write_text(path.read_text().replace("1832", "1842"))
    assert states(rag.sync())["bridge.txt"] == "changed"


def test_chunk_ids_are_the_same_everywhere(open_rag: Open, docs: Path, tmp_path: Path) -> None:
    here = open_rag()
    here.sync()
    shutil.copytree(docs, tmp_path / "elsewhere" / "docs")
    there = open_rag(docs=tmp_path / "elsewhere" / "docs", index_dir=tmp_path / "other")
    there.sync()
    assert here.indexer.catalog.chunk_ids() == there.indexer.catalog.chunk_ids()


@BOTH_CATALOGS
def test_a_changed_setting_is_noticed(open_rag: Open) -> None:
    open_rag().sync()
    report = open_rag(chunk_tokens=30, overlap_tokens=0).sync()
    assert "indexed anew" in report.notes[0]
    assert report.embedded > 0


@BOTH_CATALOGS
@pytest.mark.parametrize("damage", ["gone", "one more", "garbage", "flipped"])
def test_a_damaged_store_is_made_anew_without_embedding(open_rag: Open, damage: str) -> None:
    rag = open_rag()
    rag.sync()
    assert not rag.sync().notes
    folder, ids = rag.indexer.folder / rag.indexer.mirror.held().name, rag.indexer.catalog.chunk_ids()
    if damage == "gone":
        shutil.rmtree(folder)
    if damage == "one more":
        (folder / "more.bin").touch()
    if damage == "garbage":
        (folder / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    if damage == "flipped":
        content = bytearray((folder / "chroma.sqlite3").read_bytes())
        content[len(content) // 2] ^= 1
        (folder / "chroma.sqlite3").write_bytes(content)
    again = open_rag()
    assert again.indexer.mirror.open(again.indexer.catalog.pinned(), again.indexer.embedding.model.fingerprint) is None
    assert again.answer("How high is the Elmet tower?").short == "48 metres"
    report = again.sync()
    assert "made anew" in report.notes[0]
    assert report.embedded == 0
    assert held_ids(again.indexer) == set(ids)
    assert [path.name for path in rag.indexer.folder.glob("chroma*")] == [again.indexer.mirror.held().name]


@pytest.mark.parametrize("place", ["folder", "server"])
def test_vectors_are_made_anew_where_their_graph_is_made_otherwise(
    open_rag: Open, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    url = request.getfixturevalue("server") if place == "server" else None
    open_rag(chroma_url=url).sync()
    assert open_rag(chroma_url=url).sync().notes == ()
    for name in ("mirror.HNSW", "servers.SERVER_HNSW", "store.HNSW", "store.SERVER_HNSW"):  # what imports them first
        monkeypatch.setattr(f"rag.corpus.{name}", {"space": "cosine", "max_neighbors": 8})
    later = open_rag(chroma_url=url)
    assert later.answer("How high is the Elmet tower?").short == "48 metres"
    report = later.sync()
    assert "its graph is made in another way now" in report.notes[0] and report.embedded == 0
    assert later.sync().notes == ()


@BOTH_CATALOGS
def test_a_collection_that_counts_right_and_finds_nothing_is_made_anew(open_rag: Open, server: str) -> None:
    rag = open_rag(chroma_url=server)
    rag.sync()
    catalog, mirror = rag.indexer.catalog, rag.indexer.mirror
    assert mirror.servers
    store = mirror.servers.all[0].store
    vectors = catalog.vectors(catalog.chunk_ids(), rag.indexer.embedding.model.fingerprint)
    store.upsert(mirror.held().name, [(chunk_id, -vector) for chunk_id, vector in vectors.items()])
    report = rag.sync()
    assert report.embedded == 0 and "it did not find chunk" in report.notes[0]
    for chunk_id, vector in vectors.items():
        [(found, similarity)] = store.query(mirror.held().name, vector, 1)
        assert found == chunk_id and similarity == pytest.approx(1.0, abs=1e-4)
    assert not rag.sync().notes


@pytest.mark.parametrize("kept", ["folder", "server"])
def test_a_collection_that_has_had_a_fifth_deleted_gives_way_to_a_new_one(
    open_rag: Open, docs: Path, kept: str, request: pytest.FixtureRequest
) -> None:
    for number in range(10):
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    rag = open_rag(chroma_url=request.getfixturevalue("server") if kept == "server" else None)
    assert rag.sync().chunks == 12
    deleted = []
    for number in range(3):  # 1 of 11 left, 2 of 10, 3 of 9: what earlier runs deleted counts
        (docs / f"mill{number}.txt").unlink()
        assert not rag.sync().notes
        deleted.append(rag.indexer.mirror.held().deleted)
        assert held_ids(rag.indexer) == set(rag.indexer.catalog.chunk_ids())
    assert deleted == [1, 2, 0]


@BOTH_CATALOGS
@pytest.mark.parametrize("damage", ["gone", "cut", "another"])
def test_a_damaged_word_index_is_made_anew(open_rag: Open, damage: str) -> None:
    rag = open_rag()
    rag.sync()
    wanted = [p.lexical for p in rag.retrieve("the Elmet tower", dense_weight=0.0)]
    assert wanted and not rag.sync().notes
    [path] = (rag.indexer.folder / "words").iterdir()
    if damage == "gone":
        path.unlink()
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    if damage == "another":
        path.write_bytes(path.read_bytes().replace(b"tower", b"tamed"))
    rag.close()
    report = open_rag().sync()
    assert "the word index was made anew" in report.notes[0] and report.embedded == 0
    assert not open_rag().sync().notes
    assert [p.lexical for p in open_rag().retrieve("the Elmet tower", dense_weight=0.0)] == wanted


def test_a_word_index_that_is_damaged_under_a_question_is_made_in_memory(open_rag: Open, docs: Path) -> None:
    rag = open_rag()
    rag.sync()
    wanted = [p.lexical for p in rag.retrieve("the Elmet tower", dense_weight=0.0)]
    for path in (rag.indexer.folder / "words").iterdir():
        path.write_bytes(b"")
    again = open_rag()
    assert [p.lexical for p in again.retrieve("the Elmet tower", dense_weight=0.0)] == wanted
    assert "the word index was made anew" in again.sync().notes[0]


@BOTH_CATALOGS
def test_a_reader_takes_up_words_that_are_committed_and_in_no_file_yet(open_rag: Open, docs: Path) -> None:
    rag, other = open_rag(), open_rag()
    rag.sync()
    assert not any(p.lexical for p in rag.retrieve("Otley"))
    (docs / "mill.txt").write_text("The mill at Otley has three wheels.")
    (docs / "bridge.txt").unlink()

    def ask(step: str, done: int, total: int) -> None:
        if step == "words" and not found:
            lexical = rag.retriever.snapshot().lexical
            found.extend((lexical.size, lexical.knows("otley"), lexical.knows("marlow")))

    found: list[object] = []
    assert other.sync(ask).chunks == found[0] == 2
    assert found[1:] == [True, False]


def test_words_of_what_came_and_went_while_nothing_was_applied_are_taken_up(open_rag: Open, docs: Path) -> None:
    def die(step: str, done: int, total: int) -> None:
        if step == "words":
            raise KeyboardInterrupt

    rag = open_rag()
    rag.sync()
    for name, text in (("bridge", ""), ("mill", "The mill at Otley has three wheels."), ("quay", "The quay at Otley is wet.")):
        path = docs / f"{name}.txt"
        path.write_text(text) if text else path.unlink()
        with pytest.raises(KeyboardInterrupt):
            rag.sync(die)
    assert not rag.sync().notes
    assert {p.source for p in rag.retrieve("Otley", dense_weight=0.0) if p.lexical} == {"mill.txt", "quay.txt"}
    assert not rag.retriever.snapshot().lexical.knows("marlow") and not rag.indexer.catalog.changed_since(0)


@BOTH_CATALOGS
def test_a_folder_without_words_is_no_error(open_rag: Open, docs: Path) -> None:
    for path in docs.iterdir():
        path.unlink()
    assert not open_rag().answer("How high is the tower?").answered
    (docs / "dots.txt").write_text("… !!!")
    rag = open_rag()
    rag.sync()
    assert "tower" in rag.answer("How high is the tower?").reason


def test_a_server_holds_the_vectors_as_well(open_rag: Open, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rag = open_rag(chroma_url=server)
    rag.sync()
    assert rag.answer("How high is the Elmet tower?").short == "48 metres"
    assert not list(rag.indexer.folder.glob("chroma*"))
    with Rag(rag.config, models=rag, brief=True) as brief, monkeypatch.context() as patched:
        patched.setattr(DenseIndex, "_compared", None)  # the server is asked, though comparing would be sooner done
        assert brief.answer("How high is the Elmet tower?").short == "48 metres"
    here = open_rag()
    assert "another place" in here.sync().notes[0]
    assert held_ids(here.indexer) == set(rag.indexer.catalog.chunk_ids())


@BOTH_CATALOGS
def test_a_reader_notices_what_another_process_writes(
    open_rag: Open, docs: Path, tmp_path: Path, catalog_url: str | None
) -> None:
    rag = open_rag()
    rag.sync()
    assert not rag.answer("Who restored the Otley mill?").answered
    (docs / "mill.txt").write_text("The Otley mill was restored by Dana Whitlock in 1987.")
    environment = {**os.environ, "RAG_INDEX_DIR": str(tmp_path / "index"), "RAG_CATALOG_URL": catalog_url or ""}
    subprocess.run([sys.executable, "-m", "rag", "sync", str(docs)], check=True, cwd=ROOT, env=environment, capture_output=True)
    assert rag.answer("Who restored the Otley mill?").short == "Dana Whitlock"


def test_a_second_writer_is_told_who_writes(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    with FileLock(rag.indexer.folder / "write.lock"), pytest.raises(IndexLocked, match=f"process {os.getpid()} on"):
        rag.sync()


@BOTH_CATALOGS
def test_a_second_thread_of_the_same_process_does_not_write_either(open_rag: Open) -> None:
    rag, reading, told = open_rag(), threading.Event(), threading.Event()

    def hold(step: str, done: int, total: int) -> None:
        reading.set()
        told.wait(60)

    first = threading.Thread(target=rag.sync, args=(hold,))
    first.start()
    try:
        assert reading.wait(60)
        with pytest.raises(IndexLocked):
            rag.sync()
    finally:
        told.set()
        first.join()
    assert rag.sync().counts["unchanged"] == 2


@BOTH_CATALOGS
def test_a_catalog_of_a_newer_version_is_left_alone(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    rag.indexer.catalog.set_meta(schema="99")
    for use in (rag.sync, lambda: rag.answer("How high is the Elmet tower?")):
        with pytest.raises(IndexBroken, match=r"format 99.*rag sync --rebuild"):
            use()
    assert rag.sync(rebuild=True).counts["added"] == 2
    assert rag.answer("How high is the Elmet tower?").short == "48 metres"


def test_a_missing_folder_forgets_nothing(open_rag: Open, docs: Path) -> None:
    rag = open_rag()
    rag.sync()
    docs.rename(docs.with_name("moved"))
    with pytest.raises(UsageError, match="is not a folder"):
        rag.sync()
    assert rag.indexer.catalog.chunk_ids()


@BOTH_CATALOGS
def test_lines_shared_by_many_files_stop_being_evidence(open_rag: Open, docs: Path) -> None:
    prose = "The council said on Tuesday that the {} would be rebuilt after the storm of last March closed it. " * 2
    for name in ("mill", "quay"):
        (docs / f"{name}.txt").write_text(f"The Daily Herald\n\nThe old {name} is to be rebuilt\n\n{prose.replace('{}', name)}")
    rag = open_rag()
    rag.sync()
    assert any("Herald" in row.text for row in rag.indexer.catalog.chunks())
    (docs / "pier.txt").write_text(f"The Daily Herald\n\nThe old pier is to be rebuilt\n\n{prose.replace('{}', 'pier')}")
    rag.sync()
    assert not any("Herald" in row.text for row in rag.indexer.catalog.chunks())


SITE_LINE = "Home | News | The Herald is printed on Thursdays | Contact"
"""Links in a row, which no passage holds."""


@BOTH_CATALOGS
def test_what_looks_like_menus_is_searched_where_the_folder_says_so(open_rag: Open, docs: Path) -> None:
    (docs / "herald [1].txt").write_text(
        f"{SITE_LINE}\n\nThe mill at Brook End grinds rye for three villages, and has done so for years.\n"
    )
    rag = open_rag()

    def said() -> tuple[bool, int, bool]:
        (file,) = [file for file in rag.status()["files"] if file["source"] == "herald [1].txt"]
        return (
            any("Thursdays" in passage.text for passage in rag.retrieve("printed on Thursdays", 50)),
            file["hidden"],
            file["whole"],
        )

    rag.sync()
    assert said() == (False, 9, False)
    rag.keep_whole("herald [1].txt")
    assert rag.indexer.pending() == {"herald [1].txt": "changed"}
    assert [file.source for file in rag.sync().files if file.state != "unchanged"] == []
    assert said() == (True, 0, True) and rag.indexer.pending() == {}
    rag.sync(rebuild=True)
    assert said() == (True, 0, True)
    rag.keep_whole("herald [1].txt", False)
    rag.sync()
    assert said() == (False, 9, False)


def test_orphaned_vectors_are_dropped_when_they_prevail(tmp_path: Path) -> None:
    catalog = Catalog.at(tmp_path / "catalog.sqlite3")
    catalog.put_vectors([str(i) for i in range(1001)], np.zeros((1001, 1), np.float32), "m")
    catalog.commit(files=[], chunks={}, removed=[], fingerprint="f")
    assert catalog.missing_vectors(["5"], "m") == ["5"]
    catalog.close()


@pytest.mark.slow
def test_killed_at_every_step_it_ends_as_an_uninterrupted_run(docs: Path, tmp_path: Path) -> None:
    def run() -> tuple[set[str], dict[str, object]]:
        command = [sys.executable, "-m", "tests.kill_harness", str(docs), str(tmp_path / "killed")]
        result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        assert result.returncode == 0, result.stderr[-2000:]
        told = json.loads(result.stdout)
        assert told["damaged"] == 0
        [state] = told["states"]
        return set(told["kills"]), state

    def uninterrupted() -> dict[str, object]:
        with Rag(Config(docs=docs, index_dir=tmp_path / "whole")) as rag:
            rag.sync()
            ids = rag.indexer.catalog.chunk_ids()
            found = [[p.chunk_id, round(p.score, 4)] for p in rag.retrieve("How high is the tower?", top_k=5)]
            return {"notes": [], "chunks": ids, "held": sorted(ids), "found": found}

    steps = {"scan", "read", "embed", "commit", "words", "store", "applied"}
    assert run() == (steps, uninterrupted())
    # Again, with one file changed, one removed and one added.
    (docs / "bridge.txt").unlink()
    (docs / "mill.txt").write_text("The mill at Otley has three wheels and was last used in 1954 by the Dawson family.")
    with (docs / "tower.md").open("a") as file:
        file.write("It was painted red in 1990.\n")
    assert run() == (steps, uninterrupted())


def test_a_folder_gives_the_same_index_at_once_in_parts_and_file_by_file(open_rag: Open, docs: Path, tmp_path: Path) -> None:
    texts = {
        f"{name}{number}.txt": f"The {name} at Otley, number {number}, was built in {1830 + number}. " * (number + 1) + "它出口鲑鱼。" * (number % 3)
        for name in ("mill", "quay", "pier") for number in range(4)
    }  # fmt: skip
    texts["passing.txt"] = "The mill of Ripon is passing by, with its quay and a pier. " * 9

    def built(name: str, steps: Sequence[Sequence[str]]) -> object:
        for path in docs.iterdir():
            path.unlink()
        rag = open_rag(index_dir=tmp_path / name)
        for step in steps:
            for source in step:
                path = docs / source.removeprefix("-")
                path.unlink() if source.startswith("-") else path.write_text(texts[source])
            rag.sync()
        catalog, lexical = rag.indexer.catalog, rag.retriever.snapshot().lexical
        ids = catalog.chunk_ids()
        vectors = catalog.vectors(ids, rag.indexer.embedding.model.fingerprint)
        queries = ("Who built the mill at Otley?", "鲑鱼出口", "pier number 3")
        return (
            ids,
            [vectors[chunk_id].tobytes() for chunk_id in ids],
            [lexical.of(lexical.scores(query), ids) for query in queries],
            [[(p.chunk_id, p.score, p.lexical, p.dense) for p in rag.retrieve(query, 20)] for query in queries],
            held_ids(rag.indexer),
        )

    names = sorted(set(texts) - {"passing.txt"})
    whole = built("whole", [names])
    assert built("parts", [names[6:9], ["passing.txt", *names[:3]], [*names[9:], *names[3:6]], ["-passing.txt"]]) == whole
    assert built("one by one", [[name] for name in reversed(names)]) == whole


@BOTH_CATALOGS
def test_neither_questions_nor_syncs_look_at_all_chunks(open_rag: Open, docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    open_rag().sync()
    given = Catalog.chunks

    def some(catalog: Catalog, ids: Sequence[str] | None = None, *, missing_ok: bool = False) -> Iterator[ChunkRow]:
        assert ids is not None and len(ids) < 30
        return given(catalog, ids, missing_ok=missing_ok)

    monkeypatch.setattr(Catalog, "chunks", some)
    monkeypatch.setattr(Catalog, "chunk_ids", None)
    monkeypatch.setattr(ChromaStore, "ids", None)
    rag = open_rag(candidates=4, read_k=2)
    assert rag.sync().counts["unchanged"] == 12 and rag.answer("How high is the Elmet tower?").short == "48 metres"
    (docs / "mill3.txt").write_text("The mill number 3 at Otley was moved to Ripon.")
    (docs / "mill4.txt").unlink()
    rag.sync()
    assert "Ripon" in rag.retrieve("Ripon", 1, dense_weight=0.0)[0].text
    snapshot = rag.retriever.snapshot()
    opened = rag.indexer.mirror.open(snapshot.catalog, rag.indexer.embedding.model.fingerprint)
    assert isinstance(opened, OpenStore) and opened.store.count(opened.name) == snapshot.lexical.size == 11


def test_an_index_stays_as_small_as_a_new_one(open_rag: Open, docs: Path, tmp_path: Path) -> None:
    def write(number: int) -> None:
        for name in range(40):
            (docs / f"mill{name}.txt").write_text(f"The mill number {name + 40 * number} at Otley has {name + 3} wheels.")

    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    rag = open_rag()
    for number in range(12):
        write(number)
        rag.sync()
    rag.close()
    new = open_rag(index_dir=tmp_path / "new")
    new.sync()
    new.close()
    assert size(tmp_path / "index") <= 1.5 * size(tmp_path / "new")


def test_models_and_store_are_loaded_beside_each_other(open_rag: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    rag, both = open_rag(), threading.Barrier(2)
    monkeypatch.setattr(ChromaStore, "load", lambda: both.wait(60))
    monkeypatch.setattr(type(rag.indexer.embedding), "embed", lambda embedding, texts: both.wait(60))
    rag.load()
    assert not both.broken


def test_what_the_next_sync_will_find_is_known(docs: Path, tmp_path: Path) -> None:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        assert rag.indexer.pending() == {} and rag.status()["unseen"] == []
        (docs / "bridge.txt").write_text("The Marlow bridge is gone.", encoding="utf-8")
        (docs / "tower.md").unlink()
        (docs / "new.txt").write_text("A new file.", encoding="utf-8")
        (docs / "new.bin").write_bytes(b"\0")
        assert rag.indexer.pending() == {"bridge.txt": "changed", "tower.md": "removed", "new.txt": "added", "new.bin": "added"}
        status = rag.status()
        assert {file["source"]: file["since"] for file in status["files"]} == {"bridge.txt": "changed", "tower.md": "removed"}
        assert status["unseen"] == ["new.bin", "new.txt"]
        rag.sync()
        assert rag.indexer.pending() == {}
        assert all(file["indexed_at"].endswith("+00:00") for file in rag.status()["files"] if file["state"] == "indexed")
        (docs / "new.txt").touch()
        assert rag.indexer.pending() == {}


def test_the_chunks_of_a_file_are_its_outline(library: Rag) -> None:
    source = "鲑鱼.txt"
    outline, text = library.outline(source), library.text(source)
    assert len(outline) == 3 and outline == sorted(outline)
    assert "第二大买家" in "".join(text[start:end] for start, end in outline)
    assert all(0 <= start < end <= len(text) for start, end in outline)
