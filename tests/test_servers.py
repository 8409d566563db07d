"""Several Chroma servers hold the vectors among them: the same answers as one, each server by itself, and none left out in silence."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.answers import Answer
from rag.config import Config, place_of
from rag.corpus.filling import fill
from rag.corpus.servers import Servers, placed
from rag.corpus.store import ChromaStore
from rag.errors import StoreUnavailable, UsageError
from rag.messages import say_in
from rag.pipeline import Rag
from rag.receipts import answer_of, receipt
from rag.search.dense import DenseIndex
from rag.shell.cli import main
from rag.transcripts import to_markdown
from rag.web.evidence import answer_html
from rag.web.rooms import UPLOADS, Rooms
from rag.web.search import search_html
from tests.conftest import ChromaServer, page_over

PLACES = ["http://a:8000", "http://b:8000", "http://c:8000"]
FILES = [f"notes/{n}.txt" for n in range(3_000)]
DEADLINE = 3.0
"""Seconds that a server which runs does not come near."""
Open = Callable[..., Rag]


@pytest.fixture
def open_rag(docs: Path, tmp_path: Path, library: Rag) -> Iterator[Open]:
    """A Rag over 32 small files, on the servers that are named."""
    for number in range(30):
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    opened: list[Rag] = []

    def make(on: Sequence[ChromaServer], **values: float) -> Rag:
        addresses = ",".join(server.address for server in on)
        config = Config(docs=docs, index_dir=tmp_path / "index", chroma_url=addresses, **values)  # type: ignore[arg-type]
        opened.append(Rag(config, models=library))
        return opened[-1]

    yield make
    for rag in opened:
        rag.close()


def on_each(rag: Rag) -> dict[str, set[str]]:
    """Address → the files whose chunks lie there."""
    servers, catalog = rag.indexer.mirror.servers, rag.indexer.catalog
    assert servers
    sources = {row.chunk_id: row.source for row in catalog.chunks()}
    held = servers.held()
    return {s.place: {sources[i] for i in s.store.ids(held[s.place].name)} for s in servers.all}


def said(answer: Answer) -> str:
    """What is said of the servers that were left out."""
    return answer.left_out.told("en") if answer.left_out else ""


def files_on(rag: Rag, server: ChromaServer) -> set[str]:
    """Those whose place it is, whether it runs or not."""
    assert rag.indexer.mirror.servers
    return rag.indexer.mirror.servers.of(rag.sources)[server.address]


def found(rag: Rag, question: str = "塔有多高？") -> list[tuple[str, float]]:
    """By the vectors alone: no word of it is in the files."""
    return [(p.chunk_id, p.score) for p in rag.retrieve(question)]


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many vectors are put on each server from now on."""
    put, whole = Counter[str](), ChromaStore.upsert

    def upsert(self: ChromaStore, name: str, items: list[tuple[str, object]]) -> None:
        put[str(self.location)] += len(items)
        whole(self, name, items)  # type: ignore[arg-type]

    monkeypatch.setattr(ChromaStore, "upsert", upsert)
    return put


# where a file lies


def test_a_file_lies_on_one_server_whatever_their_order_and_each_holds_about_as_many() -> None:
    lie = {source: placed(source, PLACES) for source in FILES}
    assert {source: placed(source, PLACES[::-1]) for source in FILES} == lie
    assert all(900 < count < 1_100 for count in Counter(lie.values()).values())


def test_one_more_server_takes_only_what_it_holds_and_one_less_gives_only_what_it_held() -> None:
    three = {source: placed(source, PLACES) for source in FILES}
    two = {source: placed(source, PLACES[:2]) for source in FILES}
    moved = {source for source in FILES if three[source] != two[source]}
    assert moved == {source for source in FILES if three[source] == PLACES[2]} and 900 < len(moved) < 1_100


def test_where_a_file_lies_is_the_same_in_every_release() -> None:
    assert [placed(source, PLACES)[7] for source in ("a.txt", "b.txt", "笔记.md", "\udcff.txt")] == ["b", "c", "c", "c"]


def test_addresses_are_checked_and_no_login_is_shown() -> None:
    assert Config(chroma_url=" http://a:1 ,https://B").chroma_urls == ("http://a:1", "https://B")
    assert place_of("https://ada:lovelace@B") == "https://b:443" and place_of("http://[::1]:9") == "http://[::1]:9"
    for wrong in (
        "http://a:1,",
        "http://a:1,x",
        "http://a:1,ftp://b:1",
        "http://u:sesame@a:1,http://u:sesame@b:x",
        "http://u:ses,ame@a:1",
    ):
        with pytest.raises(UsageError, match=r"RAG_CHROMA_URL.*not a Chroma server's address") as error:
            Config(chroma_url=wrong)
        assert "ses" not in str(error.value)
    with pytest.raises(UsageError, match="names http://a:8000 twice"):
        Config(chroma_url="http://ada:sesame@a,http://A:8000")


