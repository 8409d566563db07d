"""Damages an index, one file or row at a time, then asks: each damage must end in the right answer or a true refusal.

Usage: python -m tests.damage_harness FILES [PART OF A NAME …]. FILES small ones are indexed; with more than 1,000 Chroma writes its graph. Prints a row a damage and the number of bad endings, which is the exit code.
`damages` lists them for an index as it lies on disk, whatever its files are called. Each question is asked by the shell command in a
child that is forked before any model or client is opened; then a sync must bring back what an undamaged index finds.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import chromadb  # noqa: F401  (imported before forking)
import onnxruntime  # noqa: F401

from rag.config import Config
from rag.pipeline import Rag
from rag.places import index_folder
from rag.shell.cli import main

QUESTION, SHORT = "How high is the Elmet tower?", "48 metres"
PROBES = (QUESTION, "Who built the Marlow bridge?", "Which mill has nine wheels?")
ANSWERED, REBUILT, REFUSED, BAD = "answered", "rebuilt", "refused", "BAD"
SECONDS = 120

Change = Callable[[Path], object]


class Damage(NamedTuple):
    """One change of an index folder."""

    name: str
    change: Change


class Ending(NamedTuple):
    """What came of it: ANSWERED, REBUILT, REFUSED or BAD, and why."""

    kind: str
    why: str = ""


def make_docs(folder: Path, mills: int) -> None:
    """Facts to ask for among `mills` files; more than 1,000 make Chroma write its graph."""
    folder.mkdir(parents=True)
    (folder / "tower.md").write_text("# The Elmet tower\n\nThe Elmet tower is 48 metres high. Work on it ended in 1911.\n")
    (folder / "bridge.txt").write_text("The Marlow bridge was built by the engineer Tierney Clark in 1832. It spans 72 metres.\n")
    for number in range(mills):
        (folder / f"mill{number:04}.txt").write_text(f"The mill number {number} at Otley has {number % 40} wheels.\n")


# damages of files


def _noise(path: Path, first: float, last: float) -> None:
    """Other bytes from `first` to `last` of the file, as shares of it; its size and the rest stay."""
    content = bytearray(path.read_bytes())
    start, end = int(len(content) * first), max(int(len(content) * last), int(len(content) * first) + 1)
    content[start:end] = random.Random(7).randbytes(len(content[start:end]))
    path.write_bytes(content)


def _zeroed(path: Path) -> None:
    """A page in the middle is zeros, and so is every seventh."""
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 2 // 4096 * 4096, len(content), 7 * 4096):
        content[at : at + 4096] = bytes(len(content[at : at + 4096]))
    path.write_bytes(content)


def _flipped(path: Path) -> None:
    """One bit in every 500 bytes, behind the header."""
    content = bytearray(path.read_bytes())
    for at in range(min(100, len(content) // 2), len(content), 500):
        content[at] ^= 1 << (at % 7)
    path.write_bytes(content)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "x").write_text("x")


FILE_KINDS: dict[str, Change] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "garbage": lambda path: path.write_bytes(b"garbage" * (path.stat().st_size // 7 + 1)),
    "head": lambda path: _noise(path, 0, 0.01),
    "noise": lambda path: _noise(path, 0.3, 0.8),
    "zeroed": _zeroed,
    "flipped": _flipped,
    "folder": _folder,
}


def file_damages(index: Path) -> Iterator[Damage]:
    """Every kind for every file of the index; names that differ from run to run are written as a star."""
    for path in sorted(index.rglob("*")):
        if not path.is_file() or path.name == "write.lock":
            continue
        inner = path.relative_to(index)
        name = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,}", "*", inner.as_posix())
        for kind, change in FILE_KINDS.items():
            if path.stat().st_size or kind in ("gone", "folder", "garbage"):
                yield Damage(f"{name}: {kind}", lambda folder, inner=inner, change=change: change(folder / inner))  # type: ignore[misc]
    for path in sorted(index.iterdir()):
        if path.is_dir():
            name = re.sub(r"[0-9a-f]{8,}", "*", path.name)
            yield Damage(f"{name}/: gone", lambda folder, path=path: shutil.rmtree(folder / path.name))  # type: ignore[misc]
            yield Damage(f"{name}/: a file", lambda folder, path=path: _file_for(folder / path.name))  # type: ignore[misc]
    yield Damage("the folder: gone", shutil.rmtree)
    yield Damage("write.owner: binary", lambda folder: (folder / "write.owner").write_bytes(b"\xff\xfe\x80"))


def _file_for(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


# damages of rows


def _sql(*statements: str) -> Change:
    def change(folder: Path) -> None:
        connection = sqlite3.connect(folder / "catalog.sqlite3")
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    return change


_TOWER = "source = 'tower.md'"
_TOWER_VECTOR = f"vector_key IN (SELECT vector_key FROM chunks WHERE {_TOWER})"
ROWS: dict[str, Change] = {
    "chunks: one gone": _sql(f"DELETE FROM chunks WHERE {_TOWER}"),
    "chunks: a tenth gone": _sql("DELETE FROM chunks WHERE rowid % 10 = 1"),
    "chunks: all gone": _sql("DELETE FROM chunks"),
    "chunks: one more": _sql(
        "CREATE TEMP TABLE t AS SELECT * FROM chunks LIMIT 1", "UPDATE t SET chunk_id = 'x'", "INSERT INTO chunks SELECT * FROM t"
    ),
    "chunks: text": _sql(f"UPDATE chunks SET text = replace(text, '48', '58') WHERE {_TOWER}"),
    "chunks: place": _sql(f"UPDATE chunks SET start = start + 2 WHERE {_TOWER}"),
    "chunks: place is a word": _sql(f"UPDATE chunks SET start = 'x' WHERE {_TOWER}"),
    "chunks: other file": _sql(f"UPDATE chunks SET source = 'bridge.txt' WHERE {_TOWER}"),
    "chunks: no file": _sql(f"UPDATE chunks SET source = 'nowhere.txt' WHERE {_TOWER}"),
    "chunks: bad JSON": _sql(f"UPDATE chunks SET sentences = '[[1, ' WHERE {_TOWER}"),
    "chunks: other JSON": _sql(f"UPDATE chunks SET sentences = '[3]' WHERE {_TOWER}"),
    "chunks: other key": _sql(f"UPDATE chunks SET vector_key = 'x' WHERE {_TOWER}"),
    "chunks: table gone": _sql("DROP TABLE chunks"),
    "files: one gone": _sql(f"DELETE FROM files WHERE {_TOWER}"),
    "files: one gone with its chunks, and the store's record": _sql(
        f"DELETE FROM files WHERE {_TOWER}", f"DELETE FROM chunks WHERE {_TOWER}", "DELETE FROM meta WHERE key = 'store'"
    ),
    "files: all gone": _sql("DELETE FROM files"),
    "files: skipped": _sql(f"UPDATE files SET state = 'skipped' WHERE {_TOWER}"),
    "files: other sha256": _sql(f"UPDATE files SET sha256 = 'x' WHERE {_TOWER}"),
    "files: title": _sql(f"UPDATE files SET title = 'The Marlow bridge' WHERE {_TOWER}"),
    "files: bad JSON": _sql(f"UPDATE files SET page_starts = '[3' WHERE {_TOWER}"),
    "files: other JSON": _sql(f"UPDATE files SET reason = '{{\"x\": 1}}' WHERE {_TOWER}"),
    "files: table gone": _sql("DROP TABLE files"),
    "vectors: one gone": _sql(f"DELETE FROM vectors WHERE {_TOWER_VECTOR}"),
    "vectors: all gone": _sql("DELETE FROM vectors"),
    "vectors: short": _sql(f"UPDATE vectors SET vector = substr(vector, 1, 700) WHERE {_TOWER_VECTOR}"),
    "vectors: torn": _sql(f"UPDATE vectors SET vector = substr(vector, 1, 701) WHERE {_TOWER_VECTOR}"),
    "vectors: zeroed": _sql(f"UPDATE vectors SET vector = zeroblob(1536) WHERE {_TOWER_VECTOR}"),
    "vectors: empty": _sql("UPDATE vectors SET vector = x''"),
    "vectors: not numbers": _sql(
        f"UPDATE vectors SET vector = CAST(replace(hex(zeroblob(192)), '0', 'ÿÿ') AS BLOB) WHERE {_TOWER_VECTOR}"
    ),
    "vectors: exchanged": _sql(
        f"UPDATE vectors SET vector = (SELECT v.vector FROM vectors v JOIN chunks c USING (vector_key) WHERE c.source = 'bridge.txt') WHERE {_TOWER_VECTOR}"
    ),
    "vectors: table gone": _sql("DROP TABLE vectors"),
    "meta: all gone": _sql("DELETE FROM meta"),
    "meta: table gone": _sql("DROP TABLE meta"),
    "meta: generation is a word": _sql("UPDATE meta SET value = 'many' WHERE key = 'generation'"),
    "meta: generation is another": _sql("UPDATE meta SET value = '41' WHERE key = 'generation'"),
    "meta: generation is gone": _sql("DELETE FROM meta WHERE key = 'generation'"),
    "meta: fingerprint": _sql("UPDATE meta SET value = 'x' WHERE key = 'fingerprint'"),
    "meta: schema": _sql("UPDATE meta SET value = 'x' WHERE key = 'schema'"),
    "meta: every value is x": _sql("UPDATE meta SET value = 'x' WHERE key <> 'schema'"),
    "meta: every value is empty": _sql("UPDATE meta SET value = '' WHERE key <> 'schema'"),
    "meta: every value is {": _sql("UPDATE meta SET value = '{' WHERE key NOT IN ('schema', 'generation')"),
}


def _older_wal(folder: Path) -> None:
    """A log of another time beside the catalog."""
    (folder / "catalog.sqlite3-wal").write_bytes(random.Random(3).randbytes(8192))


def damages(index: Path) -> list[Damage]:
    """All of them, for the index folder `index`."""
    rows = [Damage(f"rows of {name}", change) for name, change in ROWS.items()]
    return [*file_damages(index), *rows, Damage("catalog.sqlite3-wal: foreign", _older_wal)]


# what came of it


def in_child(work: Callable[[], int], out: Path) -> tuple[int, str, str]:
    """(exit code, or minus the signal; standard output; standard error) of `work` in a forked child."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(out / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            signal.alarm(SECONDS)
            code = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    said = [(out / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err")]
    return os.waitstatus_to_exitcode(status), said[0], said[1]


def probes(config: Config) -> Any:
    """What an index finds for PROBES after a sync, as JSON data."""
    with Rag(config) as rag:
        rag.sync()
        return [[(p.chunk_id, round(p.score, 5)) for p in rag.retrieve(probe, top_k=5)] for probe in PROBES]


def _print_probes(config: Config) -> int:
    print(json.dumps(probes(config)))
    return 0


class Trial:
    """A whole index of `mills` small files, damaged in copies."""

    def __init__(self, folder: Path, mills: int) -> None:
        self.folder = folder
        self.config = Config(docs=folder / "docs", index_dir=folder / "index")
        make_docs(folder / "docs", mills)
        os.environ["RAG_INDEX_DIR"] = str(folder / "index")
        code, out, err = in_child(lambda: _print_probes(self.config), folder)
        if code:
            raise RuntimeError(err)
        self.wanted = json.loads(out)
        self.index = index_folder(self.config)
        shutil.copytree(self.index, folder / "whole")

    def damages(self) -> list[Damage]:
        return damages(self.folder / "whole")

    def run(self, damage: Damage) -> Ending:
        """Damage a copy, ask, and sync."""
        shutil.rmtree(self.index, ignore_errors=True)
        shutil.copytree(self.folder / "whole", self.index)
        damage.change(self.index)
        code, out, err = self._command("ask", QUESTION, "--docs", str(self.config.docs), "--json")
        if code == 4 and "Traceback" not in err:
            return self._refused(err.strip())
        if code or "Traceback" in err:
            return Ending(BAD, f"ask ended with {code}: {_last(err) or _last(out)}")
        if (short := json.loads(out)["short"]) != SHORT:
            return Ending(BAD, f"the answer was {short!r}")
        code, out, found = in_child(lambda: _print_probes(self.config), self.folder)
        if code:
            return Ending(BAD, f"the sync after it ended with {code}: {_last(found)}")
        if json.loads(out) != self.wanted:
            return Ending(BAD, "other passages than before, after a sync too")
        return Ending(REBUILT if "anew" in err else ANSWERED, _last(err))

    def _refused(self, why: str) -> Ending:
        """A refusal is true where the command that it names mends the index."""
        if "--rebuild" in why:
            code, out, err = self._command("sync", str(self.config.docs), "--rebuild")
            if code or "Traceback" in err:
                return Ending(BAD, f"{why}; but that ended with {code}: {_last(err) or _last(out)}")
            code, out, err = in_child(lambda: _print_probes(self.config), self.folder)
            if code or json.loads(out) != self.wanted:
                return Ending(BAD, f"{why}; but that left another index: {_last(err)}")
        return Ending(REFUSED, why)

    def _command(self, *arguments: str) -> tuple[int, str, str]:
        return in_child(lambda: main(arguments), self.folder)


def _last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:200]


if __name__ == "__main__":
    files, parts = int(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder), files)
        chosen = [each for each in trial.damages() if not parts or any(part in each.name for part in parts)]
        endings = Counter[str]()
        for each in chosen:
            ending = trial.run(each)
            endings[ending.kind] += 1
            print(f"{ending.kind:9} {each.name:55} {ending.why}", flush=True)
        print(f"{len(chosen)} damages: {dict(endings)}")
    sys.exit(min(endings[BAD], 99))
