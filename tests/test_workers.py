"""Many workers make the index that one process makes, whichever of them dies when; and none is left when the work ends, however it does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from rag.config import Config
from rag.corpus.workers import Crew, WorkerDied, processes
from rag.errors import ModelBroken, UsageError, WorkersFailed
from rag.messages import Reason
from rag.pipeline import Rag
from rag.reports import SyncReport
from rag.shell.cli import main
from tests.conftest import LIBRARY, ROOT
from tests.workers_harness import broken_toy, dying_toy, toy, unsendable_toy

QUESTIONS = [
    "How high is the Elmet tower?",
    "How many times a minute does the red wheel turn?",
    "When was the green wheel bought?",
    "How long is rye bread baked?",
    "And how much does a loaf weigh?",
    "How many employees were there in Japan?",
    "Did Oxley Looms move its head office to Tokyo?",
    "How many wagons are there?",
    "Are dogs allowed in the hall?",
    "Is the fee for the hall 5 euros?",
    "What is the capital of Mongolia?",
    "What is the harbour loan worth?",
    "What three changes to the parade did Clara Vint describe?",
    "Who carved the festival's first drum?",
    "Who carved the festival's first drum and what is his shoe size?",
    "How many documents are there?",
    "What is the price of the blue wheel?",
    "挪威2022年的鲑鱼出口增长了多少？",
    "灯笼节有多少盏灯？",
    "谁是第二大买家？",
]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
Synced = Callable[..., tuple[Rag, SyncReport]]
Alone = tuple[dict[str, Any], list[Any], SyncReport]


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = processes(2, 0, toy, 60)
    yield crew
    crew.close()
    assert children() == []


def children() -> list[int]:
    """The workers that this process has started and that are there."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    found = [int(pid) for path in tasks.glob("*/children") for pid in path.read_text().split()]
    return [pid for pid in found if "rag.corpus.workers" in command(pid)]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


# one crew


def test_each_task_is_done_once_and_as_soon_as_it_is(crew: Crew) -> None:
    tasks = [0.6, *[0.0] * 20]
    done = list(crew.each(lambda seconds: crew.call("double", 4, seconds), tasks))
    assert sorted(done) == sorted((task, 8) for task in tasks) and done[-1][0] == 0.6
    assert len(children()) == 2
    assert list(crew.each(lambda _: crew.call("double", 5), [])) == []


def test_no_more_workers_are_started_than_there_are_tasks() -> None:
    crew = processes(8, 0, toy, 60)
    assert children() == []
    assert list(crew.each(lambda n: crew.call("double", n), [3])) == [(3, 6)] and len(children()) == 1
    crew.close()


def test_a_worker_that_dies_costs_its_call_which_is_made_again(crew: Crew, tmp_path: Path) -> None:
    def do(number: int) -> Any:
        return crew.call("die_once", number, tmp_path / str(number))

    assert dict(crew.each(do, range(4))) == {number: 2 * number for number in range(4)}


def test_a_call_that_ends_two_workers_is_given_up_and_the_others_are_made(crew: Crew) -> None:
    def do(number: int) -> Any:
        try:
            return crew.call("die" if number == 3 else "double", number)
        except WorkerDied as died:
            return str(died), died.late

    assert dict(crew.each(do, range(8))) == {**{n: 2 * n for n in range(8)}, 3: ("exit code -9", False)}


def test_workers_that_are_killed_at_any_moment_leave_nothing_undone(crew: Crew) -> None:
    def do(number: int) -> Any:
        while True:
            try:
                return crew.call("double", number, 0.01)
            except WorkerDied:
                pass

    done, killed = dict[int, int](), set[int]()
    for number, doubled in crew.each(do, range(300)):
        done[number] = doubled
        if len(done) % 29 == 0 and (there := children()):
            killed.add(there[len(done) % len(there)])
            os.kill(there[len(done) % len(there)], signal.SIGKILL)
    assert done == {number: 2 * number for number in range(300)} and len(killed) > 5


def test_a_call_that_takes_too_long_is_ended_whatever_it_holds() -> None:
    crew = processes(1, 0, toy, 1.0)
    assert crew.call("double", 1) == 2
    began = time.monotonic()
    with pytest.raises(WorkerDied) as died:
        crew.call("hold", 1)
    assert died.value.late and time.monotonic() - began < 10
    assert crew.call("double", 2) == 4
    crew.close()


def test_what_a_call_raises_comes_back_and_what_it_prints_does_not(crew: Crew, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="7 is no number"):
        crew.call("complain", 7)
    assert crew.call("variables") == [] and "no answer" in capfd.readouterr().err


@pytest.mark.parametrize(("count", "threads", "each"), [(1, 4, "4"), (2, 5, "2"), (8, 3, "1"), (2, 64, "8")])
def test_threads_are_shared_out(count: int, threads: int, each: str) -> None:
    crew = processes(count, threads, toy, 60)
    assert crew.call("variables", "OMP_NUM_THREADS", "RAYON_NUM_THREADS") == [each, each]
    crew.close()


