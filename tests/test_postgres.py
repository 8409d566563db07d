"""The catalog in PostgreSQL: that it answers as SQLite does, what goes wrong, and several machines with one catalog.

What holds of any catalog stands in the other files, for both (`BOTH_CATALOGS`). Skipped where there is no PostgreSQL, unless POSTGRES_REQUIRED is set.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from eval.baselines import Variant
from eval.questions import QuestionSet
from eval.run import run
from rag.config import Config
from rag.corpus.catalog import Catalog, ChunkRow, FileRow, vector_key
from rag.corpus.kept import CATALOG, catalog_of, index_names, writing
from rag.errors import CatalogUnavailable, IndexBroken, IndexLocked, UsageError
from rag.messages import Reason
from rag.pipeline import Rag
from rag.places import index_folder
from rag.shell.cli import main
from rag.web.rooms import Room
from tests.conftest import BOTH_CATALOGS, LIBRARY, ROOT
from tests.postgres_server import PostgresServer

QUESTION, SHORT = "How high is the Elmet tower?", "48 metres"
SECRET = "7he-pa55word"
Open = Callable[..., Rag]


@pytest.fixture
def open_rag(docs: Path, tmp_path: Path, library: Rag, postgres: PostgresServer) -> Iterator[Open]:
    """A Rag of the same catalog each time, its index folder on the machine that is named."""
    opened: list[Rag] = []

    def make(machine: str = "here", **values: object) -> Rag:
        given = {"docs": docs, "index_dir": tmp_path / machine, "catalog_url": postgres.url(), "lock_timeout_seconds": 0.5}
        opened.append(Rag(Config(**{**given, **values}), models=library))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for rag in opened:
        rag.close()


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    """The name of an empty one."""
    name = f"d{secrets.token_hex(4)}"
    postgres.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def catalog(catalog_url: str | None, tmp_path: Path) -> Iterator[Catalog]:
    made = catalog_of(Config(catalog_url=catalog_url), tmp_path)
    made.make()
    with contextlib.closing(made):
        yield made


def schema(rag: Rag) -> str:
    return str(rag.indexer.catalog._database._schema)  # type: ignore[attr-defined]


def found(rag: Rag, question: str = QUESTION) -> list[Any]:
    return [(p.chunk_id, round(p.score, 4)) for p in rag.retrieve(question)]


def answered(rag: Rag, question: str = QUESTION) -> str:
    """The whole answer, but for what tells of the time."""
    told = rag.answer(question).to_dict()
    del told["trace"]["stages"]
    return re.sub(r'"indexed_at": "[^"]*"', "", json.dumps(told, sort_keys=True))


def odd_rows(source: str = "a\x1a\U0001f40e 马.txt") -> tuple[FileRow, list[ChunkRow]]:
    """What a text may hold."""
    text = "nul \0, two \0\0, sub \x1a0 \x1a\x1a, horse 🐎 马, quote ' \" \\ %s %(x)s :x"
    row = ChunkRow("c1", source, 5, 2**40, text, text[:9], [[1, 2**40]], True, [[0, 9]], [], vector_key(text))
    file = FileRow(
        source, "failed", Reason("cannot be read", {"error": "a\0b 马"}), title=text, line_keys=["\0", "🐎"], page_starts=[2**40]
    )
    return file, [row]


# as in SQLite


@BOTH_CATALOGS
def test_every_text_and_number_comes_back_as_it_was(catalog: Catalog) -> None:
    file, rows = odd_rows()
    catalog.commit(files=[file], chunks={file.source: rows}, removed=[], fingerprint="f\0")
    [kept] = catalog.verified().values()
    assert replace(kept, held="") == file and kept.held
    assert list(catalog.chunks()) == catalog.chunks_between(file.source, 2**39, sys.maxsize) == rows
    vector = np.frombuffer(bytes(range(256)) * 6, np.float32)
    catalog.put_vectors([rows[0].vector_key], vector[None], "m\0")
    assert catalog.vectors(["c1"], "m\0")["c1"].tobytes() == vector.tobytes()
    assert catalog.meta("fingerprint") == "f\0" and catalog.lengths() == {file.source: 2**40}
    catalog.commit(files=[], chunks={}, removed=[file.source], fingerprint="f")
    assert not catalog.verified() and not catalog.count_chunks()


def test_a_path_that_is_too_long_for_an_index_is_told_of(postgres: PostgresServer, tmp_path: Path) -> None:
    drawn = np.random.default_rng(3).integers(0x4E00, 0x9FFF, 1000)
    with contextlib.closing(catalog_of(Config(catalog_url=postgres.url()), tmp_path)) as catalog:
        catalog.make()
        rows = [FileRow("".join(map(chr, drawn[:length])), "skipped") for length in (850, 1000)]
        catalog.commit(files=rows[:1], chunks={}, removed=[], fingerprint="f")
        with pytest.raises(IndexBroken, match=r"longer than 2,700 bytes.*\.ragignore"):
            catalog.commit(files=rows[1:], chunks={}, removed=[], fingerprint="f")
        assert list(catalog.verified()) == [rows[0].source]


def test_names_are_in_one_order_whatever_the_language_of_the_database(postgres: PostgresServer, tmp_path: Path) -> None:
    postgres.sql("CREATE DATABASE spoken TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' ENCODING 'UTF8'")
    with contextlib.closing(catalog_of(Config(catalog_url=postgres.url("spoken")), tmp_path)) as catalog:
        catalog.make()
        names = ["b", "B", "a", "_", "ä", "A", "马", "-", "a-b", "ab"]
        catalog.commit(files=[FileRow(name, "skipped") for name in names], chunks={}, removed=[], fingerprint="f")
        assert list(catalog.verified()) == sorted(names)


def test_answers_are_those_of_sqlite_to_the_last_character(library: Rag, tmp_path: Path, postgres: PostgresServer) -> None:
    questions = [
        "How many visitors came?", "Who built the bridge?", "三文鱼出口到哪里？", "Which files are there?", "What is the newest document?",
        "How long is rye bread baked?", "Summarise all.", "Is the tower 48 metres high?", "Who is the king of Mars?",
    ]  # fmt: skip

    with Rag(Config(docs=LIBRARY, index_dir=tmp_path / "index", catalog_url=postgres.url()), models=library) as rag:
        rag.sync()
        ours, theirs = library.indexer.catalog, rag.indexer.catalog
        ids, model = ours.chunk_ids(), library.indexer.embedding.model.fingerprint
        assert theirs.chunk_ids() == ids and list(theirs.chunks()) == list(ours.chunks())
        vectors = [{i: v.tobytes() for i, v in each.vectors(ids, model).items()} for each in (ours, theirs)]
        assert vectors[0] == vectors[1]
        held = [{source: row.held for source, row in each.verified().items()} for each in (ours, theirs)]
        assert held[0] == held[1]
        for question in questions:
            assert answered(rag, question) == answered(library, question)


# one writer


def test_who_writes_is_told_and_since_when(open_rag: Open) -> None:
    rag, other = open_rag(), open_rag("there")
    rag.sync()
    with (
        rag.indexer.catalog.writing(0),
        pytest.raises(IndexLocked, match=rf"process {os.getpid()} since 20\d\d-.*Z on \S+; wait") as told,
    ):
        other.sync()
    assert "postgresql://tests@/postgres" in str(told.value)
    assert other.refresh()[1] == ""


def test_a_folder_is_locked_as_well(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    with writing(rag.indexer.folder, 0), pytest.raises(IndexLocked):
        open_rag().sync()


def test_who_does_not_hold_the_lock_waits_for_who_does(open_rag: Open) -> None:
    rag, other = open_rag(), open_rag("there")
    rag.sync()
    done = threading.Event()

    def put() -> None:
        other.indexer.catalog.set_meta(note="x")
        done.set()

    with rag.indexer.catalog.writing(0):
        thread = threading.Thread(target=put)
        thread.start()
        assert not done.wait(0.3)
        rag.indexer.catalog.set_meta(mine="y")
    assert done.wait(30)
    thread.join()


def test_a_writer_whose_connection_is_lost_writes_no_more(open_rag: Open, docs: Path, postgres: PostgresServer) -> None:
    rag, other = open_rag(), open_rag("there")
    rag.sync()
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")

    def cut(step: str, done: int, total: int) -> None:
        if step == "commit" and not done:
            postgres.sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'process {os.getpid()} since%'"
            )

    with pytest.raises(IndexBroken):
        rag.sync(cut)
    assert rag.indexer.catalog.generation == 1 and rag.answer(QUESTION).short == SHORT
    assert other.sync().counts["added"] == 1
    assert rag.sync().counts["unchanged"] == 3


def harness(name: str, url: str, *arguments: str) -> Any:
    environment = {**os.environ, "RAG_CATALOG_URL": url, "KILL_AT_SQL": "commits"}
    command = [sys.executable, "-m", f"tests.{name}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.slow
def test_killed_at_every_commit_it_ends_as_an_uninterrupted_run(
    docs: Path, tmp_path: Path, postgres: PostgresServer, database: str
) -> None:
    (docs / "bridge.txt").unlink()
    told = harness("kill_harness", postgres.url(database), str(docs), str(tmp_path / "killed"))
    assert told["damaged"] == 0 and len(told["states"]) == 1 and told["kills"]["commit"] > 3


@pytest.mark.slow
def test_a_crowd_on_two_machines_is_answered_while_the_catalog_is_written(postgres: PostgresServer, database: str) -> None:
    told = harness("crowd_harness", postgres.url(database), "10", "2", "1")
    assert told["syncs"] and told["asked"] > 10


def test_a_lock_that_was_lost_is_not_taken_for_one_that_is_held(open_rag: Open, postgres: PostgresServer) -> None:
    catalog, other = open_rag().indexer.catalog, open_rag("there").indexer.catalog
    with catalog.writing(0):
        catalog.set_meta(note="x")
        postgres.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'process {os.getpid()} since%'"
        )
        for said in ("cannot be|terminating", "was lost while it was written"):
            with pytest.raises(IndexBroken, match=said):
                catalog.set_meta(note="y")
        with other.writing(0):
            assert other.meta("note") == "x"


# questions


def test_a_server_that_was_started_again_is_no_error(open_rag: Open, postgres: PostgresServer) -> None:
    rag = open_rag()
    rag.sync()
    assert rag.answer(QUESTION).short == SHORT
    postgres.stop()
    with pytest.raises(CatalogUnavailable, match=r"cannot be reached .*Start the server"):
        rag.answer(QUESTION)
    postgres.start()
    connected: list[object] = []
    with listening("connect", lambda *_: connected.append(1)):
        assert rag.answer(QUESTION).short == SHORT
    assert 0 < len(connected) <= 2


@contextlib.contextmanager
def listening(event: str, told: Callable[..., object]) -> Iterator[None]:
    kind = sa.pool.Pool if event == "connect" else sa.Engine
    sa.event.listen(kind, event, told)
    try:
        yield
    finally:
        sa.event.remove(kind, event, told)


def filled(rag: Rag, count: int) -> None:
    """Chunks of made words and vectors beside those of the files, as a commit puts them; a hundred to a file."""
    model, drawn = rag.indexer.embedding.model.fingerprint, np.random.default_rng(5)
    catalog = rag.indexer.catalog
    rows = [
        ChunkRow(f"{n * 0x9E3779B1 % 2**32:08x}" * 4, f"made{n // 100}.txt", n % 100 * 90, n % 100 * 90 + 80, f"word{n % 997} wheel{n}", "",
                 [], False, [[n % 100 * 90, n % 100 * 90 + 80]], [], vector_key(f"word{n % 997} wheel{n}"))
        for n in range(count)
    ]  # fmt: skip
    vectors = drawn.standard_normal((count, 384)).astype(np.float32)
    catalog.put_vectors([row.vector_key for row in rows], vectors / np.linalg.norm(vectors, axis=1, keepdims=True), model)
    sources = {source: [row for row in rows if row.source == source] for source in {row.source for row in rows}}
    files = [FileRow(source, "indexed", title=source) for source in sources]
    catalog.commit(files=files, chunks=sources, removed=[], fingerprint=catalog.meta("fingerprint"))
    rag.indexer.catch_up(catalog.pinned())


def test_a_question_takes_as_many_queries_whatever_there_is(open_rag: Open) -> None:
    def queries(rag: Rag) -> list[int]:
        """How many values each is given."""
        made: list[int] = []
        with listening("before_cursor_execute", lambda c, cursor, statement, values, *_: made.append(len(values))):
            rag.retrieve("How high is the Elmet tower, and which wheel55?")
        return made

    rag = open_rag()
    rag.sync()
    filled(rag, 100)
    queries(rag)
    few = queries(rag)
    filled(rag, 2000)
    queries(rag)
    many = queries(rag)
    assert len(few) == len(many) < 10 and max(many) <= 2 * rag.config.candidates + 1
    with Rag(rag.config, models=rag._models, brief=True) as brief:
        queries(brief)
        assert queries(brief) == many and brief.retriever.snapshot().dense._opened is not None


def test_questions_of_many_threads_share_few_connections(open_rag: Open, postgres: PostgresServer) -> None:
    rag = open_rag()
    rag.sync()
    answers, threads = [], []
    count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    before = int(postgres.sql(count))
    for _ in range(30):
        threads.append(threading.Thread(target=lambda: answers.append(found(rag))))
        threads[-1].start()
    most = max(int(postgres.sql(count)) for _ in range(5))
    for thread in threads:
        thread.join()
    assert len(answers) == 30 and all(each == answers[0] for each in answers)
    assert most - before <= 24


# what goes wrong


def broken_ways(postgres: PostgresServer, database: str) -> dict[str, tuple[str, str]]:
    """Address → what is said of it."""
    postgres.sql(
        f"DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD '{SECRET}'; CREATE ROLE guest LOGIN; CREATE ROLE reader LOGIN; "
        "ALTER ROLE reader SET default_transaction_read_only = on; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    postgres.sql(
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO guest; GRANT ALL ON DATABASE {database} TO reader"
    )
    if not postgres.sql("SELECT 1 FROM pg_database WHERE datname = 'latin'"):
        postgres.sql("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    host = postgres.folder
    return {
        f"postgresql://x:{SECRET}@127.0.0.1:1/docs": ("cannot be reached", "Start the server, or check the host and the port"),
        f"postgresql+psycopg://x:{SECRET}@/docs?host={host}x": ("cannot be reached", "Start the server"),
        f"postgresql://locked:no{SECRET}@/{database}?host={host}": (
            "password authentication failed",
            "check the user, the password",
        ),
        f"postgresql://nobody:{SECRET}@/{database}?host={host}": ('role "nobody" does not exist', "check the user"),
        f"postgresql://tests:{SECRET}@/nowhere?host={host}": ('database "nowhere" does not exist', "and the database"),
        f"postgresql://guest:{SECRET}@/{database}?host={host}": (
            "permission denied",
            f"GRANT CREATE ON DATABASE {database} TO guest",
        ),
        f"postgresql://reader:{SECRET}@/{database}?host={host}": ("cannot be written", "name the server that is written to"),
        f"postgresql://tests:{SECRET}@/latin?host={host}": ("is written in LATIN1", "ENCODING 'UTF8'"),
        f"postgresql://tests@/{database}?host={host}&password={SECRET}&sslmode={SECRET}": ("invalid sslmode", "RAG_CATALOG_URL"),
    }


def test_what_is_wrong_is_said_with_what_to_do_and_no_password(
    postgres: PostgresServer,
    database: str,
    docs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    for address, (said, remedy) in broken_ways(postgres, database).items():
        config = Config(docs=docs, catalog_url=address, index_dir=tmp_path / "index")
        with pytest.raises(IndexBroken) as told:
            catalog_of(config, index_folder(config)).make()
        assert said in str(told.value) and remedy in str(told.value), str(told.value)
        assert SECRET not in "".join(traceback.format_exception(told.value)).replace(f'sslmode value: "{SECRET}"', "")
        assert SECRET not in repr(config)
        monkeypatch.setenv("RAG_CATALOG_URL", address)
        assert main(["ask", QUESTION, "--docs", str(docs)]) == 4
        out = capsys.readouterr()
        assert said in out.err and "Traceback" not in out.err


def test_who_may_only_read_can_ask(open_rag: Open, postgres: PostgresServer, docs: Path) -> None:
    """As of a server that follows another one."""
    rag = open_rag()
    rag.sync()
    postgres.sql(
        f"CREATE ROLE asker LOGIN; ALTER ROLE asker SET default_transaction_read_only = on; GRANT USAGE ON SCHEMA {schema(rag)} TO asker"
    )
    postgres.sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema(rag)} TO asker")
    asker = open_rag("there", catalog_url=postgres.url(user="asker"))
    assert answered(asker) == answered(rag)
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")
    assert "cannot be written" in asker.refresh()[1] and answered(asker) == answered(rag)


def test_doctor_and_status_show_no_password(
    postgres: PostgresServer,
    database: str,
    docs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    for address, code in (
        (postgres.url(database).replace("tests@", f"tests:{SECRET}@"), 0),
        (f"postgresql://x:{SECRET}@127.0.0.1:1/docs", 4),
    ):
        monkeypatch.setenv("RAG_CATALOG_URL", address)
        assert main(["doctor", "--docs", str(docs)]) == code
        assert main(["status", "--json", "--docs", str(docs)]) == code
        assert main(["-vv", "sync", str(docs)]) == code
        assert main(["status", "--json", "--docs", str(docs)]) == code
        told = capsys.readouterr()
        assert "postgresql://" in told.out and SECRET not in told.out + told.err


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "postgresql://h",
        "postgresql://h/",
        "postgresql://h/a/b",
        "mysql://h/d",
        f"postgres://u:{SECRET}@h/d",
        "postgresql://h:x/d",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"RAG_CATALOG_URL.*write postgresql://USER@HOST/DATABASE") as told:
        Config(catalog_url=address)
    assert SECRET not in str(told.value)


def test_a_package_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"pip install 'psycopg\[binary\]'"):
        catalog_of(Config(catalog_url="postgresql://h/d"), tmp_path)


def test_nothing_of_it_is_loaded_unless_it_is_asked_for(docs: Path, tmp_path: Path) -> None:
    code = "import sys; from rag import answer, Config; answer('How high is the tower?', config=Config(docs=sys.argv[1], index_dir=sys.argv[2]));"
    code += "sys.exit(any(name.startswith('psycopg') or name == 'rag.corpus.postgres' for name in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code, str(docs), str(tmp_path / "index")], check=True, cwd=ROOT, env=environment)


# damage

ROWS = {
    "chunks: one gone": "DELETE FROM chunks WHERE source = 'tower.md'",
    "chunks: one more": "INSERT INTO chunks SELECT 'x', source, start, \"end\", text, context, context_spans, cjk, sentences, unanswering, vector_key, digest FROM chunks LIMIT 1",
    "chunks: text": "UPDATE chunks SET text = replace(text, '48', '58')",
    "chunks: table gone": "DROP TABLE chunks",
    "chunks: column gone": "ALTER TABLE chunks DROP COLUMN text",
    "files: one gone": "DELETE FROM files WHERE source = 'tower.md'",
    "files: title": "UPDATE files SET title = 'The Marlow bridge'",
    "vectors: one gone": "DELETE FROM vectors WHERE vector_key IN (SELECT vector_key FROM chunks WHERE source = 'tower.md')",
    "vectors: zeroed": "UPDATE vectors SET vector = decode(repeat('00', 1536), 'hex')",
    "vectors: table gone": "DROP TABLE vectors",
    "meta: all gone": "DELETE FROM meta",
    "meta: table gone": "DROP TABLE meta",
    "meta: generation is a word": "UPDATE meta SET value = 'many' WHERE key = 'generation'",
    "meta: schema": "UPDATE meta SET value = 'x' WHERE key = 'schema'",
    "meta: an older schema": "UPDATE meta SET value = '5' WHERE key = 'schema'; ALTER TABLE files ADD more text NOT NULL DEFAULT ''",
    "marks: all gone": "DELETE FROM marks",
    "marks: table gone": "DROP TABLE marks",
    "the schema is gone": "",
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_not_as_it_was_written_is_not_believed(open_rag: Open, postgres: PostgresServer, name: str) -> None:
    rag = open_rag()
    rag.sync()
    before = found(rag)
    own = schema(rag)
    postgres.sql(f"SET search_path = {own}; {ROWS[name]}" if ROWS[name] else f"DROP SCHEMA {own} CASCADE")
    assert found(rag) == before
    again = open_rag()
    assert found(again) == before and again.answer(QUESTION).short == SHORT
    again.sync()
    assert not again.sync().notes
    assert found(again) == before == found(rag)


def test_what_was_embedded_is_not_embedded_again(open_rag: Open, postgres: PostgresServer) -> None:
    rag = open_rag()
    rag.sync()
    for damage, embedded in (
        ("UPDATE chunks SET text = ''", 0),
        ("UPDATE vectors SET crc = 1", 2),
        ("ALTER TABLE files ADD more text", 0),
    ):
        postgres.sql(f"SET search_path = {schema(rag)}; {damage}; UPDATE files SET title = 'x'")
        report = rag.sync()
        assert report.embedded == embedded and "made anew from the files" in report.notes[0]


def test_who_has_the_old_one_pinned_keeps_it_while_it_is_made_anew(open_rag: Open) -> None:
    rag = open_rag()
    rag.sync()
    snapshot = rag.retriever.snapshot()
    before = found(rag)
    assert open_rag("there").sync(rebuild=True).embedded == 2
    passages = rag.retriever.search(rag._checked_question(QUESTION), 10, snapshot)
    assert [(p.chunk_id, round(p.score, 4)) for p in passages] == before == found(rag)


# several machines


def test_a_second_machine_answers_from_what_the_first_has_written(open_rag: Open, docs: Path) -> None:
    here, there = open_rag("here"), open_rag("there")
    here.sync()
    assert answered(there) == answered(here)
    assert found(there) == found(here)
    names = sorted(path.name for path in there.indexer.folder.iterdir())
    assert any(name.startswith("chroma-1") for name in names) and "words" in names
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")
    (docs / "bridge.txt").unlink()
    here.sync()
    assert found(there, "Which mill has nine wheels?") == found(here, "Which mill has nine wheels?")
    assert there.retriever.snapshot().dense._opened is not None
    assert there.indexer.mirror.held().deleted == here.indexer.mirror.held().deleted  # brought up, not made anew
    assert there.sync().embedded == 0 and not there.sync().notes


def test_a_machine_that_is_kept_from_its_folder_answers_all_the_same(open_rag: Open, docs: Path) -> None:
    here, there = open_rag("here"), open_rag("there")
    here.sync()
    folder = there.indexer.folder
    with writing(folder, 0):
        assert found(there) == found(here)
        assert not [*folder.glob("chroma*")]


def test_a_vector_server_is_shared_by_machines_and_not_by_indexes(
    open_rag: Open, docs: Path, tmp_path: Path, server: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mill.txt").write_text("The Otley mill has nine wheels.")
    here, there = (open_rag(machine, chroma_url=server) for machine in ("here", "there"))
    other = open_rag("here", chroma_url=server, docs=tmp_path / "other")
    for rag in (here, other, here):
        rag.sync(rebuild=True)
    assert not here.sync().notes and not other.sync().notes
    assert found(there) == found(here) and there.retriever.snapshot().dense._opened is not None
    assert not [*there.indexer.folder.glob("chroma*")]
    (docs / "bridge.txt").unlink()
    assert not there.sync().notes and found(there) == found(here)


def test_what_changed_is_known_until_a_new_index_is_as_soon_made(
    open_rag: Open, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.corpus.postgres._JOURNAL", 3)
    here, late = open_rag("here"), open_rag("late")
    here.sync()
    assert found(late)
    for number in range(6):
        (docs / f"mill{number}.txt").write_text(f"The Otley mill number {number} has nine wheels.")
        here.sync()
    catalog = here.indexer.catalog
    assert not catalog.remembers(1) and catalog.remembers(5) and catalog.remembers(catalog.generation)
    assert found(late) == found(here) and len(found(late)) == 8


def test_a_server_that_was_not_asked_for_long_is_filled_anew(
    open_rag: Open, docs: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the number of its vectors nor a look at some tells that one is another."""
    monkeypatch.setattr("rag.corpus.postgres._JOURNAL", 3)
    monkeypatch.setattr("rag.corpus.filling._CANARIES", 0)
    monkeypatch.setattr("rag.corpus.servers.CHURN_LIMIT", 9)
    for number in range(3):
        (docs / f"mill{number}.txt").write_text(f"The Otley mill number {number} has nine wheels.")
    open_rag(chroma_url=server).sync()
    here = open_rag()
    (docs / "bridge.txt").write_text("The Marlow bridge was closed in 1990.")
    here.sync()
    for number in range(3):
        (docs / f"mill{number}.txt").unlink()
        here.sync()
    asked = open_rag(chroma_url=server)
    asked.sync()
    servers = asked.indexer.mirror.servers
    assert servers
    (held,) = servers.held().values()
    assert servers.all[0].store.ids(held.name) == set(here.indexer.catalog.chunk_ids())


