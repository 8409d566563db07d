import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rag.corpus.deadlines import within
from rag.corpus.store import ChromaStore
from rag.errors import IndexBroken, StoreUnavailable
from rag.models.runtime import FloatArray
from tests.conftest import free_port

LONG = 600.0
"""Seconds that no call here comes near, on however busy a machine."""


def unit_vectors(count: int) -> FloatArray:
    vectors = np.random.default_rng(0).normal(size=(count, 384)).astype(np.float32)
    unit: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChromaStore]:
    location = tmp_path / "chroma" if request.param == "embedded" else request.getfixturevalue("server")
    store = ChromaStore(location)
    yield store
    store.close()


def test_what_is_put_is_found_exactly(store: ChromaStore) -> None:
    vectors = unit_vectors(30)
    store.create("cv-a")
    store.upsert("cv-a", [(f"id{i:02}", v) for i, v in enumerate(vectors)])
    assert store.count("cv-a") == 30
    found = store.query("cv-a", vectors[7], 3)
    assert found[0][0] == "id07"
    assert found[0][1] == pytest.approx(1.0, abs=1e-4)
    others = vectors @ vectors[7]
    assert found[1][1] == pytest.approx(float(np.sort(others)[-2]), abs=1e-4)


def test_the_nearest_of_many_is_found(store: ChromaStore) -> None:
    vectors, asked = np.split(unit_vectors(2200), [2000])
    store.create("cv-n")
    store.upsert("cv-n", [(f"id{i:04}", v) for i, v in enumerate(vectors)])
    nearest = (asked @ vectors.T).argmax(axis=1)
    missed = [i for i, v in zip(nearest, asked) if store.query("cv-n", v, 10)[0][0] != f"id{i:04}"]
    assert len(missed) <= (3 if isinstance(store.location, Path) else 0)  # with Chroma's own settings 14 to 25


def test_upsert_replaces_and_delete_removes(store: ChromaStore) -> None:
    vectors = unit_vectors(3)
    store.create("cv-b")
    store.upsert("cv-b", [("x", vectors[0]), ("y", vectors[1])])
    store.upsert("cv-b", [("x", vectors[2])])
    [(found, similarity)] = store.query("cv-b", vectors[2], 1)
    assert found == "x" and similarity == pytest.approx(1.0, abs=1e-4)
    store.delete("cv-b", ["y"])
    assert store.ids("cv-b") == {"x"}


def test_create_starts_empty_and_others_are_dropped(store: ChromaStore) -> None:
    for name in ("cv-c1", "cv-c2", "other"):
        store.create(name)
        store.upsert(name, [("x", unit_vectors(1)[0])])
    store.create("cv-c1")
    assert store.count("cv-c1") == 0
    store.drop_others("cv-c", keep="cv-c1")
    assert store.has("cv-c1") and store.has("other") and not store.has("cv-c2")


def test_a_missing_collection_is_a_clear_error(store: ChromaStore) -> None:
    with pytest.raises(IndexBroken, match=r"cannot be used|rag sync"):
        store.count("cv-none")


def test_an_absent_server_is_named() -> None:
    with pytest.raises(StoreUnavailable, match="chroma run"):
        ChromaStore(f"http://127.0.0.1:{free_port()}", timeout_seconds=3).has("cv-a")


def test_a_silent_server_does_not_block() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(StoreUnavailable, match="no answer within"):
            ChromaStore(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.5).has("cv-a")


def test_within_passes_results_and_errors_on() -> None:
    assert within(LONG, lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        within(LONG, lambda: 1 // 0)
    with pytest.raises(TimeoutError):
        within(0.05, threading.Event().wait)


def test_a_store_may_be_abandoned_while_another_one_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the garbage collector does, in the same thread."""
    first, second = ChromaStore(tmp_path / "first"), ChromaStore(tmp_path / "second")
    first.create("chunks")
    client, closed = first._client, list[object]()
    monkeypatch.setattr(type(client), "close", lambda self: closed.append(self))
    opened = ChromaStore._open_folder

    def collecting(self: ChromaStore, folder: Path) -> object:
        first.abandon()
        assert closed == []
        return opened(self, folder)

    monkeypatch.setattr(ChromaStore, "_open_folder", collecting)
    assert within(LONG, lambda: second.has("chunks")) is False
    second.close()
    assert client in closed