def test_workers_that_cannot_start_are_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    for make, error, said in (
        (broken_toy, ModelBroken, "the toy is broken"),
        (dying_toy, WorkersFailed, r"no worker can be started \(exit code 3\)"),
        (unsendable_toy, ValueError, "cannot be sent"),
    ):
        crew = processes(2, 0, make, 60)
        with pytest.raises(error, match=said):
            list(crew.each(partial(crew.call, "double"), [1, 2]))
        crew.close()
        assert children() == []


# an index


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of fate: text with clutter that repeats, formats that say what their parts are, damage, other types."""
    docs = tmp_path_factory.mktemp("many") / "docs"
    shutil.copytree(LIBRARY, docs)
    for number, colour in enumerate(("red", "green", "blue", "white")):
        body = (
            f"The {colour} wheel of the mill at Otley turns {number + 3} times a minute. It was bought in {1900 + number}. " * 4
        )
        (docs / f"mill{number}.txt").write_text(f"Mill news\n\nThe {colour} wheel\n\n{body}\n\nPrinted in Otley\n")
        (docs / f"mill{number}.html").write_text(f"<h1>The {colour} wheel</h1><p>{body}</p>")
    (docs / "prices.csv").write_text("wheel,price\nred,12 pounds\ngreen,15 pounds\nblue,19 pounds\n")
    (docs / "empty.txt").write_text("")
    (docs / "photo.jpg").write_bytes(b"\xff\xd8")
    (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    (docs / "torn.docx").write_bytes(b"PK\x03\x04 torn")
    for path in docs.iterdir():
        os.utime(path, (1e9, 1e9))
    return docs


@pytest.fixture
def synced(many: Path, tmp_path: Path, library: Rag) -> Iterator[Synced]:
    opened: list[Rag] = []

    def sync(name: str = "index", docs: Path = many, **how: Any) -> tuple[Rag, SyncReport]:
        rag = Rag(Config(docs=docs, index_dir=tmp_path / name), models=library)
        opened.append(rag)
        return rag, rag.sync(**how)

    yield sync
    for rag in opened:
        rag.close()
    assert children() == []


def held(rag: Rag) -> dict[str, Any]:
    """All that an index holds, as if all of it had been written at one moment."""
    catalog = rag.indexer.catalog
    catalog.put_files([replace(row, indexed_at="now" if row.indexed_at else "") for row in catalog.files().values()])
    ids = catalog.chunk_ids()
    vectors = catalog.vectors(ids, rag.indexer.embedding.model.fingerprint)
    return {
        "root": catalog.meta("root"),
        "files": catalog.verified(),
        "chunks": list(catalog.chunks()),
        "vectors": {chunk_id: vectors[chunk_id].tobytes() for chunk_id in ids},
    }


def answers(rag: Rag) -> list[Any]:
    return [_untimed(asdict(rag.answer(question))) for question in QUESTIONS]


def _untimed(value: Any) -> Any:
    """Plain data without the moments and durations in it."""
    if isinstance(value, dict):
        return {name: _untimed(each) for name, each in value.items() if name not in ("indexed_at", "milliseconds")}
    return [_untimed(each) for each in value] if isinstance(value, (list, tuple)) else value


def timeless(report: SyncReport) -> SyncReport:
    return replace(report, seconds=0.0)


@pytest.fixture(scope="module")
def alone(many: Path, tmp_path_factory: pytest.TempPathFactory, library: Rag) -> Alone:
    """What one process makes of the folder: what the index holds, what it answers, and what was reported."""
    with Rag(Config(docs=many, index_dir=tmp_path_factory.mktemp("alone")), models=library) as rag:
        report = timeless(rag.sync())
        return held(rag), answers(rag), report


@pytest.mark.parametrize("workers", [1, 2])
def test_the_index_is_the_same_however_many_made_it(synced: Synced, alone: Alone, workers: int) -> None:
    rag, report = synced(workers=workers)
    assert (held(rag), answers(rag), timeless(report)) == alone
    assert report.counts["added"] == 17
    assert "Printed in Otley" not in "".join(row.text for row in rag.indexer.catalog.chunks())
    assert sum(answer["answered"] for answer in alone[1]) > 10


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed")
def test_the_index_is_the_same_when_a_ray_cluster_made_it(synced: Synced, alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    rag, report = synced(workers=2, ray="local")
    assert (held(rag), answers(rag), timeless(report)) == alone


@pytest.mark.parametrize("step", ["scan", "read", "embed"])
def test_a_worker_killed_in_any_step_changes_nothing(synced: Synced, alone: Alone, step: str) -> None:
    """Before the first is ready, while files are read, while texts are embedded."""
    killed: list[int] = []

    def kill(now: str, done: int, total: int) -> None:
        if now == step and not killed and (found := children()):
            killed.append(found[0])
            os.kill(found[0], signal.SIGKILL)

    def kill_first() -> None:
        while not killed:
            kill(step, 0, 0)

    killer = threading.Thread(target=kill_first)
    if step == "scan":
        killer.start()
    rag, report = synced(workers=2, on_progress=kill)
    assert killed and (held(rag), timeless(report)) == (alone[0], alone[2])


def test_what_changes_later_is_brought_in_by_workers_or_without(synced: Synced, many: Path, tmp_path: Path) -> None:
    docs = shutil.copytree(many, tmp_path / "docs")
    synced(docs=docs, workers=2)
    (docs / "mill0.txt").unlink()
    (docs / "mill1.txt").unlink()  # the lines of the other two no longer repeat
    (docs / "new.html").write_text("<p>The new wheel is of oak.</p>")
    for name in ("bakery.txt", "new.html"):
        os.utime(docs / name, (1.1e9, 1.1e9))
    shutil.copytree(tmp_path / "index", tmp_path / "other")
    one, report = synced(docs=docs, workers=2)
    two, same = synced("other", docs=docs)
    assert timeless(report) == timeless(same) and report.counts["removed"] == 2 and report.counts["added"] == 1
    assert held(one) == held(two)
    assert "Printed in Otley" in "".join(row.text for row in one.indexer.catalog.chunks())
    anew, _ = synced("anew", docs=docs)
    assert list(one.indexer.catalog.chunks()) == list(anew.indexer.catalog.chunks())
    assert synced(docs=docs, workers=2)[1].embedded == 0


def test_a_file_that_ends_its_reader_is_that_file_s_failure(
    synced: Synced, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import os\nfrom rag.formats.readers import READERS\ngiven = READERS['.txt']\n"
        "READERS['.txt'] = lambda content: os.abort() if b'poison' in content else given(content)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{ROOT}")
    for name in ("a", "z"):
        (docs / f"{name}.txt").write_text("This is poison.")
        os.utime(docs / f"{name}.txt", (1e9, 1e9))
    rag, report = synced(docs=docs, workers=2)
    assert {file.source: file.reason for file in report.in_state("failed")} == dict.fromkeys(
        ("a.txt", "z.txt"), Reason("reader died")
    )
    assert report.counts["added"] == 2 and rag.answer("How high is the Elmet tower?").short == "48 metres"
    generation = rag.indexer.catalog.generation
    # This process, which could read them, leaves them alone while they are as they were; workers try again.
    assert rag.indexer.pending() == {} and rag.sync().counts["failed"] == rag.sync(workers=1).counts["failed"] == 2
    assert rag.indexer.catalog.generation == generation
    (docs / "a.txt").write_text("This is a wheel.")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert rag.indexer.pending() == {"a.txt": "changed"} and rag.sync().counts["failed"] == 1
    assert rag.sync(workers=1).counts["failed"] == 0


# the command


def run(docs: Path, index: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "rag", "sync", str(docs), "--index-dir", str(index), "--workers", "2"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, cwd=ROOT, env=ENVIRONMENT, text=True, start_new_session=True, **pipes)


def workers_of(pid: int) -> set[int]:
    found: set[int] = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid and "rag.corpus.workers" in command(
                int(path.parent.name)
            ):
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def soon(seen: Callable[[], bool]) -> bool:
    for _ in range(600):
        if seen():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("after", [0.0, 2.0])
def test_a_leader_that_is_killed_leaves_the_old_generation_and_no_worker(
    synced: Synced, many: Path, tmp_path: Path, after: float
) -> None:
    docs = shutil.copytree(many, tmp_path / "docs")
    rag, _ = synced(docs=docs)
    before = held(rag)
    for name, wood in (("new.txt", "oak"), ("more.txt", "ash")):
        (docs / name).write_text(" ".join(f"The wheel number {number} is of {wood}." for number in range(8000)))
    with run(docs, tmp_path / "index") as process:
        assert soon(lambda: len(workers_of(process.pid)) == 2)
        time.sleep(after)
        workers = workers_of(process.pid)
        process.kill()
    assert workers and soon(lambda: not any(map(command, workers)))
    assert held(rag) == before
    assert rag.sync(workers=2).counts["added"] == 2


@pytest.mark.parametrize("after", [0.0, 1.5])
def test_ctrl_c_ends_all_of_them_quietly(many: Path, tmp_path: Path, after: float) -> None:
    with run(many, tmp_path / "index") as process:
        assert soon(lambda: bool(workers_of(process.pid)))
        time.sleep(after)
        workers = workers_of(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "") and err.startswith("rag: stopped") and err.count("\n") == 1
    assert not any(map(command, workers))


def test_what_cannot_be_is_told_before_anything_is_read(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    assert main(["sync", str(docs), "--workers", "-1"]) == 2
    assert "workers is -1; it must be 0 or more" in capsys.readouterr().err
    for address in ("", "nowhere", "ada:lovelace@host:6379", "host:x", "http://host:1"):
        assert main(["sync", str(docs), "--ray", address]) == 2
        said = capsys.readouterr().err
        assert "write HOST:PORT" in said and "lovelace" not in said
    with Rag(Config(docs=docs)) as rag:
        for how in ({"workers": 1.5}, {"workers": True}, {"ray": 3}):
            with pytest.raises(UsageError):
                rag.sync(**how)
