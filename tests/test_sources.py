"""What a caller calls files, and the indexed files that are meant."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from rag.config import Config
from rag.corpus.catalog import FileRow
from rag.corpus.sources import resolve
from rag.errors import UsageError
from rag.messages import Reason
from rag.pipeline import Rag
from rag.shell.cli import main

INDEXED = [
    "2024/costs.csv", "2024/minutes/may.txt", "a[1].txt", "a1.txt", "minutes.md", "minutes/june.md", "minutes/may.txt", "report.pdf",
    unicodedata.normalize("NFD", "résumé.txt"), "!odd.txt", "#odd.txt",
]  # fmt: skip
UNREAD = {
    "old.doc": FileRow("old.doc", "skipped", Reason("save as", {"suffix": ".doc", "other": ".docx"})),
    "scans/one.pdf": FileRow("scans/one.pdf", "failed", Reason("PDF without text")),
    "minutes/torn.pdf": FileRow("minutes/torn.pdf", "failed", Reason("bad PDF", {"error": "torn"})),
}
FILES = {**{source: FileRow(source, "indexed") for source in INDEXED}, **UNREAD}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents' folder, with the working directory beside it."""
    (tmp_path / "docs" / "minutes").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "docs"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("minutes/may.txt", ["minutes/may.txt"]),
        ("./minutes/may.txt", ["minutes/may.txt"]),
        ("2024/../minutes//may.txt", ["minutes/may.txt"]),
        ("{docs}/minutes/may.txt", ["minutes/may.txt"]),
        ("{docs}/../docs/minutes/may.txt", ["minutes/may.txt"]),
        ("docs/minutes/may.txt", ["minutes/may.txt"]),  # from the working directory
        ("minutes", ["minutes/june.md", "minutes/may.txt"]),
        ("minutes/", ["minutes/june.md", "minutes/may.txt"]),
        ("{docs}/minutes/", ["minutes/june.md", "minutes/may.txt"]),
        ("2024", ["2024/costs.csv", "2024/minutes/may.txt"]),
        (".", INDEXED),
        ("{docs}", INDEXED),
        ("*.pdf", ["report.pdf"]),
        ("{docs}/*.pdf", ["report.pdf"]),
        ("*.md", ["minutes.md", "minutes/june.md"]),
        ("2024/**", ["2024/costs.csv", "2024/minutes/may.txt"]),
        ("**/may.txt", ["2024/minutes/may.txt", "minutes/may.txt"]),
        ("m*s/", ["2024/minutes/may.txt", "minutes/june.md", "minutes/may.txt"]),
        ("m*s/may.txt", ["minutes/may.txt"]),
        ("**/**/j*", ["minutes/june.md"]),
        ("minutes/m?y.txt", ["minutes/may.txt"]),
        ("a[1].txt", ["a[1].txt"]),
        ("a[0-9].txt", ["a1.txt"]),
        ("[!a-z]odd.txt", ["!odd.txt", "#odd.txt"]),
        ("!*.txt", ["!odd.txt"]),
        ("#*", ["#odd.txt"]),
        ("résumé.txt", [unicodedata.normalize("NFD", "résumé.txt")]),
        (unicodedata.normalize("NFD", "r*é.txt"), [unicodedata.normalize("NFD", "résumé.txt")]),
        ("june.md", ["minutes/june.md"]),
        ("costs.csv", ["2024/costs.csv"]),
    ],
)
def test_a_name_means_files(name: str, meant: list[str], folder: Path) -> None:
    named = [name.format(docs=folder) if "{" in name else name]
    assert sorted(resolve(named, FILES, folder)) == sorted(meant)
    assert sorted(resolve(named, FILES, Path("docs"))) == sorted(meant)


def test_a_folder_reached_by_a_link_is_that_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    for docs, name in ((tmp_path / "link", folder / "minutes.md"), (tmp_path / "link", tmp_path / "link" / "minutes.md")):
        assert resolve([str(name)], FILES, docs) == ("minutes.md",)


