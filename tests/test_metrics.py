"""`/metrics`: what was asked and what is served, in Prometheus' format, to whom it may be told."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from rag.answers import Answer, Stage, Trace
from rag.config import Config
from rag.errors import IndexBroken, StoreUnavailable, UsageError
from rag.pipeline import Rag
from rag.web import metrics
from rag.web.guard import Guard
from rag.web.logins import Logins
from rag.web.metrics import Metrics
from rag.web.rooms import Rooms
from tests.conftest import ChromaServer, page_over

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?(?:e[+-]\d+)?|\+Inf|NaN)")
QUESTION = "How high is the Elmet tower?"


def read(text: str) -> dict[str, float]:
    """Name with labels → value, held to the rules of the format: HELP, TYPE, then the samples of a metric, each once, and no other line."""
    found: dict[str, float] = {}
    kinds: dict[str, str] = {}
    assert text.endswith("\n")
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("# HELP "):
            _, _, name, told = line.split(" ", 3)
            kind = re.fullmatch(rf"# TYPE {name} (counter|gauge|histogram)", next(lines))
            assert kind and told and name not in kinds and re.fullmatch(NAME, name)
            assert (kind[1] == "counter") == name.endswith("_total")
            kinds[name] = kind[1]
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        ends = ("_bucket", "_sum", "_count") if kinds[name] == "histogram" else ("",)
        assert sample[1].removeprefix(name) in ends and sample[1].startswith(name), line
        key = line.rpartition(" ")[0]
        assert key not in found
        found[key] = float(sample[3])
    for name in [name for name, kind in kinds.items() if kind == "histogram"]:
        for stage in {match[1] for key in found if (match := re.match(rf'{name}_count{{stage="(.*)"}}', key))}:
            counts = [value for key, value in found.items() if key.startswith(f'{name}_bucket{{stage="{stage}"')]
            assert counts == sorted(counts) and counts[-1] == found[f'{name}_count{{stage="{stage}"}}']
            assert f'{name}_bucket{{stage="{stage}",le="+Inf"}}' in found
    return found


@pytest.fixture
def rooms(docs: Path, tmp_path: Path, library: Rag) -> Iterator[Rooms]:
    with Rag(Config(docs=docs, index_dir=tmp_path / "index"), models=library) as rag:
        rag.sync()
        rooms = Rooms(rag)
        yield rooms
        rooms.close()


def test_questions_are_counted_by_how_they_ended(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    room = rooms.enter("a" * 32)
    text = rooms.metrics.text(rooms.shared)
    assert read(text)["rag_questions_total"] == 0 and read(text)['rag_generation{of="served"}'] == 0
    room.ask(QUESTION)
    page_over(rooms).ask("Who was the first king of Norway?")
    with pytest.raises(UsageError):
        room.ask("")
    list(room.ask_each(QUESTION)[1])
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailable):
        patched.setattr(Rag, "read", lambda *given, **named: (_ for _ in ()).throw(StoreUnavailable("x")))
        room.ask(QUESTION)
    text = rooms.metrics.text(rooms.shared)
    found = read(text)
    counted = {name: found[f"rag_{name}_total"] for name in ("questions", "refusals", "errors", "misused", "documents_asked")}
    assert counted == {"questions": 4, "refusals": 1, "errors": 1, "misused": 1, "documents_asked": 2}
    for stage in ("embed", "search", "read", "check", "whole"):
        assert found[f'rag_question_seconds_count{{stage="{stage}"}}'] == 2
        assert 0 < found[f'rag_question_seconds_sum{{stage="{stage}"}}'] <= found['rag_question_seconds_sum{stage="whole"}']
    assert (found['rag_generation{of="served"}'], found['rag_generation{of="catalog"}'], found["rag_index_readable"]) == (1, 1, 1)
    assert (found["rag_chunks"], found['rag_files{state="indexed"}'], found["rag_vector_servers"]) == (2, 2, 0)
    assert not re.search(r"Elmet|Norway|tower|\.txt|\.md|127\.0\.0\.1", text)


def test_a_generation_that_nobody_asked_yet_is_told_as_a_lag(rooms: Rooms, docs: Path) -> None:
    room = rooms.enter("a" * 32)
    room.ask(QUESTION)
    (docs / "weir.txt").write_text("The weir at Otley was built in 1851.")
    (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    room.sync()
    found = read(rooms.metrics.text(rooms.shared))
    assert (found['rag_generation{of="served"}'], found['rag_generation{of="catalog"}'], found["rag_chunks"]) == (1, 2, 2)
    room.ask(QUESTION)
    found = read(rooms.metrics.text(rooms.shared))
    assert (found['rag_generation{of="served"}'], found["rag_chunks"], found['rag_files{state="failed"}']) == (2, 3, 1)


def test_an_index_that_cannot_be_read_leaves_the_counts(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Rag) -> None:
        raise IndexBroken("x")

    monkeypatch.setattr(Rag, "serving", broken)
    found = read(rooms.metrics.text(rooms.shared))
    assert found["rag_index_readable"] == 0 and found["rag_questions_total"] == 0 and not any("chunks" in key for key in found)


def test_how_long_a_stage_took_falls_into_its_bucket(rooms: Rooms) -> None:
    counted = Metrics()
    for milliseconds in (5, 5.1, 100_000):
        with counted.question() as answered:
            answered(Answer("x", True, "y", trace=Trace("x", (Stage("read", milliseconds),))))
    found = read(counted.text(rooms.shared))
    buckets = [found[f'rag_question_seconds_bucket{{stage="read",le="{le}"}}'] for le in ("0.005", "0.01", "60", "+Inf")]
    assert buckets == [1, 2, 2, 3] and found['rag_question_seconds_sum{stage="read"}'] == pytest.approx(100.0101)


def test_values_of_labels_and_help_are_escaped() -> None:
    text = metrics._family("x", "gauge", "a\\b\nc", [("", {"of": 'a"b\\c\nd'}, 1)])
    assert text == '# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{of="a\\"b\\\\c\\nd"} 1\n' and read(text)


@pytest.mark.parametrize(("below", "alone", "status"), [(None, True, 200), (None, False, 403), ("/docs", True, 403)])
def test_metrics_are_told_to_this_machine_alone(below: str | None, alone: bool, status: int) -> None:
    told = TestClient(Guard(PlainTextResponse("page"), below, metrics=lambda: "x 1\n", alone=alone)).get("/metrics")
    assert told.status_code == status and (told.text == "x 1\n" if status == 200 else "--auth" in told.text)
    if status == 200:
        assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("alone", [True, False])
def test_behind_a_log_in_metrics_are_told_to_who_has_one(alone: bool) -> None:
    guard = Guard(PlainTextResponse("page"), None, None, Logins({"ada": "lovelace"}), metrics=lambda: "x 1\n", alone=alone)
    client = TestClient(guard)
    assert client.get("/metrics").status_code == 401
    for password, told in (("lovelace", "x 1\n"), ("sesame", "")):
        login = b64encode(f"ada:{password}".encode()).decode()
        assert (client.get("/metrics", headers={"Authorization": f"Basic {login}"}).text == "x 1\n") == bool(told)


def test_each_vector_server_is_told_up_or_down(docs: Path, tmp_path: Path, library: Rag, servers: list[ChromaServer]) -> None:
    addresses = ",".join(server.address for server in servers)
    with Rag(Config(docs=docs, index_dir=tmp_path / "index", chroma_url=addresses), models=library) as rag:
        rag.sync()
        servers[1].stop()
        with servers[2].held_up():
            text = Metrics().text(rag)
    found = read(text)
    assert [found[f'rag_vector_server_up{{server="{number}"}}'] for number in (1, 2, 3)] == [1, 0, 0]
    assert found["rag_vector_servers"] == 3 and "127.0.0.1" not in text