# kept and asked


def test_three_servers_answer_as_one_and_as_none(
    open_rag: Open, servers: list[ChromaServer], docs: Path, tmp_path: Path, library: Rag
) -> None:
    rag = open_rag(servers)
    assert rag.sync().chunks == 32 and not rag.sync().notes
    lie = on_each(rag)
    assert sorted(source for sources in lie.values() for source in sources) == rag.sources
    assert all(placed(source, sorted(lie)) == place for place, sources in lie.items() for source in sources)
    with Rag(Config(docs=docs, index_dir=tmp_path / "embedded"), models=library) as embedded:
        for question in ("塔有多高？", "How high is the Elmet tower?", "Which mill has nine wheels?"):
            assert found(rag, question) == found(embedded, question)
        assert rag.answer("How high is the Elmet tower?").short == "48 metres"
    one = open_rag(servers[:1])
    one.sync()
    assert found(one) == found(rag)


def test_files_that_are_chosen_are_asked_of_their_servers_alone(
    open_rag: Open, servers: list[ChromaServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    rag = open_rag(servers)
    rag.sync()
    [place] = [place for place, sources in on_each(rag).items() if "tower.md" in sources]
    asked, query = [], ChromaStore.query

    def noted(self: ChromaStore, *given: object) -> object:
        asked.append(self.location)
        return query(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(ChromaStore, "query", noted)
    assert rag.answer("How high is it?", sources=["tower.md"]).short == "48 metres"
    assert set(asked) == {place}


def test_another_number_of_servers_moves_only_what_must(open_rag: Open, servers: list[ChromaServer], puts: Counter[str]) -> None:
    two = open_rag(servers[:2])
    two.sync()
    before = on_each(two)
    puts.clear()
    three = open_rag(servers)
    notes = three.sync().notes
    after, third = on_each(three), servers[2].address
    assert not notes and after[third] and puts == {third: len(after[third])}
    assert all(after[place] == sources - after[third] for place, sources in before.items())
    puts.clear()
    fewer = open_rag(servers[:2])
    [note] = fewer.sync().notes
    assert on_each(fewer) == before and sum(puts.values()) == len(after[third]) and third not in puts
    assert third in note and "none of the vector servers any more" in note


def test_what_changes_is_put_and_deleted_where_it_lies(
    open_rag: Open, servers: list[ChromaServer], docs: Path, puts: Counter[str]
) -> None:
    rag = open_rag(servers)
    rag.sync()
    before = on_each(rag)
    puts.clear()
    (docs / "weir.txt").write_text("The weir at Otley was built in 1851.")
    (docs / "mill3.txt").unlink()
    rag.sync()
    after = on_each(rag)
    home = placed("weir.txt", sorted(after))
    assert puts == {home: 1}
    for place, sources in after.items():
        assert sources == before[place] - {"mill3.txt"} | ({"weir.txt"} if place == home else set())


# one is away


def test_one_that_is_down_is_told_with_every_answer_and_refusal(open_rag: Open, servers: list[ChromaServer]) -> None:
    rag = open_rag(servers)
    rag.sync()
    servers[1].stop()
    answer = rag.answer("How high is the Elmet tower?")
    assert answer.short == "48 metres" and answer.left_out
    told = f"vector server 2 of 3, {servers[1].address} (unreachable)"
    assert answer.left_out.told("en") == f"Answered without {told}: in the files there, words alone were searched."
    assert told in to_markdown([answer]) and answer_of(json.loads(json.dumps(receipt(answer, {})))).left_out == answer.left_out
    refused = rag.answer("Who was the first king of Norway?")
    assert not refused.answered and told in refused.reason and told in refused.text and told in to_markdown([refused])
    assert "2/3" in str(rag.answer("谁是挪威的第一位国王？").reason)
    each = list(rag.answer_each("How high is it?"))
    assert {one.source for one in each if one.answer.left_out} == files_on(rag, servers[1])
    servers[1].start()
    assert not rag.answer("How high is the Elmet tower?").left_out


def test_all_that_are_down_are_an_error_that_names_each(open_rag: Open, servers: list[ChromaServer]) -> None:
    rag = open_rag(servers)
    rag.sync()
    for server in servers:
        server.stop()
    with pytest.raises(StoreUnavailable, match="none of 3 Chroma servers") as error:
        rag.answer("How high is the Elmet tower?")
    assert all(server.address in str(error.value) for server in servers)
    with pytest.raises(StoreUnavailable, match="none of 3 Chroma servers"):
        rag.sync()


def test_a_sync_does_without_one_and_the_next_one_mends_it(
    open_rag: Open, servers: list[ChromaServer], docs: Path, puts: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rag = open_rag(servers)
    rag.sync()
    held = len(on_each(rag)[servers[2].address])
    servers[2].stop()
    for number in range(30, 50):
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    report = rag.sync()
    [note] = report.notes
    assert servers[2].address in note and "chroma run" in note and "others are up to date" in note
    assert rag.indexer.catalog.generation == 2 and report.counts["added"] == 20
    assert rag.retrieve_told("塔有多高？")[1]
    servers[2].start()
    with monkeypatch.context() as patched:  # what it lags behind is compared, not all
        patched.setattr(DenseIndex, "_compared", None)
        passages, left_out = rag.retrieve_told("塔有多高？", 52)
        assert len(passages) == 52 and not left_out
    puts.clear()
    assert not rag.sync().notes and puts == {servers[2].address: len(files_on(rag, servers[2])) - held}
    assert rag.indexer.catalog.changed_since(0) == []
    assert sorted(s for sources in on_each(rag).values() for s in sources) == rag.sources


def test_one_that_lags_too_far_behind_is_left_out_until_it_is_mended(
    open_rag: Open, servers: list[ChromaServer], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.corpus.servers.MOST_CHANGED", 3)
    rag = open_rag(servers)
    rag.sync()
    servers[0].stop()
    for number in range(4):
        (docs / f"quay{number}.txt").write_text(f"The quay number {number} at Otley is wet.")
    rag.sync()
    assert rag.indexer.catalog.changed_since(0) == []
    servers[0].start()
    _, left_out = rag.retrieve_told("塔有多高？")
    assert left_out and "not up to date; run rag sync" in left_out.told("en")
    assert not rag.sync().notes and not rag.retrieve_told("塔有多高？")[1]


def test_one_that_lost_its_vectors_is_told_and_filled_again(
    open_rag: Open, servers: list[ChromaServer], puts: Counter[str]
) -> None:
    rag = open_rag(servers)
    rag.sync()
    lost = Servers(rag.config, rag.indexer.folder, rag.indexer.catalog)
    lost.all[1].store.drop_others(lost.held()[servers[1].address].name, keep="")
    lost.close()
    _, left_out = rag.retrieve_told("塔有多高？")
    assert left_out and f"{servers[1].address} (its vectors are gone" in left_out.told("en")
    puts.clear()
    assert "it is gone" in rag.sync().notes[0]
    assert puts == {servers[1].address: len(on_each(rag)[servers[1].address])} and not rag.retrieve_told("塔有多高？")[1]


def test_one_that_is_silent_is_waited_for_once(open_rag: Open, servers: list[ChromaServer]) -> None:
    open_rag(servers).sync()
    rag = open_rag(servers, chroma_timeout_seconds=DEADLINE)
    rag.retrieve("塔有多高？")
    with servers[1].held_up():
        took = []
        for _ in range(3):
            began = time.monotonic()
            _, left_out = rag.retrieve_told("塔有多高？")
            took.append(time.monotonic() - began)
            assert left_out and f"(no answer within {DEADLINE:g} s)" in left_out.told("en")
    assert took[0] >= DEADLINE > max(took[1:])
    for _ in range(100):
        if not rag.retrieve_told("塔有多高？")[1]:
            return
        time.sleep(0.1)
    raise AssertionError("it answers again, and is not asked")


def test_one_that_is_silent_from_the_start_holds_up_no_other(open_rag: Open, servers: list[ChromaServer]) -> None:
    rag = open_rag(servers)
    rag.sync()
    again = open_rag(servers, chroma_timeout_seconds=DEADLINE)
    again.load()
    ChromaStore.load()
    with servers[0].held_up():
        passages, left_out = again.retrieve_told("塔有多高？")
    assert passages and left_out and re.findall(r"(\d) of 3", left_out.told("en")) == ["1"]


# while it is written


def test_questions_are_answered_in_full_while_servers_are_brought_up_to_date(
    open_rag: Open, servers: list[ChromaServer], docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag, writer = open_rag(servers), open_rag(servers)
    rag.sync()
    (docs / "tower.md").unlink()
    for number in range(30, 34):
        (docs / f"mill{number}.txt").write_text(f"The mill number {number} at Otley has {number + 3} wheels.")
    asked = rag._checked_question("塔有多高？")
    snapshot, before = rag.retriever.snapshot(), found(rag)
    during: list[object] = []
    monkeypatch.setattr(DenseIndex, "_compared", None)

    def slowly(*given: object) -> None:
        fill(*given)  # type: ignore[arg-type]
        with taking:
            during.append((found(rag), [(p.chunk_id, p.score) for p in rag.retriever.search(asked, 10, snapshot)]))

    taking = threading.Lock()
    monkeypatch.setattr("rag.corpus.servers.fill", slowly)
    writer.sync()
    assert len(during) == 3 and not snapshot.left_out
    assert during == [(found(rag), before)] * 3 and {p.source for p in rag.retrieve("塔有多高？")} != {"tower.md"}


@pytest.mark.parametrize("step", ["store", "applied"])
def test_a_sync_that_is_stopped_is_gone_on_with(open_rag: Open, servers: list[ChromaServer], docs: Path, step: str) -> None:
    rag = open_rag(servers)
    rag.sync()
    (docs / "tower.md").unlink()
    (docs / "weir.txt").write_text("The weir at Otley was built in 1851.")

    def stop(at: str, done: int, total: int) -> None:
        if at == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rag.sync(stop)
    whole = found(rag)
    assert not rag.sync().notes and found(rag) == whole
    assert sorted(s for sources in on_each(rag).values() for s in sources) == rag.sources


def test_a_process_of_other_servers_does_not_believe_what_is_moved(open_rag: Open, servers: list[ChromaServer]) -> None:
    two, three = open_rag(servers[:2]), open_rag(servers)
    two.sync()
    whole, snapshot = found(two), two.retriever.snapshot()
    three.sync()
    asked = two._checked_question("塔有多高？")
    assert [(p.chunk_id, p.score) for p in two.retriever.search(asked, 10, snapshot)] == whole == found(two)


# the shell and the page


def test_the_page_tells_what_was_left_out_whichever_place_answers(
    open_rag: Open, servers: list[ChromaServer], tmp_path: Path
) -> None:
    rag = open_rag(servers)
    rag.sync()
    rooms = Rooms(rag)
    room = rooms.enter("a" * 32)
    (upload := tmp_path / "quarry.txt").write_text("The Baldock quarry was closed in 1903.")
    room.add([upload])
    room.sync()
    servers[1].stop()
    told = f"vector server 2 of 3, {servers[1].address}"
    turn = room.ask("When was the Baldock quarry closed?")
    assert (turn.place, turn.answer.short) == (UPLOADS, "1903") and told in said(turn.answer)
    refused = room.ask("Who was the first king of Norway?").answer
    assert not refused.answered and refused.reason.count(servers[1].address) == 1 and refused.left_out
    assert told in answer_html(turn.answer, rag, say_in("en")) and told in answer_html(refused, rag, say_in("en"))
    assert all(told in row["left_out"] for row in page_over(rooms).search("塔有多高？"))
    assert told in search_html(*rag.retrieve_told("塔有多高？")[:1], "", say_in("en"), rag.retrieve_told("塔有多高？")[1])
    rooms.close()


def test_the_doctor_names_each_server_and_no_login(
    docs: Path, tmp_path: Path, servers: list[ChromaServer], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = [server.address.replace("//", "//ada:sesame@") for server in servers]
    monkeypatch.setenv("RAG_CHROMA_URL", ",".join(addresses))
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    monkeypatch.setenv("COLUMNS", "200")
    servers[2].stop()
    assert main(["doctor", "--docs", str(docs)]) == 4
    said = capsys.readouterr().out
    assert all(f"127.0.0.1:{server.port}" in said for server in servers) and "does not answer" in said
    assert main(["sync", str(docs)]) == 0 and main(["ask", "How high is the Elmet tower?", "--docs", str(docs)]) == 0
    assert main(["status", "--docs", str(docs), "--json"]) == 0
    said += "".join(capsys.readouterr())
    assert "Answered without vector server 3 of 3" in said and "sesame" not in said
    for path in (tmp_path / "index").rglob("*"):
        assert not path.is_file() or b"sesame" not in path.read_bytes()


def test_a_log_in_is_sent_to_the_server() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hear() -> None:
            connection, _ = listening.accept()
            heard.append(connection.recv(4096))
            connection.close()

        thread = threading.Thread(target=hear)
        thread.start()
        with pytest.raises(StoreUnavailable) as error:
            ChromaStore(f"http://ada:love%20lace@127.0.0.1:{listening.getsockname()[1]}", timeout_seconds=5).has("x")
        thread.join()
    assert re.search(rb"Authorization: Basic YWRhOmxvdmUgbGFjZQ==", heard[0]) and "lace" not in str(error.value)