def test_files_come_once_in_the_order_they_were_named(folder: Path) -> None:
    assert resolve(["report.pdf", "minutes", "june.md", Path("a1.txt")], FILES, folder) == (
        "report.pdf", "minutes/june.md", "minutes/may.txt", "a1.txt",
    )  # fmt: skip
    assert resolve([], FILES, folder) == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("may.txt", "may be any of several files; name one: 2024/minutes/may.txt, minutes/may.txt."),
        ("old.doc", "old.doc is not searched. old.doc skipped: .doc is not read; save it as .docx."),
        ("./old.doc", "./old.doc is not searched. old.doc skipped: .doc is not read"),
        ("*.doc", "*.doc is not searched. old.doc skipped: .doc is not read"),
        ("scans/", "scans/ is not searched. scans/one.pdf failed: PDF without text"),
        ("torn.pdf", "torn.pdf is not searched. minutes/torn.pdf failed: PDF cannot be read (torn)."),
        (
            "reprot.pdf",
            "reprot.pdf is not an indexed file of {docs}. Did you mean report.pdf? To see them: rag status --docs {docs}",
        ),
        ("june.m", "Did you mean minutes/june.md"),
        ("minuts/", "minutes/ or minutes.md?"),
        ("zzz", "zzz is not an indexed file of {docs}. To see them: rag status --docs {docs}"),
        ("*.xls", "*.xls is not an indexed file"),
        ("[", "[ is not an indexed file"),
        ("[z-a[]*", "[z-a[]* is not an indexed file"),
        ("2024/*.txt", "2024/*.txt is not an indexed file"),
        ("../beside.txt", "../beside.txt is not an indexed file"),
        ("/etc/passwd", "/etc/passwd is not an indexed file"),
        ("new.txt", "new.txt is in {docs} but not in its index: it is new, or left out"),
    ],
)
def test_what_fits_nothing_is_said_with_the_next_step(name: str, said: str, folder: Path) -> None:
    (folder / "new.txt").write_text("New.")
    (folder.parent / "beside.txt").write_text("Beside.")
    with pytest.raises(UsageError) as error:
        resolve(["report.pdf", name], FILES, folder)
    assert said.format(docs=folder) in str(error.value)


def test_all_doors_take_what_the_resolver_takes(docs: Path, tmp_path: Path) -> None:
    (docs / "old").mkdir()
    (docs / "tower.md").rename(docs / "old" / "tower.md")
    question = "How high is the Elmet tower?"
    with Rag(Config(docs=docs, index_dir=tmp_path / "index")) as rag:
        rag.sync()
        for named in (["old/"], ["*.md"], [str(docs / "old" / "tower.md")], ["tower.md"]):
            answer = rag.answer(question, sources=named)
            assert (answer.short, answer.trace.sources) == ("48 metres", ("old/tower.md",))
            assert {p.source for p in rag.retrieve(question, sources=named)} == {"old/tower.md"}
            assert [each.source for each in rag.answer_each(question, sources=named)] == ["old/tower.md"]
        assert not rag.answer(question, sources=["*.txt"]).answered
        rows = rag.answer_each(question)
        assert next(rows).source == "bridge.txt"
        (docs / "old" / "tower.md").rename(docs / "tower.md")
        rag.sync()
        assert next(rows).answer.reasons == (Reason("no longer indexed"),)  # and no other file of that name is asked in its place


def test_the_shell_says_what_is_not_searched(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_INDEX_DIR", str(tmp_path / "index"))
    (docs / "torn.txt").write_bytes(b"\xef\xbb\xbfabc\xff")
    ask = ["ask", "How high is the Elmet tower?", "--docs", str(docs)]
    assert main([*ask, "--source", "torn.txt"]) == 2
    assert "torn.txt failed: starts like utf-8 but is damaged at byte 6" in capsys.readouterr().err
    assert main([*ask, "--source", "*.md", "--each"]) == 0
    assert "tower.md" in capsys.readouterr().out