def test_a_catalog_that_is_put_back_is_not_taken_for_a_later_one(open_rag: Open, docs: Path, postgres: PostgresServer) -> None:
    """The number of its generation comes again, with other rows."""
    here, there = open_rag("here"), open_rag("there")
    here.sync()
    name = schema(here)
    kept = postgres.dump("postgres", name)
    (docs / "mill.txt").write_text("The Otley mill has nine wheels.")
    here.sync()
    assert "mill.txt" in {p.source for p in there.retrieve("Otley")}
    postgres.sql(f"DROP SCHEMA {name} CASCADE")
    postgres.sql(kept)
    (docs / "mill.txt").unlink()
    (docs / "quay.txt").write_text("The Otley quay is wet.")
    here.sync()
    for rag in (here, there):
        assert {p.source for p in rag.retrieve("Otley")} == {"bridge.txt", "tower.md", "quay.txt"}
        assert rag.retriever.snapshot().dense._opened is not None


def test_the_catalog_alone_brings_all_back(open_rag: Open, postgres: PostgresServer, database: str) -> None:
    here = open_rag("here")
    here.sync()
    postgres.sql(postgres.dump("postgres", schema(here)), database)
    there = open_rag("empty", catalog_url=postgres.url(database))
    assert answered(there) == answered(here)
    assert there.sync().embedded == 0 and found(there) == found(here)


# what is kept


def test_indexes_share_a_database_and_are_listed_and_forgotten(
    docs: Path, tmp_path: Path, database: str, postgres: PostgresServer, library: Rag, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("RAG_CATALOG_URL", postgres.url(database))
    other = tmp_path / "other"
    other.mkdir()
    (other / "mill.txt").write_text("The Otley mill has nine wheels.")
    assert main(["status", str(docs)]) == 0 and "not indexed" in capsys.readouterr().out.lower()
    assert not index_names(Config.from_environment())
    for folder in (docs, other):
        config = Config.from_environment(docs=folder)
        with Rag(config, models=library) as rag:
            assert rag.sync().counts["added"] == len([*folder.iterdir()])
            assert {row.source for row in rag.indexer.catalog.chunks()} == {path.name for path in folder.iterdir()}
    assert main(["status", "--all", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)["kept"]
    assert {each["docs"]: (each["files"], each["gone"]) for each in kept} == {str(docs): (2, False), str(other): (1, False)}
    assert all(each["index_bytes"] > 100_000 for each in kept)
    with Rag(Config.from_environment(docs=docs), models=library) as rag:
        held = rag.hold()
        shutil.rmtree(rag.indexer.folder / "open", ignore_errors=True)  # as on another machine
        assert main(["forget", str(docs), "--yes"]) == 4
        assert "open in another process" in capsys.readouterr().err
        del held
    assert main(["forget", str(docs), "--yes"]) == 0
    assert index_names(Config.from_environment()) == [index_folder(Config.from_environment(docs=other)).name]
    assert main(["forget", str(docs), "--yes"]) == 2
    assert main(["ask", "Which mill has nine wheels?", "--docs", str(other)]) == 0


def test_rooms_and_evaluations_keep_their_own(
    open_rag: Open, docs: Path, tmp_path: Path, postgres: PostgresServer, database: str
) -> None:
    rag = open_rag(catalog_url=postgres.url(database))
    room = Room(rag, tmp_path / "room")
    room.files.mkdir(parents=True)
    (room.files / "mill.txt").write_text("The Otley mill has nine wheels.")
    room.sync()
    room.close()
    assert index_names(rag.config) == [rag.indexer.folder.name]
    seen: list[Config] = []

    def opened(config: Config, on_progress: object) -> Any:
        seen.append(config)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(QuestionSet("q", docs, (), ""), rag.config, [Variant("x", "", opened)])
    assert [config.catalog_url for config in seen] == [None]


def test_documents_that_are_moved_are_indexed_anew(open_rag: Open, docs: Path, tmp_path: Path) -> None:
    old = open_rag(catalog_url=None)
    old.sync()
    open_rag().sync()
    docs.rename(tmp_path / "moved")
    report = open_rag(docs=tmp_path / "moved").sync()
    assert report.embedded == 2 and not report.notes
    assert (old.indexer.folder / CATALOG).exists()  # of an index that lies here
